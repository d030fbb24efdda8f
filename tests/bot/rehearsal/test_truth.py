"""A trial says what a shop says: the same acts, once in memory and once with a database, lead to the same messages."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import conversation, publishing
from bot.rehearsal.acts import Act, Comes, Passes, Uses, Writes
from bot.rehearsal.deeds import Spoke
from bot.rehearsal.playing import play
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from bot.turns import Desk
from core import dispatch, standings
from db import locks
from db.database import Database
from db.tables import Coupon, Wait
from tests import cast, release
from tests.bot.test_conversation import FLOWS, SHOP, Chat, text_of

WORDS = ["優惠", "禮物", "ＴＥＡ", "珍珠奶茶", "還沒決定", "好啊", "先不用", "我有問題", "咖啡", "你好", "喂？", "gift"]
ACTS: list[Act] = [
    *map(Writes, WORDS),
    Comes("first"),
    Comes("again"),
    Comes("ref", "poster-01"),
    Comes("ref", "poster-99"),
    Comes("postback", "welcome"),
    Comes("postback", "nothing"),
]


def happens(chat: Chat, act: Act) -> list[str]:
    """The act in the shop with a database; the words that were queued."""
    match act:
        case Writes(text):
            said = chat.act(text=text)
        case Comes("ref", data):
            said = chat.act("referral", ref=data)
        case Comes("postback", data):
            said = chat.act("postback", data=data)
        case _:
            said = chat.act("follow", is_unblocked=act == Comes("again"))
    return [words for words in said if words != "image"]


@pytest.mark.parametrize("seed", range(3))
def test_any_acts_lead_to_the_same_messages_with_and_without_a_database(
    database: Database, now: datetime, seed: int
) -> None:
    chat = Chat(database, now)
    flows = [publishing.check_file(file).flow for file in sorted(FLOWS.glob("*.yaml"))]
    stage = Stage(flow for flow in flows if flow)
    world = World(
        now=now,
        channel="line",
        language="zh-TW",
        name="小美",
        shop="日日茶",
        refuse={"welcome-gift": "sold_out"},  # it has no serials in the other shop
    )
    chosen = random.Random(seed)  # noqa: S311 (the same every time)
    told = 0
    for place in range(40):
        act = chosen.choice(ACTS)
        world, deeds = play(stage, world, act)
        rehearsed = [line for deed in deeds if isinstance(deed, Spoke) for line in deed.seen.text.split("\n")]
        assert happens(chat, act) == rehearsed, f"act {place}: {act}"
        told += len(rehearsed)
    assert told > 20


REMINDER = """\
flow: reminder
starts: [{words: [提醒]}]
steps:
  - send_coupon: {campaign: summer-tea, text: 券, button: 打開, refused: {otherwise: none}}
  - wait: {until: redeemed, timeout: {after: 2 days, go: remind}}
  - say: 謝謝
  - wait: 1 day
  - say: 下次見
  - end: true
  - {id: none, say: 沒有了}
  - end: true
  - {id: remind, say: 別忘了}
  - ask: {text: 還要嗎, choices: [要, 不要], keep: again, timeout: {after: 3 hours, go: none}}
  - say: 好
"""


class Patient(Chat):
    """A conversation in the shop with a database, in which time passes and coupons are redeemed."""

    def resume(self) -> list[str]:
        """What the worker does that finds a wait over."""
        before = len(self.outbox())
        with self.database.write() as session:
            contact = locks.contact(session, self.contact_id)
            desk = Desk(session, self.catalog, SHOP, self.now)
            letter = conversation.resume(desk, contact, standings.read(session, [contact.id], self.now)[contact.id])
            dispatch.add(session, [letter] if letter else [], None, self.now)
        return [text_of(row.payload) for row in self.outbox()[before:]]

    def passes(self, time: timedelta) -> list[str]:
        until, said = self.now + time, list[str]()
        while (due_at := self.due_at()) and due_at <= until:
            self.now = max(self.now, due_at)
            said += self.resume()
        self.now = until
        return said

    def due_at(self) -> datetime | None:
        with self.database.read() as session:
            return session.scalar(select(Wait.due_at))

    def redeems(self) -> list[str]:
        with self.database.read() as session:
            token = session.scalars(select(Coupon.token).order_by(Coupon.id.desc())).first()
        assert token is not None
        cast.redeem(self.database, token, self.now)
        return self.resume()


PATIENCE = {
    "reminded": [Writes("提醒"), Passes(timedelta(days=1)), Writes("喂"), Passes(timedelta(days=1)), Writes("要")],
    "reminded, and silent": [Writes("提醒"), Passes(timedelta(days=2)), Passes(timedelta(hours=3))],
    "redeemed": [Writes("提醒"), Passes(timedelta(days=1)), Uses("redeemed", "summer-tea"), Passes(timedelta(days=3))],
    "another flow": [Writes("提醒"), Writes("優惠"), Passes(timedelta(days=3)), Writes("珍珠奶茶")],
    "all at once": [Writes("提醒"), Passes(timedelta(days=9)), Writes("不要")],
}


@pytest.mark.parametrize("acts", PATIENCE.values(), ids=PATIENCE)
def test_waits_lead_to_the_same_messages_with_and_without_a_database(
    database: Database, now: datetime, tmp_path: Path, acts: list[Act]
) -> None:
    file = tmp_path / "reminder.yaml"
    file.write_text(REMINDER, encoding="utf-8")
    chat = Patient(database, now)
    with database.write() as session:
        release.publish(session, file, now)
    flows = [publishing.check_file(one).flow for one in [*sorted(FLOWS.glob("*.yaml")), file]]
    stage = Stage(flow for flow in flows if flow)
    world = World(now=now, channel="line", language="zh-TW", name="小美", shop="日日茶")
    told = 0
    for act in acts:
        world, deeds = play(stage, world, act)
        match act:
            case Passes(time):
                happened = chat.passes(time)
            case Uses():
                happened = chat.redeems()
            case _:
                happened = happens(chat, act)
        rehearsed = [deed.seen.text for deed in deeds if isinstance(deed, Spoke)]
        assert happened == rehearsed, act
        told += len(rehearsed)
    assert told > 1
