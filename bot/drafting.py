"""A flow's text in the console: checked beside all that is published, tried, and published."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot import publishing, surroundings
from bot.borrowed import Borrowed, borrowed
from bot.language.check import check
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.publishing import Checked, Proven
from bot.sentences import Sentence
from core import flow_history, flows
from core.flows import Draft, Origin
from core.refusal import Refused
from db.tables import FlowVersion


@dataclass(frozen=True)
class Desk:
    """What the drafts of one flow are checked with: the shop, all other flows, and what its versions have borrowed.

    `in_use` are the ids of the versions that are published, by their flows' names.
    """

    name: str
    known: Known
    beside: Borrowed
    in_use: Mapping[str, int]

    @property
    def others(self) -> list[Flow]:
        """The flows that it may call, or that a customer may start."""
        return list((self.known.flows or {}).values())


def desk(session: Session, name: str, now: datetime, timezone: ZoneInfo, number: int = 0) -> Desk:
    """The desk for a flow as all is now in the shop; `number` is an older version that its text comes from."""
    in_use = flows.in_use(session)  # before all else: what is published from here on makes the desk an old one
    shop = surroundings.known(session, now, timezone)
    others = {other: flow for other, flow in (shop.flows or {}).items() if other != name}
    known = surroundings.among(others, frozenset(others), frozenset(others), shop)
    every = [flows.version(session, version_id) for version_id in in_use.values()]
    own = [flow_history.numbered(session, name, number) for number in [*_useful(session, name), number]]
    beside = borrowed([*every, *filter(None, own)])
    pictures = borrowed(filter(None, own)).pictures
    known = replace(known, texts=beside.texts, read_file=beside.files.get, has_picture=pictures.__contains__)
    return Desk(name, known, replace(beside, pictures=pictures), in_use)


def _useful(session: Session, name: str) -> list[int]:
    """The versions whose texts, pictures and files a draft may name, the most important last."""
    entries = flow_history.of_flow(session, name)
    from_files = next((entry.number for entry in entries if entry.via == "files"), 0)
    return [from_files, *(entry.number for entry in entries if entry.is_published)]


def checked(desk: Desk, text: str) -> Checked:
    """The text and all mistakes in it; its flow must have the draft's name."""
    file = f"{desk.name}.yaml"
    flow, mistakes = check(text, file, desk.known)
    if flow and flow.flow != desk.name:
        line = next((place for place, words in enumerate(text.splitlines(), 1) if words.startswith("flow:")), 1)
        wrong = Sentence(
            "flow_renamed",
            f"這是流程「{desk.name}」，但這裡寫的名稱是「{flow.flow}」：要用別的名稱，請新增流程",
            f"this is the flow {desk.name!r}, but its name here is {flow.flow!r}: make a new flow to give another",
        )
        mistakes = [Mistake(file, line, 1, wrong), *mistakes]
    return Checked(Path(file), text, flow, tuple(mistakes))


def proven(desk: Desk, text: str) -> Proven | Refused:
    """A text of the console, proven beside all that the desk knows; as `publishing.proven`."""
    return publishing.proven(checked(desk, text), desk.others, desk.in_use, {desk.name})


def publish(
    session: Session, desk: Desk, text: Proven, origin: Origin, now: datetime
) -> tuple[FlowVersion, bool] | Refused:
    """Publish a text that was proven at this desk; the second value is False where it is published already."""
    flow, source = text.checked.flow, text.checked.source
    if flow is None:
        raise ValueError(f"{desk.name} cannot be read.")
    pictures = {
        name: desk.beside.pictures[name] for name in publishing.pictures_of(flow) if name in desk.beside.pictures
    }
    return publishing.store(session, text, Draft(desk.name, source, publishing.document(flow), pictures), now, origin)
