"""Going on where waits are over: reminders, and what comes after a coupon was redeemed. Live chat goes before it."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from bot import conversation
from bot.conversation import Stopped
from bot.storable import storable
from bot.turns import Desk
from core import clock, conversations, standings, waits
from core.dispatch import Letter
from core.outbox import Request
from core.reasons import Reason
from db.tables import Contact
from db.trouble import is_trouble
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
        return _together(work)
    except Exception as error:
        if is_trouble(error):
            raise
    return _alone(work)


def _together(work: Context) -> int:
    with work.database.write() as session:
        due = waits.take_due(session, clock.now(), BATCH)
        letters, requests = _resume(session, work, due)
    answering.send(work, letters, requests)
    return len(due)


def _resume(session: Session, work: Context, due: Sequence[Contact]) -> tuple[list[Letter], list[Request]]:
    now = clock.now()
    found = standings.read(session, [contact.id for contact in due], now)
    desk = Desk(session, work.catalog, work.shop, now)
    letters = [conversation.resume(desk, contact, found[contact.id]) for contact in due]
    told = [letter for letter in letters if letter]
    return told, answering.store(session, work, told)


def _alone(work: Context) -> int:
    """Resume one contact; where its flow fails, it is left there with the reason, and the others go on.

    All of it happens under the contact's lock: nobody else goes on with it between the failure and its end.
    """
    with work.database.write() as session:
        due = waits.take_due(session, clock.now(), 1)
        try:
            with session.begin_nested():
                letters, requests = _resume(session, work, due)
        except Exception as error:
            if is_trouble(error) or not due:
                raise
            letters, requests = [], []
            _stop(session, due[0], error)
    answering.send(work, letters, requests)
    return len(due)


def _stop(session: Session, contact: Contact, error: Exception) -> None:
    """The contact is locked, and nothing of what failed is left: it stays where it waited, without its wait."""
    now = clock.now()
    if isinstance(error, Stopped):
        reason, detail = error.reason, error.detail
        log.warning("flow_stopped", contact_id=contact.id, reason=reason, detail=detail)
    else:
        reason, detail = Reason.FLOW_BROKE, storable(f"{type(error).__name__}: {error}")
        log.error("wait_broke", contact_id=contact.id, exc_info=error)
    standing = standings.read(session, [contact.id], now)[contact.id]
    waits.end(session, standing.wait)
    if standing.conversation:
        conversations.stop(standing.conversation, reason, detail, now)
    conversations.notify_of_failure(session, contact.id, reason, detail, now)
