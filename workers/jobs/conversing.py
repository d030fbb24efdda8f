"""Handling a contact's webhook events, in the order of their time."""

from functools import cache

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import conversation
from bot.catalog import Catalog
from bot.channels import CHANNELS
from bot.channels.delivery import DeliveryError, Profile
from bot.engine import FlowFailure
from core import clock, contacts, inbox
from core.reasons import Reason
from db import locks
from workers import context
from workers.context import Context
from workers.jobs import typing

log = structlog.get_logger(__name__)


@cache
def catalog() -> Catalog:
    """This process's catalogue of flows."""
    return Catalog()


def converse(key: str) -> None:
    """Handle every waiting event of the account `key` ("line/U1234..."), one transaction an event."""
    work = context.current()
    work.bell.begin("inbox", key)
    channel, account_id = key.split("/", 1)
    contact_id = _known_contact(work, channel, account_id)
    while _handle_next(work, channel, account_id, contact_id):
        work.bell.wake("outbox", str(contact_id))


def _known_contact(work: Context, channel: str, account_id: str) -> int:
    """The account's contact, its profile asked for first and anew after a week: its name may stand in a message."""
    with work.database.write() as session:
        contact = contacts.ensure(session, channel, account_id, clock.now())
    if contacts.has_old_profile(contact, clock.now()):
        profile = _profile(work, channel, account_id)
        with work.database.write() as session:
            known = locks.contact(session, contact.id)
            contacts.note_profile(known, profile.name, profile.picture_url, profile.language, clock.now())
    return contact.id


def _profile(work: Context, channel: str, account_id: str) -> Profile:
    """What the platform tells; nothing where it cannot be asked: a conversation does not wait for a picture."""
    sender = work.senders.get(channel)
    try:
        return (sender and sender.profile(account_id)) or Profile()
    except DeliveryError as error:
        log.warning("profile_not_read", channel=channel, reason=error.reason, detail=error.detail)
        return Profile()


def _handle_next(work: Context, channel: str, account_id: str, contact_id: int) -> bool:
    """Handle the account's next event; False where there is none."""
    with work.database.read() as session:
        waiting = inbox.next_event(session, channel, account_id)
    if waiting is None:
        return False
    typing.show_if_late(work.senders.get(channel), account_id, waiting.received_at)
    try:
        with work.database.write() as session:
            contact = locks.contact(session, contact_id)
            event = inbox.next_event(session, channel, account_id)
            if event is None:
                return False  # another worker was quicker
            waiting = event
            inbound = CHANNELS[channel].read_event(event.body)
            arrived = conversation.Arrived(inbound, event.received_at)
            conversation.handle(session, catalog(), work.shop, contact, arrived, clock.now())
            inbox.handled(event, clock.now())
    except SQLAlchemyError:
        raise  # the database's trouble, not the event's: it stays waiting, and the sweep finds it
    except FlowFailure as failure:
        _give_up(work, waiting.id, failure.reason, str(failure))
    except Exception as error:
        log.exception("event_broke", inbox_id=waiting.id)
        _give_up(work, waiting.id, Reason.EVENT_UNREADABLE, f"{type(error).__name__}: {error}")
    return True


def _give_up(work: Context, inbox_id: int, reason: Reason, detail: str) -> None:
    """Keep why the event could not be handled and go on with the next: one bad event stops nobody."""
    log.warning("event_not_handled", inbox_id=inbox_id, reason=reason, detail=detail)
    with work.database.write() as session:
        inbox.give_up(session, inbox_id, reason, detail, clock.now())
