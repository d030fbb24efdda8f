"""Chats over the real web server, workers and Valkey, with the stand-ins for the platforms on a bad day.

All tests of a database use one shop; each has a customer of its own, and starts again what it has killed.
"""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from db.database import Database
from db.tables import Claim, Contact, InboxEvent, OutboxMessage, Redemption
from simulator.people import CAST, Person
from simulator.state import State
from tests import cast, release
from tests.proof import verdict
from tests.system.shop import ROOT, Shop

EMMA = CAST[4]


class Chats:
    """A running shop, and what its customers do. `mei` is a customer whom nobody has met."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.database = shop, Database(shop.database_url)
        self.mei = replace(CAST[0], id=f"U{uuid.uuid4().hex}")
        columns = ("id", "channel", "name", "language", "color")
        with State(shop.directory / "simulator.sqlite3").change() as connection:
            connection.execute(
                "INSERT INTO people (id, channel, name, language, color) VALUES (?, ?, ?, ?, ?)",
                [getattr(self.mei, column) for column in columns],
            )

    def act(self, person: Person, action: str = "text", **more: str) -> int:
        status, answer = self.shop.post(
            "/simulator/api/act",
            {"channel": person.channel, "person": person.id, "action": action, **more},
        )
        assert status == 200, answer
        return int(answer["webhook_status"])

    def fault(self, platform: str, **fault: object) -> None:
        assert self.shop.post("/simulator/api/faults", {"platform": platform, **fault})[0] == 200

    def from_bot(self, person: Person) -> list[dict[str, Any]]:
        chat = self.shop.get(f"/simulator/api/chats/{person.channel}/{person.id}")[1]
        return [bubble["body"] for bubble in chat["bubbles"] if bubble["is_from_bot"]]

    def settled(self, person: Person, messages: int = 1) -> list[OutboxMessage]:
        """Wait until that many messages to the person have come to an end; all that there are."""
        self.shop.until(lambda: self._ended(person) >= messages, 30, f"{messages} messages have come to an end")
        with self.database.read() as session:
            return list(session.scalars(_messages(person).order_by(OutboxMessage.id)))

    def _ended(self, person: Person) -> int:
        with self.database.read() as session:
            rows = session.scalars(_messages(person)).all()
        return sum(row.status not in {"pending", "sending"} for row in rows)


def _messages(person: Person) -> Select[OutboxMessage]:
    return select(OutboxMessage).join(Contact).where(Contact.account_id == person.id)


@pytest.fixture(scope="module")
def shop(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with Shop(shared_url, tmp_path_factory.mktemp("shop")) as made:
        database, now = Database(made.database_url), datetime.now(UTC)
        with database.write() as session:
            cast.campaign(session, now, codes=5)
            cast.campaign(session, now, cast.GIFT, codes=0)
            for file in sorted((ROOT / "flows").glob("*.yaml")):
                release.publish(session, file, now)
        database.dispose()
        made.open()
        yield made


@pytest.fixture
def chats(shop: Shop) -> Iterator[Chats]:
    shop.healthy()
    made = Chats(shop)
    yield made
    verdict.wait_for_rest(made.database)
    broken = verdict.broken(made.database)
    made.database.dispose()
    assert broken == {}


def test_the_same_webhook_ten_times_in_parallel_is_one_step_and_one_answer(chats: Chats) -> None:
    chats.act(chats.mei, text="禮物")
    with ThreadPoolExecutor(10) as senders:
        list(senders.map(lambda _: chats.shop.post("/simulator/api/redeliver"), range(10)))
    assert len(chats.settled(chats.mei)) == 1
    with chats.database.read() as session:
        events = select(func.count()).where(InboxEvent.account_id == chats.mei.id)
        assert session.scalar(events) == 1
        names = select(Contact.name).where(Contact.account_id == chats.mei.id)
        assert session.scalars(names).all() == [chats.mei.name]
    assert len(chats.from_bot(chats.mei)) == 1


def test_a_lost_answer_of_line_does_not_double_the_message(chats: Chats) -> None:
    chats.fault("line", endpoint="reply", kind="drop_after")
    chats.act(chats.mei, text="禮物")
    (row,) = chats.settled(chats.mei)
    assert (row.status, row.attempts) == ("sent", 2)
    assert len(chats.from_bot(chats.mei)) == 1


def test_a_platform_that_is_down_gets_the_message_later(chats: Chats) -> None:
    chats.fault("line", endpoint="*", kind="status", status=500, count=3)  # the profile, then two sends
    chats.act(chats.mei, text="禮物")
    (row,) = chats.settled(chats.mei)
    assert row.status == "sent"
    assert row.attempts >= 2
    assert len(chats.from_bot(chats.mei)) == 1


def test_an_unknown_outcome_in_messenger_is_left_to_people_and_never_doubled(chats: Chats) -> None:
    chats.fault("messenger", endpoint="messages", kind="drop_after")
    chats.act(EMMA, text="gift")
    (row,) = chats.settled(EMMA)
    assert (row.status, row.reason, row.attempts) == ("unknown", "outcome_unknown", 1)
    assert len(chats.from_bot(EMMA)) == 1


def test_a_blocked_customer_is_marked_and_coming_back_is_noticed(chats: Chats) -> None:
    chats.act(chats.mei, "follow")
    chats.settled(chats.mei)
    chats.act(chats.mei, "block")
    chats.shop.until(lambda: not reachable(chats), 30, "the block is noticed")
    chats.act(chats.mei, "follow")
    chats.shop.until(lambda: reachable(chats), 30, "the return is noticed")


def reachable(chats: Chats) -> bool:
    with chats.database.read() as session:
        since = select(Contact.unreachable_since).where(Contact.account_id == chats.mei.id)
        return session.scalars(since).one() is None


def test_a_worker_killed_while_it_sends_loses_nothing_and_doubles_nothing(chats: Chats) -> None:
    chats.fault("line", endpoint="reply", kind="delay", seconds=4)  # delivered first, answered late
    chats.act(chats.mei, text="禮物")
    chats.shop.until(lambda: len(chats.from_bot(chats.mei)) == 1, 30, "the message is delivered")
    with chats.database.read() as session:
        sender = session.scalars(_messages(chats.mei)).one().worker
    assert sender is not None
    victim = next(name for name, process in chats.shop.processes.items() if f":{process.pid}:" in sender)
    chats.shop.kill(victim)
    (row,) = chats.settled(chats.mei)
    assert row.status == "sent"
    assert len(chats.from_bot(chats.mei)) == 1
    chats.shop.worker(victim)


def test_valkey_killed_and_restarted_empty_loses_no_claim_and_no_event(chats: Chats) -> None:
    chats.shop.kill("valkey")
    with chats.database.write() as session:
        token = cast.sent(session, cast.EVE, datetime.now(UTC))
    assert chats.act(chats.mei, text="禮物") == 200  # stored, though nobody could be woken
    assert chats.shop.post(f"/c/{token}/redeem")[1]["state"] == "waiting"
    (chats.shop.directory / "appendonlydir").rename(chats.shop.directory / "lost")
    chats.shop.valkey()
    chats.settled(chats.mei)
    chats.shop.until(lambda: answered(chats), 30, "the claim is answered")
    with chats.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1


def answered(chats: Chats) -> bool:
    with chats.database.read() as session:
        return session.scalars(select(Claim.outcome)).all() == ["redeemed"]
