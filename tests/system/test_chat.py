"""Chats over the real web server, workers and Valkey, with the stand-ins for the platforms on a bad day."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db.database import Database
from db.tables import Claim, Contact, InboxEvent, OutboxMessage, Redemption
from simulator.people import CAST
from tests import cast, release
from tests.proof import verdict
from tests.system.shop import ROOT, Shop

MEI, EMMA = CAST[0], CAST[4]


class Chats:
    """A running shop, and what its customers do."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.database = shop, Database(shop.database_url)

    def act(self, person: Any, action: str = "text", **more: str) -> int:  # noqa: ANN401 (one of the cast)
        status, answer = self.shop.post(
            "/simulator/api/act",
            {"channel": person.channel, "person": person.id, "action": action, **more},
        )
        assert status == 200, answer
        return int(answer["webhook_status"])

    def fault(self, platform: str, **fault: object) -> None:
        assert self.shop.post("/simulator/api/faults", {"platform": platform, **fault})[0] == 200

    def from_bot(self, person: Any) -> list[dict[str, Any]]:  # noqa: ANN401 (one of the cast)
        chat = self.shop.get(f"/simulator/api/chats/{person.channel}/{person.id}")[1]
        return [bubble["body"] for bubble in chat["bubbles"] if bubble["is_from_bot"]]

    def settled(self, messages: int) -> list[OutboxMessage]:
        """Wait until that many messages have come to an end."""
        self.shop.until(lambda: self._ended() >= messages, 30, f"{messages} messages have come to an end")
        with self.database.read() as session:
            return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def _ended(self) -> int:
        with self.database.read() as session:
            ended = OutboxMessage.status.not_in(("pending", "sending"))
            return session.scalar(select(func.count()).select_from(OutboxMessage).where(ended)) or 0


@pytest.fixture
def chats(database_url: str, tmp_path: Path) -> Iterator[Chats]:
    with Shop(database_url, tmp_path) as shop:
        made = Chats(shop)
        now = datetime.now(UTC)
        with made.database.write() as session:
            cast.campaign(session, now, codes=5)
            cast.campaign(session, now, cast.GIFT, codes=0)
            for file in sorted((ROOT / "flows").glob("*.yaml")):
                release.publish(session, file, now)
        shop.worker("first")
        shop.worker("second")
        shop.periodic()
        shop.web()
        shop.healthy()
        yield made
        verdict.wait_for_rest(made.database)
        broken = verdict.broken(made.database)
        made.database.dispose()
        assert broken == {}


def test_the_same_webhook_ten_times_in_parallel_is_one_step_and_one_answer(chats: Chats) -> None:
    chats.act(MEI, text="禮物")
    with ThreadPoolExecutor(10) as senders:
        list(senders.map(lambda _: chats.shop.post("/simulator/api/redeliver"), range(10)))
    chats.settled(1)
    with chats.database.read() as session:
        assert session.scalar(select(func.count()).select_from(InboxEvent)) == 1
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 1
        assert session.scalars(select(Contact.name)).all() == [MEI.name]
    assert len(chats.from_bot(MEI)) == 1


def test_a_lost_answer_of_line_does_not_double_the_message(chats: Chats) -> None:
    chats.fault("line", endpoint="reply", kind="drop_after")
    chats.act(MEI, text="禮物")
    (row,) = chats.settled(1)
    assert (row.status, row.attempts) == ("sent", 2)
    assert len(chats.from_bot(MEI)) == 1


def test_a_platform_that_is_down_gets_the_message_later(chats: Chats) -> None:
    chats.fault("line", endpoint="*", kind="status", status=500, count=3)  # the profile, then two sends
    chats.act(MEI, text="禮物")
    (row,) = chats.settled(1)
    assert row.status == "sent"
    assert row.attempts >= 2
    assert len(chats.from_bot(MEI)) == 1


def test_an_unknown_outcome_in_messenger_is_left_to_people_and_never_doubled(chats: Chats) -> None:
    chats.fault("messenger", endpoint="messages", kind="drop_after")
    chats.act(EMMA, text="gift")
    (row,) = chats.settled(1)
    assert (row.status, row.reason, row.attempts) == ("unknown", "outcome_unknown", 1)
    assert len(chats.from_bot(EMMA)) == 1


def test_a_blocked_customer_is_marked_and_coming_back_is_noticed(chats: Chats) -> None:
    chats.act(MEI, "follow")
    chats.settled(1)
    chats.act(MEI, "block")
    chats.shop.until(lambda: not reachable(chats), 10, "the block is noticed")
    chats.act(MEI, "follow")
    chats.shop.until(lambda: reachable(chats), 10, "the return is noticed")


def reachable(chats: Chats) -> bool:
    with chats.database.read() as session:
        return session.scalars(select(Contact.unreachable_since)).one() is None


def test_a_worker_killed_while_it_sends_loses_nothing_and_doubles_nothing(chats: Chats) -> None:
    chats.fault("line", endpoint="reply", kind="delay", seconds=4)  # delivered first, answered late
    chats.act(MEI, text="禮物")
    chats.shop.until(lambda: len(chats.from_bot(MEI)) == 1, 10, "the message is delivered")
    with chats.database.read() as session:
        sender = session.scalars(select(OutboxMessage.worker)).one()
    assert sender is not None
    victim = next(p for p in chats.shop.processes.values() if f":{p.pid}:" in sender)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    (row,) = chats.settled(1)
    assert row.status == "sent"
    assert len(chats.from_bot(MEI)) == 1


def test_valkey_killed_and_restarted_empty_loses_no_claim_and_no_event(chats: Chats) -> None:
    chats.shop.processes["valkey"].send_signal(signal.SIGKILL)
    chats.shop.processes["valkey"].wait()
    with chats.database.write() as session:
        token = cast.sent(session, cast.EVE, datetime.now(UTC))
    assert chats.act(MEI, text="禮物") == 200  # stored, though nobody could be woken
    assert chats.shop.post(f"/c/{token}/redeem")[1]["state"] == "waiting"
    (chats.shop.directory / "appendonlydir").rename(chats.shop.directory / "lost")
    chats.shop.valkey()
    chats.settled(1)
    chats.shop.until(lambda: answered(chats), 10, "the claim is answered")
    with chats.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Redemption)) == 1


def answered(chats: Chats) -> bool:
    with chats.database.read() as session:
        return session.scalars(select(Claim.outcome)).all() == ["redeemed"]
