"""Waits, reminders and time-outs."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine import Due, Happened, Said, Started, Wait
from tests.bot.talk import NOW, SEND, SENT, Talk, read

REMINDER = (
    SEND + "  - wait: {until: redeemed, timeout: {after: 20 hours, go: remind}}\n"
    "  - say: enjoy\n  - end: true\n"
    "  - id: remind\n    say: {text: 'use {{ coupon.name }}', buttons: [{label: open, url: '{{ coupon.url }}'}]}\n"
    "  - end: true\n"
    "  - {id: bye, say: bye}\n"
)


@pytest.mark.parametrize(
    ("waits", "until"),
    [
        ("2 days", datetime(2026, 12, 3, 4, tzinfo=UTC)),
        ("90 minutes", datetime(2026, 12, 1, 5, 30, tzinfo=UTC)),
        ("1 天 2 小時", datetime(2026, 12, 2, 6, tzinfo=UTC)),
        ("{until: '18:00'}", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("{until: '12:00'}", datetime(2026, 12, 2, 4, tzinfo=UTC)),  # it is just noon: tomorrow's
        ("{until: '09:00'}", datetime(2026, 12, 2, 1, tzinfo=UTC)),
        ("{for: 1 day, until: '10:00'}", datetime(2026, 12, 3, 2, tzinfo=UTC)),
        ("{until: '2026-12-24 18:00'}", datetime(2026, 12, 24, 10, tzinfo=UTC)),
    ],
)
def test_a_wait_is_over_when_the_shops_clock_says_so(waits: str, until: datetime) -> None:
    talk = Talk(read(f"  - wait: {waits}\n  - say: hello\n"))
    assert talk.turn(Started()) == [Wait(until)]
    talk.now = until - timedelta(seconds=1)
    assert talk.turn(Due()) == [Wait(until)]  # too early
    talk.now = until
    assert talk.turn(Due()) == ["hello"]
    assert talk.state.is_ended


def test_a_date_that_is_past_is_not_waited_for() -> None:
    assert Talk(read("  - wait: {until: '2026-11-30 18:00'}\n  - say: hello\n")).turn(Started()) == ["hello"]


def test_who_does_not_redeem_is_reminded_with_a_link_to_the_coupon() -> None:
    talk = Talk(read(REMINDER))
    talk.turn(Started())
    wait = Wait(NOW + timedelta(hours=20), ("redeemed",), "summer-tea")
    assert talk.turn(SENT) == ["here", wait]
    assert talk.later(hours=1).turn(Said("hm")) == [wait]  # starts nothing, changes nothing
    assert talk.turn(Happened("opened")) == [wait]
    assert talk.later(hours=19).turn(Due()) == ["use Tea"]
    assert talk.state.is_ended


def test_who_redeems_in_time_is_not_reminded() -> None:
    talk = Talk(read(REMINDER))
    talk.turn(Started())
    talk.turn(SENT)
    assert talk.later(hours=1).turn(Happened("redeemed")) == ["enjoy"]
    assert talk.turn(Due()) == []


@pytest.mark.parametrize(("status", "happened"), [("redeemed", True), ("verified", True), ("opened", False)])
def test_what_has_happened_already_is_not_waited_for(status: str, *, happened: bool) -> None:
    talk = Talk(read(REMINDER)).becomes(coupons={"summer-tea": status})
    talk.turn(Started())
    assert (talk.turn(SENT)[-1] == "enjoy") is happened


def test_a_wait_may_name_another_campaign_and_go_on_either_way() -> None:
    steps = "  - wait: {until: [opened, redeemed], campaign: gift, timeout: {after: 1 hour}}\n  - say: so\n"
    talk = Talk(read(steps))
    assert talk.turn(Started()) == [Wait(NOW + timedelta(hours=1), ("opened", "redeemed"), "gift")]
    assert talk.later(hours=1).turn(Due()) == ["so"]


def test_a_question_without_an_answer_times_out_and_a_wrong_answer_begins_the_time_anew() -> None:
    steps = (
        "  - ask: {text: how many, kind: number, otherwise: a number, timeout: {after: 1 hour, go: bye}}\n"
        "  - end: true\n  - {id: bye, say: bye}\n"
    )
    talk = Talk(read(steps))
    assert talk.turn(Started()) == ["how many", Wait(NOW + timedelta(hours=1))]
    assert talk.later(minutes=50).turn(Said("many")) == ["a number", Wait(NOW + timedelta(minutes=110))]
    assert talk.later(minutes=10).turn(Due()) == [Wait(NOW + timedelta(minutes=110))]
    assert talk.later(minutes=50).turn(Due()) == ["bye"]
    assert talk.state.answers == {}


def test_after_so_many_answers_that_do_not_fit_the_flow_goes_another_way() -> None:
    steps = (
        "  - ask: {text: which, choices: [tea, milk], otherwise: tap, tries: {at_most: 3, go: help}}\n"
        "  - {id: again, ask: {text: size, choices: [big, small], tries: {at_most: 2}}}\n"
        "  - end: true\n  - {id: help, say: help}\n"
    )
    talk = Talk(read(steps))
    talk.turn(Started())
    assert [talk.turn(Said("x")) for _ in range(3)] == [["tap"], ["tap"], ["help"]]
    talk = Talk(read(steps))
    talk.turn(Started())
    talk.turn(Said("x"))
    assert talk.turn(Said("milk")) == ["size"]
    assert talk.turn(Said("x")) == ["size"]  # counted anew for each question
    assert talk.turn(Said("x")) == []
    assert talk.state.is_ended
