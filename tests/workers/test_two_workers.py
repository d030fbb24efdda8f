"""Two workers at one contact, the second before each step of the first: nothing is doubled, nothing turned back.

Each guard has its control: without it some such rival gets in between.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core import contacts, inbox
from db import locks
from db.database import Database
from db.tables import Contact, Conversation, Flow, FlowTurn, FlowVersion, InboxEvent, StaffNotice, Wait
from tests.databases import Postgres
from tests.proof.interleaving import Deed, race_whole
from tests.workers.conftest import Post, open_post
from tests.workers.test_answering import FAILS, NAME
from tests.workers.test_reminding import DAY
from tests.workers.test_reminding import FAILS as PATIENT
from workers import answering
from workers.jobs import reminding

pytestmark = pytest.mark.usefixtures("failing")

HEAD_START = 0.15  # seconds in which the rival is done, or has met a lock and waits
MOST_STEPS = 60
SECOND = timedelta(seconds=1)
Place = tuple[str, str | None, list[datetime | None]]  # flow, why it stopped, until when it waits
GONE_ON: Place = ("name", None, [])  # where who has gone on stands: in that flow, not stopped, waiting for nothing


@dataclass(frozen=True)
class Found:
    """What two workers have come to with one account."""

    texts: list[str]
    place: Place
    failures: list[str | None]
    turns: int
    notices: int
    errors: list[BaseException]


@pytest.fixture(autouse=True)
def nobody_stands_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "_turn", lambda _: nullcontext())


@pytest.fixture
def shop(post: Post, now: datetime) -> Post:
    return furnished(post, now)


@pytest.fixture
def postgres_shop(postgres: Postgres, redis_url: str, tmp_path: Path, now: datetime) -> Iterator[Post]:
    url = postgres.fresh()
    database = Database(url)
    with open_post(database, redis_url, tmp_path) as post:
        yield furnished(post, now)
    database.dispose()
    postgres.drop(url)


def furnished(post: Post, now: datetime) -> Post:
    for source in (NAME, FAILS, PATIENT.replace("[trouble]", "[patience]")):
        post.publish(source, now)
    return post


def meet(shop: Post, account_id: str) -> None:
    """The shop knows the account and its name."""
    now = datetime.now(UTC)
    with shop.work.database.write() as session:
        contact = contacts.ensure(session, "line", account_id, now)
        contacts.note_profile(contact, "Mei", "", "en", now)


def answer(shop: Post, account_id: str) -> None:
    answering.answer(shop.work, [("line", account_id)])


def wait_is_over(shop: Post, account_id: str) -> None:
    with shop.work.database.write() as session:
        wait = session.scalars(select(Wait).join(Contact).where(Contact.account_id == account_id)).one()
        assert wait.due_at is not None
        wait.due_at -= 2 * DAY
        conversation = session.get_one(Conversation, wait.contact_id)
        conversation.state = {**conversation.state, "due_at": wait.due_at.isoformat()}


# What one account has come to before the race, and the two workers.
Stage = Callable[[Post, str], tuple[Deed, Deed]]


def one_event(shop: Post, account_id: str) -> tuple[Deed, Deed]:
    """Both have been told that the account has news."""
    shop.write("hello", datetime.now(UTC), account_id)
    return lambda: answer(shop, account_id), lambda: answer(shop, account_id)


def one_that_fails_and_the_next(shop: Post, account_id: str) -> tuple[Deed, Deed]:
    """The first of two events fails; whoever gives it up goes on with the next."""
    now = datetime.now(UTC)
    shop.write("trouble", now, account_id)
    answer(shop, account_id)
    shop.write("four", now + SECOND, account_id)
    shop.write("hello", now + 2 * SECOND, account_id)
    return lambda: answer(shop, account_id), lambda: answer(shop, account_id)


def _waits(shop: Post, account_id: str, what: str) -> None:
    now = datetime.now(UTC)
    shop.write("patience", now, account_id)
    shop.write(what, now + SECOND, account_id)
    answer(shop, account_id)
    wait_is_over(shop, account_id)


def one_wait(shop: Post, account_id: str) -> tuple[Deed, Deed]:
    """Both look for waits that are over."""
    _waits(shop, account_id, "twelve")
    return lambda: reminding.remind(0), lambda: reminding.remind(0)


def a_wait_that_fails_and_words(shop: Post, account_id: str) -> tuple[Deed, Deed]:
    """What comes after the wait fails, and the customer starts another flow."""
    _waits(shop, account_id, "four")

    def write() -> None:
        shop.write("hello", datetime.now(UTC) + 2 * SECOND, account_id)
        answer(shop, account_id)

    return lambda: reminding.remind(0), write


LAWFUL: dict[str, tuple[Stage, Callable[[Found], bool]]] = {
    "one event": (one_event, lambda found: found.texts == ["Your name?"] and found.turns == 1),
    "one that fails and the next": (
        one_that_fails_and_the_next,
        lambda found: (
            found.texts == ["What?", "Your name?"]
            and found.place == GONE_ON
            and found.failures == [None, "flow_template", None]
            and (found.turns, found.notices) == (2, 1)
        ),
    ),
    "one wait": (one_wait, lambda found: found.texts == ["What?", "1"] and found.turns == 3),
    "a wait that fails and words": (
        a_wait_that_fails_and_words,
        lambda found: found.texts == ["What?", "Your name?"] and found.place == GONE_ON and found.notices <= 1,
    ),
}


@pytest.mark.parametrize("pair", LAWFUL)
def test_a_second_worker_before_any_step_doubles_and_turns_back_nothing(shop: Post, pair: str) -> None:
    assert list(_wrong(shop, pair)) == []


def _plain_contacts(session: Session, accounts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Contact]:
    known = select(Contact).execution_options(populate_existing=True)
    found = [session.scalar(known.where(Contact.channel == one, Contact.account_id == two)) for one, two in accounts]
    return {(contact.channel, contact.account_id): contact for contact in found if contact}


def _plain_free(session: Session, chosen: Select[Contact]) -> list[Contact]:
    return list(session.scalars(chosen, execution_options={"populate_existing": True}))


def _uncounted(session: Session, inbox_ids: Sequence[int], now: datetime) -> None:
    session.execute(update(InboxEvent).where(InboxEvent.id.in_(inbox_ids)).values(handled_at=now))


# Guards of the pairs, taken away.
UNGUARDED: dict[str, tuple[str, dict[tuple[Any, str], object]]] = {
    "the lock of answering, and the row count": (
        "one event",
        {(locks, "contacts_of"): _plain_contacts, (inbox, "handled"): _uncounted},
    ),
    "the lock of what fails": ("one that fails and the next", {(locks, "contacts_of"): _plain_contacts}),
    "the lock of reminding": ("one wait", {(locks, "contacts_free"): _plain_free}),
    "the lock of a wait that fails": ("a wait that fails and words", {(locks, "contacts_free"): _plain_free}),
}


@pytest.mark.parametrize("guard", UNGUARDED)
def test_without_its_guard_a_second_worker_gets_in_between(
    postgres_shop: Post, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    """The control, on PostgreSQL: on SQLite BEGIN IMMEDIATE is every lock."""
    pair, plain = UNGUARDED[guard]
    for (module, name), function in plain.items():
        monkeypatch.setattr(module, name, function)
    with warnings.catch_warnings(action="ignore"):  # SQLAlchemy warns of rows that are gone already
        assert next(_wrong(postgres_shop, pair), None), f"no rival ever got in between without {guard}"


def test_where_the_lock_of_answering_fails_the_row_count_lets_nothing_be_doubled(
    postgres_shop: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "contacts_of", _plain_contacts)
    with warnings.catch_warnings(action="ignore"):
        assert list(_wrong(postgres_shop, "one event")) == []


def _wrong(shop: Post, pair: str) -> Iterator[str]:
    """What goes wrong, wherever the rival begins."""
    stage, is_lawful = LAWFUL[pair]
    for at in range(MOST_STEPS):
        account_id = f"U{at:032x}"
        meet(shop, account_id)
        subject, rival = stage(shop, account_id)
        shop.rest()
        done = race_whole(shop.work.database, subject, rival, at, HEAD_START)
        answer(shop, account_id)
        reminding.remind(0)
        shop.rest()
        found = _found(shop, account_id, done.failures)
        if found.errors or not is_lawful(found):
            yield f"before step {at}: {found}"
        if at > done.steps:
            return
    raise AssertionError(f"more than {MOST_STEPS} steps")


def _found(shop: Post, account_id: str, errors: list[BaseException]) -> Found:
    with shop.work.database.write() as session:
        contact = session.scalars(select(Contact).where(Contact.account_id == account_id)).one()
        flow, stopped = session.execute(
            select(Flow.name, Conversation.stopped_reason)
            .join(FlowVersion, FlowVersion.flow_id == Flow.id)
            .join(Conversation, Conversation.flow_version_id == FlowVersion.id)
            .where(Conversation.contact_id == contact.id)
        ).one()
        events = select(InboxEvent.failure).where(InboxEvent.account_id == account_id).order_by(InboxEvent.occurred_at)
        turns = select(func.count()).select_from(FlowTurn).where(FlowTurn.contact_id == contact.id)
        notices = session.scalars(select(StaffNotice).where(StaffNotice.contact_id == contact.id)).all()
        for notice in notices:  # so that the next account's failure is told of
            notice.seen_at = notice.created_at
        waits = session.scalars(select(Wait.due_at).where(Wait.contact_id == contact.id)).all()
        return Found(
            texts=shop.texts(account_id),
            place=(flow, stopped, list(waits)),
            failures=list(session.scalars(events)),
            turns=session.scalar(turns) or 0,
            notices=len(notices),
            errors=errors,
        )
