"""The published flows as the engine reads them. A version never changes, so each process reads it once."""

import time
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from bot import versions
from bot.engine import FlowFailure
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from core import flows
from core.reasons import Reason

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Published:
    """A flow's version: what it says, and the stored pictures (image ids) by their names in the file."""

    version_id: int
    flow: Flow
    pictures: dict[str, str]


@dataclass(frozen=True)
class Unreadable:
    """A version of the flow of that name which an older Tessera stored and this one cannot read, and why."""

    flow: str
    why: str


class Catalog:
    """Versions by id, read from the database at first need and kept: a shop has dozens, not millions.

    Which of them are published is asked anew after `seconds`.
    """

    def __init__(self, seconds: float = 0) -> None:
        self._kept: dict[int, Published | Unreadable] = {}
        self._seconds = seconds
        self._published: list[Published] = []
        self._asked_at = float("-inf")

    def version(self, session: Session, version_id: int) -> Published:
        """One version.

        Raises:
            FlowFailure: an older Tessera stored what this one cannot read.
        """
        found = self._found(session, version_id)
        if isinstance(found, Unreadable):
            raise FlowFailure(Reason.FLOW_UNREADABLE, found.flow, None, found.why)
        return found

    def readable(self, session: Session, version_id: int) -> Published | None:
        """The same; None where it cannot be read."""
        found = self._found(session, version_id)
        return found if isinstance(found, Published) else None

    def published(self, session: Session) -> list[Published]:
        """The versions that new conversations begin with and that can be read, in the order of their flows' names."""
        now = time.monotonic()
        if now - self._asked_at >= self._seconds:
            read = (self.readable(session, version_id) for version_id in flows.in_use(session).values())
            self._published = [version for version in read if version]
            self._asked_at = now
        return self._published

    def _found(self, session: Session, version_id: int) -> Published | Unreadable:
        if version_id not in self._kept:
            row = flows.version(session, version_id)
            flow = versions.read(row)
            if isinstance(flow, Mistake):
                log.warning("flow_unreadable", flow_version_id=version_id, error=str(flow))
                self._kept[version_id] = Unreadable(row.document.get("flow", ""), str(flow))
            else:
                self._kept[version_id] = Published(version_id, flow, dict(row.pictures))
        return self._kept[version_id]


@dataclass(frozen=True)
class Shelf:
    """The catalogue within one transaction: the `engine.Library` of the flows that a flow may call."""

    session: Session
    catalog: Catalog

    def find(self, name: str) -> tuple[int, Flow] | None:
        """The published version of a flow."""
        found = (one for one in self.catalog.published(self.session) if one.flow.flow == name)
        return next(((one.version_id, one.flow) for one in found), None)

    def flow(self, version_id: int) -> Flow:
        """The flow of a version; raises FlowFailure where it cannot be read."""
        return self.catalog.version(self.session, version_id).flow
