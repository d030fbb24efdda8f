"""Answering accounts that have done something: some accounts' next events in one transaction, sent once it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.orm import Session

from bot import conversation
from bot.channels import CHANNELS
from bot.conversation import Arrived, Stopped
from bot.storable import storable
from bot.turns import Desk
from core import clock, contacts, dispatch, inbox, standings
from core.dispatch import Letter
from core.inbox import Waiting
from core.outbox import Request
from core.reasons import Reason
from db import locks
from db.tables import Contact
from db.trouble import cause, is_trouble
from workers import news
from workers.bell import BY_URGENCY
from workers.context import Context

MOST_ROUNDS = 50  # events of an account before others' turn comes: whoever floods the shop keeps no worker

Account = tuple[str, str]  # channel and account id

log = structlog.get_logger(__name__)


Next = tuple[Contact, Waiting]  # a contact, locked, and its next event


@dataclass
class Round:
    """What one transaction found: whose next event it handled, whom to ask who they are, whose next event waits."""

    events: dict[Account, Next] = field(default_factory=dict)
    strangers: list[Account] = field(default_factory=list)
    more: list[Account] = field(default_factory=list)


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
        return _together(work, accounts)
    except Exception as error:
        if is_trouble(error):
            raise
    done = Round()  # one of them fails: each is tried alone
    for account in accounts:
        alone = _alone(work, account)
        done.strangers += alone.strangers
        done.more += alone.more
    return done


def _together(work: Context, accounts: Sequence[Account]) -> Round:
    """The next event of each account."""
    with work.database.write() as session:
        done = _look(session, accounts)
        letters, requests = _handle(session, work, done.events)
    send(work, letters, requests)
    return done


def _alone(work: Context, account: Account) -> Round:
    """The next event of one account; where it fails, the contact is left there with the reason, and its next goes on.

    All of it happens under the contact's lock: nobody else goes on with the contact between the failure and its end.
    """
    with work.database.write() as session:
        done = _look(session, [account])
        try:
            with session.begin_nested():
                letters, requests = _handle(session, work, done.events)
        except Exception as error:
            if is_trouble(error) or not done.events:
                raise
            letters, requests = [], []
            _give_up(session, work, done.events[account], error)
            done.more = [account]
    send(work, letters, requests)
    return done


def _look(session: Session, accounts: Sequence[Account]) -> Round:
    """Lock the contacts of the accounts; their next events, and who of them is to be introduced first."""
    now = clock.now()
    locked = locks.contacts_of(session, accounts)
    known = {account: contact for account, contact in locked.items() if not contacts.has_old_profile(contact, now)}
    strangers = [account for account in accounts if account not in known]
    events, is_more = inbox.next_events(session, list(known))
    return Round(
        events={account: (known[account], event) for account, event in events.items()},
        strangers=strangers,
        more=list(known) if is_more else [],
    )


def _handle(session: Session, work: Context, events: Mapping[Account, Next]) -> tuple[list[Letter], list[Request]]:
    now = clock.now()
    found = standings.read(session, [contact.id for contact, _ in events.values()], now)
    desk = Desk(session, work.catalog, work.shop, now)
    letters = []
    for contact, event in events.values():
        arrived = Arrived(CHANNELS[contact.channel].read_event(event.body), event.received_at)
        letter = conversation.handle(desk, contact, found[contact.id], arrived)
        letters += [letter] if letter else []
    inbox.handled(session, [event.inbox_id for _, event in events.values()], now)
    return letters, store(session, work, letters)


def _give_up(session: Session, work: Context, next_one: Next, error: Exception) -> None:
    """Keep where and why a flow stopped, or an event could not be handled; nothing of what failed is left."""
    contact, event = next_one
    now = clock.now()
    if isinstance(error, Stopped):
        reason, detail = error.reason, error.detail
        log.warning("flow_stopped", inbox_id=event.inbox_id, reason=reason, detail=detail)
        standing = standings.read(session, [contact.id], now)[contact.id]
        conversation.stop(Desk(session, work.catalog, work.shop, now), contact, standing, error)
    else:
        reason, detail = Reason.EVENT_UNREADABLE, storable(f"{type(error).__name__}: {cause(error)}")
        log.error("event_broke", inbox_id=event.inbox_id, exc_info=error)
    inbox.give_up(session, event.inbox_id, reason, detail, now)


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
