"""From a flow file to a published version: read, check, keep the pictures, store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot import following, surroundings
from bot.language import source, walk
from bot.language.check import check
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.rehearsal import telling
from bot.rehearsal.trial import trials
from bot.sentences import Sentence
from core import flows, images
from core.flows import Draft, Origin, Overtaken
from core.images import ImageError, Offered
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import FlowVersion


@dataclass(frozen=True)
class Checked:
    """A file that was read, and every mistake in it; with an error among them it cannot be published.

    `pictures` are those that it names and that stand beside it.
    """

    file: Path
    source: str
    flow: Flow | None
    mistakes: tuple[Mistake, ...]
    pictures: tuple[Offered, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether there is a flow without an error; warnings do not count."""
        return self.flow is not None and all(mistake.is_warning for mistake in self.mistakes)


def check_files(files: Sequence[Path], known: Known) -> list[Checked]:
    """Read and check files together: each knows the flows of the others, and of all files that are beside them."""
    every = sorted({*files, *(other for file in files for other in file.parent.glob("*.yaml"))})
    flows_in = {file: flow for file in every if (flow := check_file(file).flow)}
    beside = {flow.flow: flow for flow in flows_in.values()}
    around = {**(known.flows or {}), **beside}
    together = frozenset(flow.flow for file, flow in flows_in.items() if file in files)
    checked: list[Checked] = []
    for file in files:
        own = flows_in.get(file)
        name = own.flow if own else ""
        others = {other: flow for other, flow in around.items() if other != name}
        one = check_file(file, surroundings.among(others, frozenset(beside), together, known))
        rivals = (other for other, flow in flows_in.items() if flow.flow == name and other != file)
        same = tuple(Mistake(str(file), 1, 1, _same_name(name, rival)) for rival in rivals)
        told = {mistake for other in checked for mistake in other.mistakes}  # of shared texts, once
        checked.append(replace(one, mistakes=(*same, *(found for found in one.mistakes if found not in told))))
    return checked


def _same_name(name: str, rival: Path) -> Sentence:
    return Sentence(
        "flow_name_twice", f"檔案 {rival} 裡也有流程「{name}」", f"the file {rival} has a flow {name!r} too"
    )


def check_file(file: Path, known: Known | None = None) -> Checked:
    """Read and check one file, with what is beside it; `known` None: nothing else is known."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = Sentence(
            "file_unreadable",
            f"檔案讀不了，請存成 UTF-8 文字檔（{error}）",
            f"the file cannot be read as UTF-8 text: {error}",
        )
        return Checked(file, "", None, (Mistake(str(file), 1, 1, message),))
    beside, found = surroundings.beside(file, known or Known())
    flow, mistakes = check(text, str(file), beside)
    pictures = _beside(file, flow) if flow else ()
    return Checked(file, text, flow, (*found, *mistakes, *_bad(pictures, file)), pictures)


def tried(checked: Checked, others: Sequence[Flow] = ()) -> list[Mistake]:
    """A mistake for each of the flow's own conversations that goes otherwise; `others` are the flows it may call."""
    read = source.read(checked.source, str(checked.file))
    if checked.flow is None or isinstance(read, Mistake):
        return []
    return list(telling.mistakes(read, trials(checked.flow, others)))


@dataclass(frozen=True)
class Proven:
    """A text without an error, whose conversations go as they are written, and beside what that was found.

    `beside` are the versions in use then, by their flows' names, without those of the flows that are published
    `together` with it. Its pictures are drawn.
    """

    checked: Checked
    beside: Mapping[str, int]
    together: frozenset[str]


def proven(
    checked: Checked, others: Sequence[Flow], in_use: Mapping[str, int], together: Collection[str] = ()
) -> Proven | Refused:
    """The text proven beside these `others`, which are the versions `in_use` and those published `together` with it.

    It takes as long as the conversations in the text do, and a while for each picture: no transaction may be open
    meanwhile.
    """
    flow = checked.flow
    if flow is None or not checked.is_good:
        return Refused(Reason.FLOW_HAS_MISTAKES, flow.flow if flow else checked.file.stem)
    if tried(checked, others):
        return Refused(Reason.FLOW_TALKS_OTHERWISE, flow.flow)
    for picture in checked.pictures:
        _ = picture.drawn
    names = frozenset({flow.flow, *together})
    return Proven(checked, {name: number for name, number in in_use.items() if name not in names}, names)


def publish(
    session: Session, text: Proven, now: datetime, *, over_console: bool = False
) -> tuple[FlowVersion, bool] | Refused:
    """Publish a file's text; the second value is False where this very text is published already."""
    return store(session, text, _draft(session, text.checked), now, _origin(text.checked, over_console=over_console))


def store(
    session: Session, text: Proven, draft: Draft, now: datetime, origin: Origin
) -> tuple[FlowVersion, bool] | Refused:
    """Publish the draft of a text, unless what it was proven beside has changed, or it is overtaken."""
    return (
        changed(session, text) or flows.overtaken(session, draft, origin) or flows.publish(session, draft, now, origin)
    )


def changed(session: Session, text: Proven) -> Refused | None:
    """Why nobody knows whether the text is still good: other flows were published since. Or None, as `overtaken`."""
    locks.publishing(session)
    in_use = flows.in_use(session)
    beside = {name: number for name, number in in_use.items() if name not in text.together}
    name = text.checked.flow.flow if text.checked.flow else ""
    return None if beside == text.beside else Refused(Reason.FLOW_OTHERS_CHANGED, name)


def overtaken(session: Session, checked: Checked, *, over_console: bool = False) -> Overtaken | None:
    """Why a good file must not be published: somebody published in the console what it does not follow. Or None."""
    return flows.overtaken(session, _draft(session, checked), _origin(checked, over_console=over_console))


def document(flow: Flow) -> dict[str, Any]:
    """What is kept of a flow to be run."""
    return flow.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"conversations"})


def _origin(checked: Checked, *, over_console: bool) -> Origin:
    return Origin(based_on=None if over_console else following.split(checked.source)[0])


def _draft(session: Session, checked: Checked) -> Draft:
    """What of a good file is published; its pictures, which `proven` has drawn, are stored."""
    if checked.flow is None:
        raise ValueError(f"{checked.file} cannot be read.")
    locks.publishing(session)  # before the pictures: of two who store the same ones, one would wait for the other
    pictures = {picture.name: images.take(session, picture) for picture in checked.pictures}
    return Draft(checked.flow.flow, following.split(checked.source)[1], document(checked.flow), pictures)


def pictures_of(flow: Flow) -> list[str]:
    """The pictures that stand beside the file, each once."""
    named = (name for _, name in walk.pictures_of(flow))
    return list(dict.fromkeys(name for name in named if name and not name.startswith("https://")))


def _beside(file: Path, flow: Flow) -> tuple[Offered, ...]:
    paths = {name: surroundings.path_of(file, name) for name in pictures_of(flow)}
    return tuple(Offered(name, path.read_bytes()) for name, path in paths.items() if path)


def _bad(pictures: Sequence[Offered], file: Path) -> list[Mistake]:
    mistakes = []
    for picture in pictures:
        try:
            images.examine(picture.content, picture.name)
        except ImageError as error:
            mistakes.append(Mistake(str(file), 1, 1, Sentence("picture_unusable", error.zh, error.en)))
    return mistakes
