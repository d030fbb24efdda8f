"""The published flows as the engine reads them. A version never changes, so each process reads it once."""

from sqlalchemy.orm import Session

from bot.language.model import Flow
from core import flows


class Catalog:
    """Flows by the id of their version, read from the database at first need and kept: a shop has dozens, not millions."""

    def __init__(self) -> None:
        self._flows: dict[int, Flow] = {}

    def flow(self, session: Session, version_id: int) -> Flow:
        """The flow of one version."""
        if version_id not in self._flows:
            self._flows[version_id] = Flow.model_validate(flows.version(session, version_id).document)
        return self._flows[version_id]

    def published(self, session: Session) -> dict[int, Flow]:
        """The flows that new conversations begin with, by their versions' ids."""
        return {version_id: self.flow(session, version_id) for version_id in flows.published_ids(session)}
