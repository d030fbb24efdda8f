"""Beginning flows whose moment has come, with one contact after another. Everything else goes before it."""

import structlog
from sqlalchemy.orm import Session

from bot import beginning, conversation
from bot.conversation import Stopped
from bot.storable import storable
from bot.turns import Desk
from core import clock, conversations, standings, timed_starts
from core.dispatch import Letter
from core.reasons import Reason
from core.timed_starts import Turn
from db.trouble import is_trouble
from workers import answering, context, draining
from workers.context import Context
from workers.draining import BATCH

log = structlog.get_logger(__name__)


def start(place: int) -> None:
    """Begin with all whose turn it is, batch by batch; where there is more than one, another job helps."""
    draining.drain(context.current(), "starts", place, _batch)


def _batch(work: Context) -> int:
    """Begin with up to BATCH contacts; how many were looked at. Where one of them fails, only the first is tried."""
    try:
        return _together(work, BATCH)
    except Exception as error:
        if is_trouble(error):
            raise
    return _alone(work)


def _together(work: Context, count: int) -> int:
    with work.database.write() as session:
        turns = timed_starts.take(session, clock.now(), count)
        letters = _begun(session, work, turns)
        requests = answering.store(session, work, letters)
    answering.send(work, letters, requests)
    return len(turns)


def _begun(session: Session, work: Context, turns: list[Turn]) -> list[Letter]:
    now = clock.now()
    found = standings.read(session, [turn.contact.id for turn in turns], now)
    desk = Desk(session, work.catalog, work.shop, now)
    letters = (beginning.begin(desk, turn, found[turn.contact.id]) for turn in turns)
    return [letter for letter in letters if letter]


def _alone(work: Context) -> int:
    """Begin with one contact; where the flow fails for it, it is left there with the reason, and the others go on."""
    with work.database.write() as session:
        turns = timed_starts.take(session, clock.now(), 1)
        try:
            with session.begin_nested():
                letters = _begun(session, work, turns)
                requests = answering.store(session, work, letters)
        except Exception as error:
            if is_trouble(error) or not turns:
                raise
            letters, requests = [], []
            _stop(session, work, turns[0], error)
    answering.send(work, letters, requests)
    return len(turns)


def _stop(session: Session, work: Context, turn: Turn, error: Exception) -> None:
    """The contact is locked, and nothing of what failed is left."""
    now, said = clock.now(), {"contact_id": turn.contact.id, "start_id": turn.start.id}
    if isinstance(error, Stopped):
        reason = error.reason
        log.warning("start_failed", **said, reason=reason, detail=error.detail)
        standing = standings.read(session, [turn.contact.id], now)[turn.contact.id]
        conversation.stop(Desk(session, work.catalog, work.shop, now), turn.contact, standing, error)
    else:
        reason = Reason.FLOW_BROKE
        log.error("start_broke", **said, exc_info=error)
        detail = storable(f"flow {turn.flow_name}: {type(error).__name__}: {error}")
        conversations.notify_of_failure(session, turn.contact.id, reason, detail, now)
    timed_starts.settle(turn, reason, now)
