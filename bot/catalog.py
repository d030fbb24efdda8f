"""The published flows as the engine reads them. A version never changes, so each process reads it once."""

import time
from dataclasses import dataclass

import structlog
from pydantic import ValidationError
from sqlalchemy.orm import Session

from bot.language.model import Flow
from core import flows

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Published:
    """A flow's version: what it says, and the stored pictures (image ids) by their names in the file."""

    version_id: int
    flow: Flow
    pictures: dict[str, str]


class Catalog:
    """Versions by id, read from the database at first need and kept: a shop has dozens, not millions.

    Which of them are published is asked anew after `seconds`.
    """

    def __init__(self, seconds: float = 0) -> None:
        self._kept: dict[int, Published] = {}
        self._seconds = seconds
        self._published: list[Published] = []
        self._asked_at = float("-inf")

    def version(self, session: Session, version_id: int) -> Published:
        """One version."""
        if version_id not in self._kept:
            row = flows.version(session, version_id)
            self._kept[version_id] = Published(version_id, Flow.model_validate(row.document), dict(row.pictures))
        return self._kept[version_id]

    def published(self, session: Session) -> list[Published]:
        """The versions that new conversations begin with, in the order of their flows' names."""
        now = time.monotonic()
        if now - self._asked_at >= self._seconds:
            read = (self.readable(session, version_id) for version_id in flows.published_ids(session))
            self._published = [version for version in read if version]
            self._asked_at = now
        return self._published

    def readable(self, session: Session, version_id: int) -> Published | None:
        """The version; None, and a line in the log, where an older Tessera stored what this one refuses.

        Nobody begins such a flow until it is published anew; all others go on.
        """
        try:
            return self.version(session, version_id)
        except ValidationError as error:
            log.warning("flow_unreadable", flow_version_id=version_id, error=str(error))
            return None


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
        """The flow of a version."""
        return self.catalog.version(self.session, version_id).flow
