"""One event of one contact, or the end of its wait: which flow it belongs to, and what is stored of its turns."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import destination, engine
from bot.channels.ways import WAYS
from bot.destination import Destination, Standpoint
from bot.engine import Due, Event, FlowFailure, Happened
from bot.events import Inbound
from bot.state import State
from bot.storable import storable
from bot.turns import Desk, Turns
from core import contacts, conversations, outbox, waits
from core.dispatch import Letter
from core.outgoing import LIVE, REMINDER, ReplyToken
from core.reasons import Reason
from core.standings import Standing
from db.tables import Contact, Conversation, Wait

# LINE's reply token lives one minute from the webhook's arrival; the rest is for the way there.
REPLY_LIVES = timedelta(seconds=50)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Arrived:
    """An event, and when its webhook arrived."""

    inbound: Inbound
    received_at: datetime


class Stopped(Exception):  # noqa: N818 (the flow stopped, not the program)
    """A flow failed for a contact at `place`; None: where it stands.

    What was stored is undone with the transaction; then `stop` keeps it.
    """

    def __init__(self, place: Destination | None, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.place, self.reason, self.detail = place, reason, storable(detail)


def stopped_by(error: Exception) -> Stopped:
    """What is kept of an error: that the flow has stopped, or that the program broke, for whatever reason."""
    return error if isinstance(error, Stopped) else Stopped(None, Reason.FLOW_BROKE, f"{type(error).__name__}: {error}")


def stop(desk: Desk, contact: Contact, standing: Standing, stopped: Stopped) -> None:
    """Leave the contact, whose lock this transaction holds, where its flow failed, without a wait; tell the staff.

    This is all that happens when a flow stops, whether for an answer, at the end of a wait or at its time. Who stands
    nowhere stays there.
    """
    waits.end(desk.session, standing.wait)
    kept, place = standing.conversation, stopped.place
    if place:
        state = place.state.to_json()
        kept = conversations.save(desk.session, kept, contact.id, (place.version_id, state), desk.now)
    if kept:
        conversations.stop(kept, stopped.reason, stopped.detail, desk.now)
    conversations.notify_of_failure(desk.session, contact.id, stopped.reason, stopped.detail, desk.now)


def handle(desk: Desk, contact: Contact, standing: Standing, arrived: Arrived) -> Letter | None:
    """Take one event of `contact`, whose lock this transaction holds: step its flow, store state and coupons.

    While a person has taken over, only what starts a flow (a word, a button, a link) calls the bot back. Returns what
    the contact is to be told.

    Raises:
        Stopped: the flow cannot go on; the caller rolls back.
    """
    inbound = arrived.inbound
    if inbound.kind == "unfollow":
        contacts.left(contact, inbound.occurred_at, desk.now)
        return None
    window = WAYS[contact.channel].window
    acted_at = min(inbound.occurred_at, arrived.received_at)  # a clock that is ahead opens nothing for longer
    contacts.acted(contact, acted_at, opens_window=inbound.opens_window or window is None)
    if window:
        outbox.release_held(desk.session, contact.id, desk.now)
    at, published = _standpoint(standing.conversation), desk.catalog.published(desk.session)
    place = destination.find(inbound, at, published, desk.shelf, desk.now, secrets.randbits(32))
    if place is None:
        return None
    token = inbound.reply_token
    reply = ReplyToken(token, arrived.received_at + REPLY_LIVES) if token else None
    return _letter(contact, standing, _take(desk, contact, standing, place), reply, LIVE)


def resume(desk: Desk, contact: Contact, standing: Standing) -> Letter | None:
    """Go on where the contact's wait is over, at its time or by what has happened; else leave it waiting.

    Raises:
        Stopped: as `handle` does.
    """
    wait, conversation = standing.wait, standing.conversation
    if wait is None or conversation is None or conversation.handed_over_at:
        return None  # another worker was quicker, or the contact has gone on by itself
    state = State.from_json(conversation.state)
    what = waits.happened(standing)
    if not what and (state.due_at is None or state.due_at > desk.now):
        wait.due_at = state.due_at  # looked at too early
        return None
    event: Event = Happened(what) if what else Due()
    place = Destination(wait.flow_version_id, state, event)
    return enter(desk, contact, standing, place, REMINDER)


def enter(desk: Desk, contact: Contact, standing: Standing, place: Destination, urgency: int) -> Letter:
    """Feed the place's event in there, whatever flow the contact stands in.

    Raises:
        Stopped: as `handle` does.
    """
    return _letter(contact, standing, _take(desk, contact, standing, place), None, urgency)


def _standpoint(conversation: Conversation | None) -> Standpoint:
    if conversation is None:
        return Standpoint(0, engine.begin(), is_let_go=False)
    version_id = conversation.flow_version_id or 0
    state = State.from_json(conversation.state) if version_id else engine.begin()
    return Standpoint(version_id, state, bool(conversation.handed_over_at or conversation.stopped_at))


def _take(desk: Desk, contact: Contact, standing: Standing, place: Destination) -> list[dict[str, Any]]:
    """Run the turns and store what they come to; the messages."""
    try:
        turns = Turns(desk, contact, standing, desk.catalog.version(desk.session, place.version_id))
        turns.run(place.state, place.event)
    except FlowFailure as failure:
        raise Stopped(place, failure.reason, str(failure)) from failure
    except SQLAlchemyError:
        raise  # the database's trouble, not the flow's
    except Exception as error:
        log.exception("flow_broke", contact_id=contact.id, flow_version_id=place.version_id)
        version = desk.catalog.readable(desk.session, place.version_id)
        name = version.flow.flow if version else ""
        raise Stopped(place, Reason.FLOW_BROKE, f"flow {name}: {type(error).__name__}: {error}") from error
    session, version_id, now = desk.session, place.version_id, desk.now
    kept = conversations.save(session, standing.conversation, contact.id, (version_id, turns.state.to_json()), now)
    if turns.hand_over:
        kept.handed_over_at, kept.hand_over_reason = now, turns.hand_over[:200]
    conversations.count_turn(session, contact.id, turns.visited, now)
    _keep_wait(desk, contact, standing, turns.wait, version_id)
    return turns.payloads


def _keep_wait(desk: Desk, contact: Contact, standing: Standing, wait: engine.Wait | None, version_id: int) -> None:
    if wait is None:
        waits.end(desk.session, standing.wait)
        return
    row = Wait(
        contact_id=contact.id,
        flow_version_id=version_id,
        due_at=wait.until,
        happens=list(wait.happens),
        created_at=desk.now,
    )
    waits.keep(desk.session, row, wait.campaign, standing.wait)


def _letter(
    contact: Contact, standing: Standing, payloads: list[dict[str, Any]], reply: ReplyToken | None, urgency: int
) -> Letter:
    is_free = not standing.has_open_messages
    return Letter(contact, payloads, WAYS[contact.channel], is_free, reply, urgency)
