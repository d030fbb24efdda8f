"""A trial says what a shop says: the same acts, once in memory and once with a database, lead to the same messages."""

import random
from datetime import datetime

import pytest

from bot import publishing
from bot.rehearsal.acts import Act, Comes, Writes
from bot.rehearsal.deeds import Spoke
from bot.rehearsal.playing import play
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from db.database import Database
from tests.bot.test_conversation import FLOWS, Chat

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
