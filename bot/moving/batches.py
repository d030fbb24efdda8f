"""People moved to the newest version of a flow, a hundred a transaction."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from bot import surroundings, versions
from bot.language.mistakes import Mistake
from bot.moving.carrying import Carrier, Stays
from bot.state import State
from core import audit, clock, flows, moves
from core.audit import Deed, Doer
from db import locks
from db.database import Database
from db.tables import FlowVersion

BATCH = 100  # people a transaction: a live conversation that comes meanwhile waits for no more

SOMEBODY = Doer()

log = structlog.get_logger(__name__)


@dataclass
class Moved:
    """How many people were moved to the version with this number. `is_whole`: there was time to look at everybody."""

    number: int
    people: int = 0
    is_whole: bool = True


def move(database: Database, name: str, seconds: float = float("inf"), doer: Doer = SOMEBODY) -> Moved | None:
    """Move who can be moved from older versions to the one that is published, for so long; None: nothing is published.

    Each person is moved under their lock, wholly or not at all, and looked at anew once it is held. What is done stays
    done, so that it can be broken off and begun again at any point. Where another version is published meanwhile,
    it ends: nobody is moved to a version that is no longer the newest. To one that cannot be read, nobody is moved.
    The audit log has it once, with the first who are moved.
    """
    deadline = time.monotonic() + seconds
    with database.read() as session:
        newest = flows.published(session, name)
        if newest is None:
            return None
        new, known = versions.read(newest), surroundings.known(session, clock.now())
        older = moves.older_versions(session, name, newest.number)
    moved = Moved(newest.number)
    for version in older:
        old = versions.read(version)
        if isinstance(new, Mistake) or isinstance(old, Mistake):
            continue
        carrier = Carrier(old, new, known)
        for contact_ids in _movable(database, version.id, carrier):
            if time.monotonic() > deadline:
                moved.is_whole = False
                return moved
            if not contact_ids:
                continue
            with database.write() as session:
                people = _batch(session, contact_ids, version, newest, carrier)
                if people and not moved.people:
                    deed = Deed("flow.people_moved", "flow", name, {"to version": newest.number})
                    audit.record(session, doer, deed, clock.now())
            if people is None:
                moved.is_whole = False
                return moved
            moved.people += people
            log.info("flow_people_moved", flow=name, from_number=version.number, to_number=newest.number, people=people)
    return moved


def _movable(database: Database, version_id: int, carrier: Carrier) -> Iterator[Sequence[int]]:
    """Whom to move, in batches, by a first look that locks nobody: who stays is not held up.

    Read page by page, so that time is looked at after each; a page in which nobody can be moved is an empty batch.
    """
    after = 0
    while True:
        with database.read() as session:
            page = moves.under_way(session, version_id, after)
        if not page:
            return
        after = page[-1][0]
        found = [
            contact_id for contact_id, state in page if not isinstance(carrier.carried(State.from_json(state)), Stays)
        ]
        for first in range(0, max(len(found), 1), BATCH):
            yield found[first : first + BATCH]


def _batch(
    session: Session, contact_ids: Sequence[int], old: FlowVersion, newest: FlowVersion, carrier: Carrier
) -> int | None:
    """How many of them were moved; None where another version is the newest by now. Until the end this one stays it."""
    if locks.flow_kept(session, newest.flow_id).published_number != newest.number:
        return None
    people = 0
    for conversation, wait in moves.hold(session, contact_ids, old.id):
        carried = carrier.carried(State.from_json(conversation.state))
        if isinstance(carried, Stays) or (wait and wait.flow_version_id != old.id):
            continue  # it has gone on since the first look
        moves.move(conversation, wait, newest.id, carried.to_json())
        people += 1
    return people
