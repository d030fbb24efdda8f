"""The threads that send: what came of a request is stored whatever happens, and stops nothing behind it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from types import ModuleType
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from bot.channels.delivery import Allowance, Delivered, DeliveryError, Profile
from bot.channels.ways import WAYS
from core import dispatch, outbox, outcomes, outgoing, quotas
from core.reasons import Reason
from db.database import Database
from db.tables import ChannelNote, OutboxMessage
from tests import cast
from workers import outlet as outlet_module
from workers.outlet import MOST, Outlet

PATIENCE = 20  # seconds
PEOPLE = [("messenger", str(10**15 + number)) for number in range(6)]
AWAY = OperationalError("UPDATE outbox", {}, Exception("the database is away"))
BAD = DataError("UPDATE outbox", {}, Exception("a value that it does not keep"))
Told = TypeVar("Told")


@dataclass
class Way:
    """A platform: answers as it is told by account, once it is let."""

    batch_size: int = 1
    is_idempotent: bool = False
    answers: dict[str, Delivered | Exception] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    profiles: dict[str, Profile | Exception] = field(default_factory=dict)
    allowances: list[Allowance | Exception] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)

    def send(self, account_id: str, payloads: list[dict[str, Any]], *, key: UUID, reply_token: str = "") -> Delivered:
        del key, reply_token
        assert self.is_open.wait(PATIENCE)
        self.sent.append((account_id, payloads[0]["text"]))
        return _come(self.answers.get(account_id, Delivered(("1",))))

    def profile(self, account_id: str) -> Profile:
        return _come(self.profiles[account_id])

    def show_typing(self, account_id: str) -> bool:
        return bool(account_id)

    def allowance(self) -> Allowance | None:
        return _come(self.allowances.pop(0)) if self.allowances else None


def _come(what: Told | Exception) -> Told:
    if isinstance(what, Exception):
        raise what
    return what


@dataclass
class Post:
    """An outlet before a Messenger that is told what to answer."""

    database: Database
    way: Way
    outlet: Outlet
    rung: list[tuple[str, ...]]

    def deliver(self, *people: tuple[str, str], texts: tuple[str, ...] = ("a",)) -> None:
        """People have messages, which the outlet is to send."""
        for who in people:
            assert self.outlet.deliver(who[0], queue(self.database, who, *texts))

    def rest(self) -> None:
        """All is sent and stored."""
        assert self.outlet.wait_for_room(MOST, PATIENCE)

    def states(self) -> list[tuple[str, str | None]]:
        """Of all messages, in the order in which they were queued."""
        with self.database.read() as session:
            rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
            return [(row.status, row.reason) for row in rows]


def queue(database: Database, who: tuple[str, str], *texts: str) -> int:
    now = datetime.now(UTC)
    with database.write() as session:
        contact = cast.contact(session, who, now)
        contact.window_opened_at = now
        outgoing.store(session, outgoing.rows(contact.id, [{"text": text} for text in texts], now))
        return contact.id


@pytest.fixture
def post(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setattr(outlet_module, "PAUSE", 0.01)
    way, rung = Way(), list[tuple[str, ...]]()

    def ring(*words: str) -> None:
        rung.append(words)
        raise RuntimeError("the bell breaks")

    made = Outlet(database, {"messenger": way}, ring, "worker:test")
    way.is_open.set()
    yield Post(database, way, made, rung)
    way.is_open.set()
    made.close()


def test_a_contacts_messages_leave_one_after_the_other(post: Post) -> None:
    post.deliver(*PEOPLE, texts=("a", "b", "c"))
    post.rest()
    for _, account_id in PEOPLE:
        assert [text for to, text in post.way.sent if to == account_id] == ["a", "b", "c"]
    assert set(post.states()) == {("sent", None)}


def test_a_failure_is_kept_with_its_reason_and_lets_the_next_message_go(post: Post) -> None:
    refused = DeliveryError(Reason.MESSAGE_REFUSED, "HTTP 400: what no database keeps: \0 \ud800")
    post.way.answers = {PEOPLE[0][1]: refused, PEOPLE[1][1]: Delivered(("\0",)), PEOPLE[2][1]: ValueError("ours")}
    post.deliver(*PEOPLE[:4])
    post.rest()
    unknown = ("unknown", "outcome_unknown")
    assert post.states() == [("failed", "message_refused"), ("sent", None), unknown, ("sent", None)]


def test_what_there_is_no_room_for_is_left_to_others(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlet_module, "MOST", 2)
    post.way.is_open.clear()
    post.deliver(*PEOPLE[:2])
    assert (post.outlet.room, post.outlet.wait_for_room(1, 0)) == (0, False)
    assert not post.outlet.deliver("messenger", queue(post.database, PEOPLE[2], "a"))
    post.way.is_open.set()
    assert post.outlet.wait_for_room(2, PATIENCE)
    assert [status for status, _ in post.states()] == ["sent", "sent", "pending"]


def test_further_messages_without_room_are_rung_for_and_a_bell_that_breaks_stops_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = outcomes.settle

    def without_room(*given: Any) -> None:  # noqa: ANN401 (passed on)
        monkeypatch.setattr(outlet_module, "MOST", 0)
        settle(*given)

    monkeypatch.setattr(outcomes, "settle", without_room)
    with capture_logs() as lines:
        post.deliver(PEOPLE[0], texts=("a", "b"))
        until(lambda: bool(post.rung))
        monkeypatch.undo()
        post.rest()
    assert post.rung == [("outbox", "1")]
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["outlet_broke"]
    assert [status for status, _ in post.states()] == ["sent", "pending"]
    post.deliver(PEOPLE[1])
    post.rest()
    assert post.states()[2] == ("sent", None)


def test_closing_waits_until_what_was_taken_is_stored_and_takes_nothing_more(post: Post) -> None:
    post.way.is_open.clear()
    post.deliver(*PEOPLE[:3])
    later = queue(post.database, PEOPLE[3], "a")
    closing = threading.Thread(target=post.outlet.close)
    with capture_logs() as lines:
        closing.start()
        until(lambda: not post.outlet.deliver("messenger", later))
        post.way.is_open.set()  # what is stored now would have the quota looked at
        closing.join(PATIENCE)
    assert not closing.is_alive()
    assert [status for status, _ in post.states()] == ["sent"] * 3 + ["pending"]
    assert [line for line in lines if line["log_level"] == "error"] == []


def test_what_was_sent_is_stored_once_the_database_is_back(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    settle, tries = outcomes.settle, count()

    def away_at_first(*given: Any) -> None:  # noqa: ANN401 (passed on)
        if next(tries) < 3:
            raise AWAY
        settle(*given)

    monkeypatch.setattr(outcomes, "settle", away_at_first)
    post.deliver(*PEOPLE)
    post.rest()
    assert post.states() == [("sent", None)] * len(PEOPLE)
    assert len(post.way.sent) == len(PEOPLE)


@pytest.mark.parametrize("error", [BAD, ValueError("a mistake of ours")], ids=["data", "ours"])
def test_an_outcome_that_cannot_be_stored_holds_up_nothing_beside_or_behind_it(
    post: Post, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    settle, write, batches = outcomes.settle, post.database.write, list[int]()

    def all_together() -> AbstractContextManager[Session]:
        if threading.current_thread().name == "settler":
            until(lambda: len(post.way.sent) >= len(PEOPLE))
        return write()

    def spoilt(session: Session, accepted: list[outcomes.Accepted], *more: Any) -> None:  # noqa: ANN401 (passed on)
        batches.append(len(accepted))
        if any(request.account_id == PEOPLE[3][1] for request, _ in accepted):
            raise error
        settle(session, accepted, *more)

    monkeypatch.setattr(post.database, "write", all_together)
    monkeypatch.setattr(outcomes, "settle", spoilt)
    with capture_logs() as lines:
        post.deliver(*PEOPLE)
        post.rest()
    assert max(batches) > 1
    told = [line for line in lines if line["event"] == "outcomes_not_stored" and len(line["contact_ids"]) == 1]
    assert [line["exc_info"] for line in told] == [True]
    left = [("sent", None)] * 3 + [("sending", None)] + [("sent", None)] * 2
    assert post.states() == left
    monkeypatch.setattr(outcomes, "settle", settle)
    post.deliver(PEOPLE[0], texts=("again",))
    post.rest()
    assert post.states() == [*left, ("sent", None)]
    with post.database.write() as session:  # the sweep, which says what is to become of it
        later = datetime.now(UTC) + outbox.LONGEST_SENDING + timedelta(seconds=1)
        outbox.take_back_abandoned(session, ["worker:test"], later)
        contact_id = cast.contact(session, PEOPLE[3], later).id
        assert outbox.take(session, contact_id, WAYS["messenger"], "worker:test", later) is None
    assert post.states()[3] == ("unknown", "outcome_unknown")


@pytest.mark.parametrize("part", [(dispatch, "left_over"), (outbox, "take")], ids=["left_over", "take"])
def test_the_outlet_lives_through_whatever_breaks_around_a_request(
    post: Post, monkeypatch: pytest.MonkeyPatch, part: tuple[ModuleType, str]
) -> None:
    def breaks(*given: Any) -> None:  # noqa: ANN401 (any signature)
        raise RuntimeError(given)

    with monkeypatch.context() as broken, capture_logs() as lines:
        broken.setattr(*part, breaks)
        post.deliver(PEOPLE[0])
        post.rest()
    assert [line["exc_info"] for line in lines if "exc_info" in line] == [True]
    post.deliver(PEOPLE[1])
    post.rest()
    assert post.states()[1] == ("sent", None)


@pytest.mark.parametrize("is_kept", [True, False], ids=["committed", "rolled back"])
def test_a_message_whose_taking_failed_at_its_very_end_is_sent_once(
    post: Post, monkeypatch: pytest.MonkeyPatch, *, is_kept: bool
) -> None:
    """The database is lost at the commit, and nobody knows whether it was one."""
    write, lost = post.database.write, list[Exception]([AWAY])

    @contextmanager
    def lossy() -> Iterator[Session]:
        is_taking = threading.current_thread().name.startswith("outlet")
        with write() as session:
            yield session
            if is_taking and lost and not is_kept:
                raise lost.pop()
        if is_taking and lost:
            raise lost.pop()

    contact_id = queue(post.database, PEOPLE[0], "a")
    monkeypatch.setattr(post.database, "write", lossy)
    assert post.outlet.deliver("messenger", contact_id)
    post.rest()
    assert (post.way.sent, post.states()) == ([(PEOPLE[0][1], "a")], [("sent", None)])
    assert lost == []


def test_the_months_messages_are_looked_at_as_soon_as_some_are_sent_and_when_they_are_used_up(post: Post) -> None:
    post.way.allowances = [Allowance(200, 57), ValueError("ours"), Allowance(200, 200)]
    post.deliver(PEOPLE[0])
    post.rest()
    assert used(post.database) == 57
    post.way.answers = dict.fromkeys([who[1] for who in PEOPLE], DeliveryError(Reason.QUOTA_USED_UP, "HTTP 429"))
    for place in (1, 2):
        with post.database.write() as session:
            long_ago = datetime.now(UTC) - timedelta(minutes=2)
            session.execute(update(ChannelNote).where(ChannelNote.name == quotas.ASKED).values(noted_at=long_ago))
        post.deliver(PEOPLE[place])
        post.rest()
    assert used(post.database) == 200
    assert post.states() == [("sent", None), ("held", "quota_used_up"), ("held", "quota_used_up")]


def used(database: Database) -> int | None:
    with database.read() as session:
        found = quotas.last(session, "messenger")
    return found.used if found else None


def test_a_profile_that_cannot_be_read_is_blank_whatever_the_reason(post: Post) -> None:
    broken = {PEOPLE[0][1]: DeliveryError(Reason.CHANNEL_UNAVAILABLE, "HTTP 500"), PEOPLE[1][1]: KeyError("name")}
    post.way.profiles = {**broken, PEOPLE[2][1]: Profile("M\0ei", "", "en")}
    assert post.outlet.profiles(PEOPLE[:3]) == [Profile(), Profile(), Profile("M\ufffdei", "", "en")]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)
