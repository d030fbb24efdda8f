"""Talking to a flow by hand."""

from datetime import UTC, datetime

from bot.rehearsal.chat import Chat
from bot.rehearsal.world import World
from tests.bot.rehearsal.flows import TEA, read, with_talk

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)


def chat(channel: str = "line", language: str = "en") -> Chat:
    world = World.model_validate({"now": NOW, "channel": channel, "language": language, "name": "Alex", "shop": "Tea"})
    return Chat([read(TEA)], world)


def test_choices_and_buttons_have_numbers_and_can_be_tapped_by_them() -> None:
    talk = chat()
    assert talk.reply("tea") == ["  Which one?", "    1. Black", "    2. Staff"]
    assert talk.reply("1") == [
        "  (tag: tea-lover)",
        "  (a coupon of summer-tea is sent)",
        "  summer-tea",
        "  Here it is.",
        "    1. Open -> https://coupons.example/summer-tea/1",
        "  (waits until the coupon of summer-tea is redeemed, or until 2026-12-03 04:00+00:00)",
    ]
    assert talk.reply("/redeemed") == ["  Thank you!", "  (the flow is over)"]


def test_time_travel_brings_the_reminder() -> None:
    talk = chat()
    talk.reply("tea")
    talk.reply("1")
    assert talk.reply("/after 1 day") == ["  (nothing is said)"]
    assert talk.reply("/after 1 day") == ["  Your coupon is waiting.", "  (the flow is over)"]
    assert talk.reply("/state")[0] == "  now: 2026-12-03 04:00+00:00"


def test_messenger_keeps_a_late_reminder_back_until_the_customer_writes() -> None:
    talk = chat("messenger")
    talk.reply("tea")
    talk.reply("1")
    kept = "  (kept back, as Messenger's 24 hours are over: Your coupon is waiting.)"
    assert talk.reply("/after 2 days") == [kept, "  (the flow is over)"]
    assert talk.reply("hello") == ["  Your coupon is waiting."]


def test_a_coupon_can_be_refused_by_hand() -> None:
    talk = chat()
    assert talk.reply("/refuse summer-tea soldout") == ["found 'soldout'; did you mean 'sold_out'?"]
    talk.reply("/refuse summer-tea sold_out")
    talk.reply("/ref poster")
    assert "  All gone." in talk.reply("Black")
    talk.reply("/refuse summer-tea")
    talk.reply("/follow")
    assert "  (a coupon of summer-tea is sent)" in talk.reply("Black")


def test_the_state_says_where_the_conversation_stands() -> None:
    talk = chat()
    assert talk.reply("/state")[1] == "  at: no flow has begun"
    talk.reply("tea")
    assert talk.reply("/state")[1] == "  at: step 1 (ask) of tea"
    talk.reply("1")
    state = talk.reply("/state")
    assert {"  at: step 4 (wait) of tea", "  answers: drink: black", "  tags: tea-lover"} <= set(state)
    assert "  coupons: summer-tea: sent" in state
    talk.reply("/restart")
    talk.reply("tea")
    talk.reply("Staff")
    assert talk.reply("/state")[1] == "  at: a person answers: wants a person"
    assert talk.reply("/given_back") == ["  (nothing is said)"]
    assert talk.reply("/state")[1] == "  at: the flow tea is over"
    assert talk.reply("/turns")[-1] == "- given_back"
    assert "nobody has taken over" in talk.reply("/given_back")[0]


def test_what_was_said_can_be_kept_as_a_conversation_that_goes_as_written() -> None:
    talk = chat()
    for line in ("tea", "coffee", "1", "/after 1 day", "/opened", "/verified"):
        talk.reply(line)
    text = f"{with_talk(head='language: en').rstrip()}\n" + "\n".join(f"      {line}" for line in talk.reply("/turns"))
    from bot.rehearsal.trial import trials  # noqa: PLC0415 (beside its use)

    (trial,) = trials(read(text))
    assert trial.is_good
    assert len(trial.stretches) == 6


def test_commands_that_are_none_or_lack_something_are_explained_and_change_nothing() -> None:
    talk = chat()
    before = talk.world
    assert talk.reply("/aftr 2 days") == ["There is no /aftr; did you mean 'after'?"]
    assert "expected how long" in talk.reply("/after soon")[0]
    assert "no coupon of" in talk.reply("/redeemed")[0]
    assert talk.reply("") == []
    assert talk.world == before
    assert any("/after 2 days" in line for line in talk.reply("/help"))
    assert not talk.is_over
    assert talk.reply("/quit") == []
    assert talk.is_over


def test_the_greeting_says_what_starts_the_flow() -> None:
    assert chat().greeting() == [
        "tea, in LINE, with Alex, who reads en.",
        "It starts by: 茶, tea, /follow, /ref poster. /help lists what else can be done.",
    ]


STOPS = """\
flow: stops
starts: [{words: go}, otherwise]
steps:
  - say: hi
  - wait: 1 minute
  - call: none
"""


def test_a_flow_that_cannot_go_on_stops_until_something_starts_one() -> None:
    talk = Chat([read(STOPS)], chat().world)
    talk.reply("go")
    (failed,) = talk.reply("/after 1 hour")
    assert "flow stops, step 3" in failed
    assert talk.reply("/state")[1].startswith("  at: stopped: flow stops, step 3")
    assert talk.reply("/after 1 hour") == ["  (nothing is said)"]
    assert talk.reply("hm") == ["  (nothing is said)"]  # nor does what answers all else: a person may have to look
    assert talk.reply("go")[0] == "  hi"


def test_an_empty_message_is_none() -> None:
    flow = "flow: x\nstarts: [follow]\nsteps:\n  - say: '{{ attributes.taste }}'\n"
    assert Chat([read(flow)], chat().world).reply("/follow") == ["  (the flow is over)"]
