"""How many people would be moved to a version of a flow, and how many would not: at which steps, and why."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import versions
from bot.language.graph import Node, graph
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.moving.carrying import Carrier, Stays
from bot.state import Frame, State
from core import moves
from core.moves import Standing
from core.reasons import Reason
from db.tables import FlowVersion


@dataclass(frozen=True)
class Left:
    """So many `people` stay in a version, at a step of it, for a reason. `step` None: the version has no such step."""

    number: int
    step: Node | None
    reason: Reason
    detail: str
    people: int


@dataclass(frozen=True)
class Forecast:
    """How many people of older versions would move, and who would not, the most first."""

    movable: int = 0
    left: tuple[Left, ...] = ()

    @property
    def staying(self) -> int:
        """How many people would not move."""
        return sum(left.people for left in self.left)

    @property
    def people(self) -> int:
        """How many are in older versions."""
        return self.movable + self.staying


def forecast(session: Session, flow: Flow, number: int, known: Known) -> Forecast:
    """For this version, published under this number or about to be. Nothing is locked: people go on meanwhile.

    People who stand alike are judged once: the database counts them.
    """
    movable, left = 0, list[Left]()
    for version in moves.older_versions(session, flow.flow, number):
        old, people = versions.read(version), moves.standing(session, version.id)
        if isinstance(old, Mistake):
            count = sum(one.people for one in people)
            left += [Left(version.number, None, Reason.FLOW_UNREADABLE, "", count)] if count else []
            continue
        carrier, stays = Carrier(old, flow, known), Counter[Stays]()
        for one in people:
            carried = carrier.carried(_state(one))
            if isinstance(carried, Stays):
                stays[carried] += one.people
            else:
                movable += one.people
        left += _left(version, old, stays)
    return Forecast(movable, tuple(sorted(left, key=lambda one: -one.people)))


def _state(standing: Standing) -> State:
    """The state of somebody who stands there: what they have answered decides nothing, but that they have."""
    return State(
        step=standing.step,
        answers=dict.fromkeys(standing.answers, ""),
        version_id=standing.version_id,
        frames=tuple(
            Frame(caller.version_id, caller.step, dict.fromkeys(caller.answers, "")) for caller in standing.callers
        ),
        coupon={"url": ""} if standing.has_coupon else {},
    )


def _left(version: FlowVersion, old: Flow, stays: Counter[Stays]) -> list[Left]:
    nodes = {node.index: node for node in graph(old).nodes} if stays else {}
    return [Left(version.number, nodes.get(why.step), why.reason, why.detail, people) for why, people in stays.items()]
