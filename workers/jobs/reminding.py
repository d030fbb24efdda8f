"""Going on where waits are over: reminders, and what comes after a coupon was redeemed. Live chat goes before it."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from bot import conversation
from bot.conversation import Stopped
from bot.turns import Desk
from core import clock, standings, waits
from core.dispatch import Letter
from db import locks
from db.tables import Contact
from workers import answering, context, draining
from workers.context import Context
from workers.draining import BATCH

log = structlog.get_logger(__name__)


def remind(place: int) -> None:
    """Resume what is due, batch by batch; where there is more than one, another job helps at the next `place`."""
    draining.drain(context.current(), "waits", place, _batch)


def _batch(work: Context) -> int:
    """Resume up to BATCH contacts; how many were looked at. Where one of them fails, only the first is tried."""
    try:
        return _together(work, BATCH, [])
    except Exception as error:
        if answering.is_the_databases(error):
            raise
    return _alone(work)


def _alone(work: Context) -> int:
    due: list[int] = []
    try:
        return _together(work, 1, due)
    except Exception as error:
        if answering.is_the_databases(error) or not due:
            raise
        if not isinstance(error, Stopped):
            log.exception("wait_broke", contact_id=due[0])
        _stop(work, due[0], conversation.stopped_by(error))
    return 1


def _together(work: Context, count: int, due: list[int]) -> int:
    with work.database.write() as session:
        found = waits.take_due(session, clock.now(), count)
        due += [contact.id for contact in found]
        letters = _resumed(session, work, found)
        requests = answering.store(session, work, letters)
    answering.send(work, letters, requests)
    return len(found)


def _resumed(session: Session, work: Context, due: Sequence[Contact]) -> list[Letter]:
    now = clock.now()
    found = standings.read(session, [contact.id for contact in due], now)
    desk = Desk(session, work.catalog, work.shop, now)
    letters = (conversation.resume(desk, contact, found[contact.id]) for contact in due)
    return [letter for letter in letters if letter]


def _stop(work: Context, contact_id: int, stopped: Stopped) -> None:
    """Leave the contact where it stands by now, unless it has gone on meanwhile."""
    log.warning("flow_stopped", contact_id=contact_id, reason=stopped.reason, detail=stopped.detail)
    now = clock.now()
    with work.database.write() as session:
        contact = locks.contact(session, contact_id)
        standing = standings.read(session, [contact.id], now)[contact.id]
        if standing.wait and standing.conversation:
            desk = Desk(session, work.catalog, work.shop, now)
            conversation.stop(desk, contact, standing, Stopped(None, stopped.reason, stopped.detail))
