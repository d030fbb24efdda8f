"""From a flow file to a published version: read, check, keep the pictures, store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from bot.language import model, source
from bot.language.check import Known, check
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.rehearsal import telling
from bot.rehearsal.trial import trials
from core import campaigns, flows, images
from core.flows import Draft
from core.images import ImageError
from db.tables import FlowVersion


@dataclass(frozen=True)
class Checked:
    """A file that was read, and every mistake in it; with an error among them it cannot be published."""

    file: Path
    source: str
    flow: Flow | None
    mistakes: tuple[Mistake, ...]

    @property
    def is_good(self) -> bool:
        """Whether there is a flow without an error; warnings do not count."""
        return self.flow is not None and all(mistake.is_warning for mistake in self.mistakes)


def check_file(file: Path, known_campaigns: frozenset[str] | None) -> Checked:
    """Read and check one file; `known_campaigns` None: campaigns are not checked."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Checked(file, "", None, (Mistake(str(file), 1, 1, f"the file cannot be read as UTF-8 text: {error}"),))
    known = Known(known_campaigns, lambda picture: _beside(file, picture) is not None)
    flow, mistakes = check(text, str(file), known)
    return Checked(file, text, flow, (*mistakes, *_bad_pictures(file, flow)))


def campaigns_known(session: Session) -> frozenset[str]:
    """The campaigns that a flow may send coupons of."""
    return frozenset(campaigns.slugs(session))


def tried(checked: Checked, others: Sequence[Flow] = ()) -> tuple[Mistake, ...]:
    """A mistake for each of the flow's own conversations that goes otherwise; `others` are the flows it may call."""
    read = source.read(checked.source, str(checked.file))
    if checked.flow is None or isinstance(read, Mistake):
        return ()
    return tuple(telling.mistakes(read, trials(checked.flow, others)))


def publish(
    session: Session,
    checked: Checked,
    now: datetime,
    others: Sequence[Flow] = (),
) -> tuple[FlowVersion, bool]:
    """Publish a checked file; the second value is False where this very text is published already.

    Raises:
        ValueError: there is an error in it, or one of its conversations goes otherwise, with these `others`.
    """
    if tried(checked, others):
        raise ValueError(f"{checked.file} has conversations that go otherwise and cannot be published.")
    if checked.flow is None or not checked.is_good:
        raise ValueError(f"{checked.file} has mistakes and cannot be published.")
    pictures = {
        name: images.store(session, path.read_bytes(), name)
        for name in pictures_of(checked.flow)
        if (path := _beside(checked.file, name))
    }
    document = checked.flow.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"conversations"})
    return flows.publish(session, Draft(checked.flow.flow, checked.source, document, pictures), now)


def pictures_of(flow: Flow) -> list[str]:
    """The pictures that stand beside the file, each once."""
    said = [step.say.image for step in flow.steps if isinstance(step, model.Say)]
    asked = [step.ask.image for step in flow.steps if isinstance(step, model.Ask)]
    return list(dict.fromkeys(name for name in (*said, *asked) if name and not name.startswith("https://")))


def _beside(file: Path, picture: str) -> Path | None:
    """The picture's path, where it is a file in the flow file's own folder or below it."""
    path, folder = (file.parent / picture).resolve(), file.parent.resolve()
    return path if path.is_file() and path.is_relative_to(folder) else None


def _bad_pictures(file: Path, flow: Flow | None) -> list[Mistake]:
    mistakes = []
    for name in pictures_of(flow) if flow else []:
        path = _beside(file, name)
        try:
            if path:
                images.examine(path.read_bytes(), name)
        except ImageError as error:
            mistakes.append(Mistake(str(file), 1, 1, str(error)))
    return mistakes
