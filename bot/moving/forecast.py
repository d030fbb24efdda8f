"""How many people would be moved to a version of a flow, and how many would not: at which steps, and why."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.language.graph import Node, graph
from bot.language.known import Known
from bot.language.model import Flow
from bot.moving.carrying import Carrier, Stays
from bot.state import State
from core import moves
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
    """For this version, published under this number or about to be. Nothing is locked: people go on meanwhile."""
    movable, left = 0, list[Left]()
    for version in moves.older_versions(session, flow.flow, number):
        old = Flow.model_validate(version.document)
        carrier, stays = Carrier(old, flow, known), Counter[Stays]()
        for page in moves.under_way(session, version.id):
            for _, state in page:
                carried = carrier.carried(State.from_json(state))
                if isinstance(carried, Stays):
                    stays[carried] += 1
                else:
                    movable += 1
        left += _left(version, old, stays)
    return Forecast(movable, tuple(sorted(left, key=lambda one: -one.people)))


def _left(version: FlowVersion, old: Flow, stays: Counter[Stays]) -> list[Left]:
    nodes = {node.index: node for node in graph(old).nodes} if stays else {}
    return [Left(version.number, nodes.get(why.step), why.reason, why.detail, people) for why, people in stays.items()]
