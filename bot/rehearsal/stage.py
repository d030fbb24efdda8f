"""The flows that a trial can reach: the one under trial, and those beside it, as if all of them were published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.language import moments
from bot.language.model import Audience, Flow
from bot.language.model.times import instant


@dataclass(frozen=True)
class Version:
    """A flow, and its number in the place of a published version's id."""

    version_id: int
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
        self.versions = [Version(number, flow) for number, flow in enumerate(named.values(), 1)]

    def find(self, name: str) -> tuple[int, Flow] | None:
        """A flow by its name, as the engine asks for one to call."""
        return next(((one.version_id, one.flow) for one in self.versions if one.flow.flow == name), None)

    def flow(self, version_id: int) -> Flow:
        """A flow by its number."""
        return self.versions[version_id - 1].flow

    def moments(self, after: datetime, until: datetime, timezone: ZoneInfo) -> list[Coming]:
        """The moments after one time up to another, in their order."""
        return sorted(one for one in self._moments(timezone) if after < one.at <= until)

    def _moments(self, timezone: ZoneInfo) -> Iterator[Coming]:
        for version in self.versions:
            for coming in moments.of_flow(version.flow):
                yield Coming(instant(coming.at, timezone), version.version_id, coming.audience)
