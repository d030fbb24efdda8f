"""Answering accounts that have done something: some accounts' next events in one transaction, sent once it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot import conversation
from bot.channels import CHANNELS
from bot.conversation import Arrived, Stopped
from bot.turns import Desk
from core import clock, contacts, dispatch, inbox, standings
from core.dispatch import Letter
from core.inbox import Waiting
from core.outbox import Request
from core.reasons import Reason
from db import locks
from db.tables import Contact
from workers import news
from workers.bell import BY_URGENCY
from workers.context import Context

MOST_ROUNDS = 50  # events of an account before others' turn comes: whoever floods the shop keeps no worker

Account = tuple[str, str]  # channel and account id

log = structlog.get_logger(__name__)


@dataclass
class Round:
    """What one transaction did: whom to ask who they are, whose next event waits, what goes out."""

    events: dict[Account, Waiting] = field(default_factory=dict)
    strangers: list[Account] = field(default_factory=list)
    more: list[Account] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


def answer(work: Context, accounts: Sequence[Account]) -> None:
    """Handle the waiting events of the accounts, each account's one after the other; of a flood MOST_ROUNDS at a time.

    An event that fails, fails alone: it is given up with its reason, and the account's next one goes on.
    """
    rest = sorted(set(accounts))
    for _ in range(MOST_ROUNDS):
        if not rest:
            return
        done = _try_together(work, rest)
        if done.strangers:
            _introduce(work, done.strangers)
        rest = sorted({*done.strangers, *done.more})
    if rest:
        news.add(work.redis, [f"{channel}/{account_id}" for channel, account_id in rest])


def _try_together(work: Context, accounts: Sequence[Account]) -> Round:
    try:
        return _together(work, accounts, Round())
    except Exception as error:
        if is_the_databases(error):
            raise
    done = Round()  # one of them fails: each is tried alone
    for account in accounts:
        alone = _alone(work, account)
        done.strangers += alone.strangers
        done.more += alone.more
    return done


def is_the_databases(error: Exception) -> bool:
    """Whether the database is in trouble, rather than the event: then it stays waiting, and the sweep finds it."""
    return isinstance(error, SQLAlchemyError) and not isinstance(error, DataError | IntegrityError)


def _together(work: Context, accounts: Sequence[Account], done: Round) -> Round:
    """The next event of each account."""
    with work.database.write() as session:
        _handle(session, work, accounts, done)
    send(work, done.letters, done.requests)
    return done


def _handle(session: Session, work: Context, accounts: Sequence[Account], done: Round) -> None:
    now = clock.now()
    known = _known(session, accounts, now)
    done.strangers = [account for account in accounts if account not in known]
    done.events, is_more = inbox.next_events(session, list(known))
    done.more = list(known) if is_more else []
    found = standings.read(session, [known[account].id for account in done.events], now)
    desk = Desk(session, work.catalog, work.shop, now)
    for account, event in done.events.items():
        contact = known[account]
        arrived = Arrived(CHANNELS[contact.channel].read_event(event.body), event.received_at)
        letter = conversation.handle(desk, contact, found[contact.id], arrived)
        done.letters += [letter] if letter else []
    inbox.handled(session, [event.inbox_id for event in done.events.values()], now)
    done.requests = store(session, work, done.letters)


def _known(session: Session, accounts: Sequence[Account], now: datetime) -> dict[Account, Contact]:
    """Those of the accounts that are contacts whose profile is known, locked."""
    locked = locks.contacts_of(session, accounts)
    return {account: contact for account, contact in locked.items() if not contacts.has_old_profile(contact, now)}


def store(session: Session, work: Context, letters: Sequence[Letter]) -> list[Request]:
    """Store what is to be said; the requests that this process sends itself, where it has room."""
    told = [letter for letter in letters if letter.payloads]
    may_send = work.outlet.room >= len(told)
    return dispatch.add(session, told, work.name if may_send else None, clock.now())


def send(work: Context, letters: Sequence[Letter], requests: Sequence[Request]) -> None:
    """Send the requests, once what they belong to is committed, and have the other letters delivered.

    Here, too, where nothing else to the contact is under way; else by a job.
    """
    channels = {letter.contact.id: letter.contact.channel for letter in letters}
    for request in requests:
        work.outlet.send(channels[request.contact_id], request)
    going = {request.contact_id for request in requests}
    others = [letter for letter in letters if letter.payloads and letter.contact.id not in going]
    waiting = [letter for letter in others if not (letter.is_free and _deliver(work, letter))]
    for urgency, kind in enumerate(BY_URGENCY):
        left = [str(letter.contact.id) for letter in waiting if letter.urgency == urgency]
        if left:
            work.bell.wake(kind, *left)


def _deliver(work: Context, letter: Letter) -> bool:
    return work.outlet.deliver(letter.contact.channel, letter.contact.id)


def _alone(work: Context, account: Account) -> Round:
    done = Round()
    try:
        return _together(work, [account], done)
    except Stopped as stopped:
        _stop(work, account, done.events[account], stopped)
    except Exception as error:
        if is_the_databases(error) or account not in done.events:
            raise
        log.exception("event_broke", inbox_id=done.events[account].inbox_id)
        detail = f"{type(error).__name__}: {error}"
        with work.database.write() as session:
            inbox.give_up(session, done.events[account].inbox_id, Reason.EVENT_UNREADABLE, detail, clock.now())
    return Round(more=[account])


def _stop(work: Context, account: Account, event: Waiting, stopped: Stopped) -> None:
    """Keep where and why the flow stopped; one contact's failure stops nobody else."""
    log.warning("flow_stopped", inbox_id=event.inbox_id, reason=stopped.reason, detail=stopped.detail)
    now = clock.now()
    with work.database.write() as session:
        (contact,) = _known(session, [account], now).values()
        standing = standings.read(session, [contact.id], now)[contact.id]
        conversation.stop(Desk(session, work.catalog, work.shop, now), contact, standing, stopped)
        inbox.give_up(session, event.inbox_id, stopped.reason, stopped.detail, now)


def _introduce(work: Context, accounts: Sequence[Account]) -> None:
    """Make contacts of them, with their profiles asked for: a name may stand in the next message."""
    now = clock.now()
    with work.database.write() as session:
        for channel, account_id in accounts:
            contacts.ensure(session, channel, account_id, now)
    profiles = dict(zip(accounts, work.outlet.profiles(accounts), strict=True))
    with work.database.write() as session:
        for account, contact in locks.contacts_of(session, accounts).items():
            profile = profiles[account]
            contacts.note_profile(contact, profile.name, profile.picture_url, profile.language, clock.now())
