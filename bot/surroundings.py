"""What surrounds a flow's file while it is checked: the files beside it, the other flows, and the shop's campaigns."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot import versions
from bot.language import shared, starts
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.sentences import Sentence
from core import campaigns, flows

TEXTS = "texts"  # the folder of shared texts, beside the flow files


def known(session: Session, now: datetime, timezone: ZoneInfo | None = None) -> Known:
    """What the shop knows: its campaigns, the published flows that can be read, and its `timezone` for moments."""
    published = versions.readable(flows.version(session, number) for number in flows.in_use(session).values())
    by_name = {flow.flow: flow for flow in published}
    return Known(
        campaigns=frozenset(campaigns.slugs(session)),
        starts=_starts(by_name),
        flows=by_name,
        gone=frozenset(by_name),
        unsent=campaigns.unsent(session),
        periods=campaigns.ends_of_sending(session),
        beginnings=campaigns.beginnings_of_sending(session),
        now=now,
        timezone=timezone,
        has_members=False,  # core/ knows of no membership so far, and turns are told of none
    )


def among(others: Mapping[str, Flow], beside: frozenset[str], checked: frozenset[str], shop: Known) -> Known:
    """What is known to a flow among the others, of which some have their files `beside`, or are `checked` with it."""
    published, named = frozenset(shop.flows or ()), frozenset(others)
    return replace(
        shop,
        flows=others,
        starts=_starts(others),
        unpublished=named - published - checked,
        gone=(named & published) - beside - checked,
    )


def _starts(by_name: Mapping[str, Flow]) -> dict[starts.Mark, str]:
    return {mark: name for name, flow in by_name.items() for _, mark in starts.marks(flow)}


def beside(file: Path, shop: Known) -> tuple[Known, list[Mistake]]:
    """What is known with the files beside this one, and the mistakes in its shared texts."""
    texts: dict[str, object] = {}
    mistakes: list[Mistake] = []
    for texts_file in sorted((file.parent / TEXTS).glob("*.yaml")):
        try:
            found, wrong = shared.texts_in(texts_file.read_text(encoding="utf-8"), str(texts_file))
        except (OSError, UnicodeDecodeError) as error:
            found, wrong = {}, [_unreadable(texts_file, error)]
        texts |= found
        mistakes += wrong
    surrounded = replace(
        shop,
        has_picture=lambda name: path_of(file, name) is not None,
        texts=texts,
        read_file=lambda name: _text_of(file, name),
    )
    return surrounded, mistakes


def _unreadable(file: Path, error: Exception) -> Mistake:
    message = Sentence(
        "file_unreadable",
        f"檔案讀不了，請存成 UTF-8 文字檔（{error}）",
        f"the file cannot be read as UTF-8 text: {error}",
    )
    return Mistake(str(file), 1, 1, message)


def path_of(file: Path, name: str) -> Path | None:
    """The path of what a flow's file names, where it is a file in the same folder or below it."""
    try:
        path, folder = (file.parent / name).resolve(), file.parent.resolve()
        return path if path.is_file() and path.is_relative_to(folder) else None
    except (OSError, RuntimeError):  # a name that is too long, a folder that is closed, links that lead in a circle
        return None


def _text_of(file: Path, name: str) -> str | None:
    path = path_of(file, name)
    try:
        return path.read_text(encoding="utf-8") if path else None
    except (OSError, UnicodeDecodeError):
        return None
