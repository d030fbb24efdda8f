"""How far coupons have come: sent, opened, redeemed, verified, as numbers and as a small picture."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core import statistics
from web.words import say

WIDEST = 100  # of the picture's bars


@dataclass(frozen=True)
class Step:
    """A step of the funnel: what it is called, how many came so far, and how wide its bar is."""

    name: str
    words: str
    count: int
    width: int


@dataclass(frozen=True)
class Funnel:
    """The steps of one campaign."""

    steps: tuple[Step, ...]

    @property
    def told(self) -> str:
        """The picture in words."""
        return say("、", ", ").join(f"{step.words} {step.count:,}" for step in self.steps)


def of_campaigns(session: Session, ids: Collection[int]) -> dict[int, Funnel]:
    """The funnel of each of these campaigns."""
    found = statistics.funnels(session, ids)
    return {key: Funnel(_steps(one.sent, one.opened, one.redeemed, one.verified)) for key, one in found.items()}


def _steps(*counts: int) -> tuple[Step, ...]:
    names = {
        "sent": say("發送", "Sent"),
        "opened": say("開啟", "Opened"),
        "redeemed": say("兌換", "Redeemed"),
        "verified": say("核銷", "Verified"),
    }
    most = max(1, *counts)
    return tuple(
        Step(name, words, count, -(-count * WIDEST // most))  # what is there at all is seen
        for (name, words), count in zip(names.items(), counts, strict=True)
    )
