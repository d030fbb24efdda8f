"""The flows that a trial can reach: the one under trial, and those beside it, as if all of them were published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.events import Inbound
from bot.language import moments, starts
from bot.language.model import Audience, Flow
from bot.language.model.times import instant


@dataclass(frozen=True)
class Version:
    """A flow and its number, which stands for a published version's id."""

    number: int
    flow: Flow


@dataclass(frozen=True, order=True)
class Coming:
    """A moment, and the number of the flow that it begins for this audience."""

    at: datetime
    number: int
    audience: Audience = field(compare=False)


class Stage:
    """The flows by their numbers, from 1, each name once; the one under trial comes first."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        named: dict[str, Flow] = {}
        for flow in flows:
            named.setdefault(flow.flow, flow)
        self._versions = [Version(number, flow) for number, flow in enumerate(named.values(), 1)]

    def find(self, name: str) -> tuple[int, Flow] | None:
        """A flow by its name, as the engine asks for one to call."""
        return next(((one.number, one.flow) for one in self._versions if one.flow.flow == name), None)

    def flow(self, version_id: int) -> Flow:
        """A flow by its number."""
        return self._versions[version_id - 1].flow

    def started_by(self, event: Inbound, *, is_asked: bool) -> Version | None:
        """The flow that the event starts; `is_asked`: a question is open, whose answer it may be."""
        return starts.match(self._versions, event, is_asked=is_asked)

    def answers_otherwise(self, event: Inbound) -> Version | None:
        """The flow that answers what nothing else does."""
        return starts.otherwise(self._versions, event)

    def moments(self, after: datetime, until: datetime, timezone: ZoneInfo) -> list[Coming]:
        """The moments after one time up to another, in their order."""
        return sorted(one for one in self._moments(timezone) if after < one.at <= until)

    def _moments(self, timezone: ZoneInfo) -> Iterator[Coming]:
        for version in self._versions:
            for coming in moments.of_flow(version.flow):
                yield Coming(instant(coming.at, timezone), version.number, coming.audience)
