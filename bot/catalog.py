"""The published flows as the engine reads them. A version never changes, so each process reads it once."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.language.model import Flow
from core import flows


@dataclass(frozen=True)
class Published:
    """A flow's version: what it says, and the stored pictures (image ids) by their names in the file."""

    version_id: int
    flow: Flow
    pictures: dict[str, str]


class Catalog:
    """Versions by id, read from the database at first need and kept: a shop has dozens, not millions."""

    def __init__(self) -> None:
        self._kept: dict[int, Published] = {}

    def version(self, session: Session, version_id: int) -> Published:
        """One version."""
        if version_id not in self._kept:
            row = flows.version(session, version_id)
            self._kept[version_id] = Published(version_id, Flow.model_validate(row.document), dict(row.pictures))
        return self._kept[version_id]

    def published(self, session: Session) -> list[Published]:
        """The versions that new conversations begin with, in the order of their flows' names."""
        return [self.version(session, version_id) for version_id in flows.published_ids(session)]
