"""Flows that begin at a time, in trials: the moment comes, for whom it should, once."""

from datetime import datetime, timedelta

import pytest

from bot.rehearsal.acts import Act, Passes, Reaches, Writes
from bot.rehearsal.chat import Chat
from bot.rehearsal.deeds import Failed, Spoke
from bot.rehearsal.playing import play
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from settings import TAIPEI
from tests.bot.rehearsal.flows import TEA, read

XMAS = """\
flow: xmas
languages: [zh-Hant, en]
starts:
  - at: 2026-12-24 10:00
    with: {tag: [vip, gold], channel: line, language: zh-Hant}
  - at: 2026-12-26 10:00
    with: {tag: gold}
steps:
  - say: 聖誕快樂
  - ask: {text: 想喝什麼, keep: drink}
"""
NOON = datetime(2026, 12, 23, 12, tzinfo=TAIPEI)
MEI = World(now=NOON, channel="line", language="zh-TW", name="小美", shop="日日茶", tags=frozenset({"vip"}))
STAGE = Stage([read(XMAS), read(TEA)])


def said(*acts: Act, world: World = MEI) -> list[list[str]]:
    """What the bot says after each act; what is held back in parentheses."""
    told = []
    for act in acts:
        world, deeds = play(STAGE, world, act)
        spoken = [deed for deed in deeds if isinstance(deed, Spoke)]
        told.append([f"({one.seen.text})" if one.is_held else one.seen.text for one in spoken])
    return told


def minutes(count: int) -> Passes:
    return Passes(timedelta(minutes=count))


def at(clock: str) -> World:
    """Mei's world at this time of the day itself."""
    return MEI.model_copy(update={"now": datetime.fromisoformat(f"2026-12-24 {clock}").replace(tzinfo=TAIPEI)})


def test_the_flow_begins_when_time_passes_its_moment_and_only_then() -> None:
    assert said(minutes(22 * 60 - 1), minutes(1), minutes(1), minutes(7 * 24 * 60)) == [
        [],
        ["聖誕快樂", "想喝什麼"],
        [],
        [],
    ]
    assert said(Reaches("2026-12-24 10:00")) == [["聖誕快樂", "想喝什麼"]]


@pytest.mark.parametrize(
    "changed",
    [{"tags": frozenset({"cold"})}, {"channel": "messenger"}, {"language": "en-US"}],
    ids=["no tag", "another channel", "another language"],
)
def test_it_begins_for_nobody_else(changed: dict[str, object]) -> None:
    assert said(Passes(timedelta(days=9)), world=MEI.model_copy(update=changed)) == [[]]


def test_each_moment_of_a_flow_begins_it_and_messenger_holds_what_comes_too_late() -> None:
    gold = MEI.model_copy(update={"tags": frozenset({"gold"})})
    assert said(Passes(timedelta(days=9)), world=gold) == [["聖誕快樂", "想喝什麼"] * 2]
    in_messenger = gold.model_copy(update={"channel": "messenger"})
    assert said(Passes(timedelta(days=9)), Writes("hm"), world=in_messenger) == [
        ["(聖誕快樂)", "(想喝什麼)"],
        ["聖誕快樂", "想喝什麼"],
    ]


def test_who_is_chatting_is_not_interrupted_before_ten_quiet_minutes() -> None:
    assert said(Writes("茶"), minutes(9), Writes("嗯"), minutes(9), minutes(1), world=at("09:52")) == [
        ["想喝什麼？"],
        [],
        ["想喝什麼？"],
        [],
        ["聖誕快樂", "想喝什麼"],
    ]
    assert said(Writes("茶"), minutes(10), world=at("09:50")) == [["想喝什麼？"], ["聖誕快樂", "想喝什麼"]]


def test_who_is_with_a_person_is_left_alone() -> None:
    assert said(Writes("茶"), Writes("店員"), Passes(timedelta(days=2)), world=at("09:00"))[2] == []


def test_a_moment_that_is_over_cannot_come() -> None:
    world, deeds = play(STAGE, MEI, Reaches("2026-12-23 12:00"))
    assert world == MEI
    over = "2026-12-23 12:00 is over: it is 2026-12-23 12:00 here; `at:` beside `name:` begins earlier"
    assert [deed.why.en for deed in deeds if isinstance(deed, Failed)] == [over]


def test_a_chat_travels_to_the_moment_by_command() -> None:
    chat = Chat([read(XMAS)], MEI)
    assert "/at 2026-12-24 10:00" in chat.greeting()[1]
    assert chat.reply("/at noon") == ["found 'noon'; expected a day and a time such as 2026-12-01 12:00"]
    assert chat.reply("/at 2026-12-24 10:00")[:2] == ["  聖誕快樂", "  想喝什麼"]
    assert chat.reply("/turns")[:2] == ["- at: 2026-12-24 10:00", "- bot: 聖誕快樂"]
