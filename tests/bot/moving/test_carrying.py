"""What of a conversation is carried into a newer version of its flow, and why some are not."""

from datetime import UTC, datetime

import pytest

from bot.language.known import Known
from bot.language.model import Flow
from bot.moving.carrying import Carrier, Stays
from bot.state import Frame, State
from core.reasons import Reason
from tests.bot.talk import read

ASK = """\
  - say: {text: [One, Two]}
  - id: drink
    ask:
      text: Which?
      choices: [{label: {zh-Hant: 紅茶, en: Tea}, value: black}, Milk]
      keep: drink
      timeout: {after: 1 day}
  - say: Thanks
"""
NUMBER = "  - {id: many, ask: {text: How many, kind: number, min: 1, max: 9, keep: many}}\n  - say: ok\n"
WAIT = "  - {id: later, wait: {for: 2 days}}\n  - say: Late\n"
ASKED = State(step=1, waits_for="answer", due_at=datetime(2026, 12, 2, tzinfo=UTC), luck=7)


def carried(old: str, new: str, state: State, **called: Flow) -> State | Stays:
    return Carrier(read(old), read(new), Known(flows=called)).carried(state)


def test_who_waits_at_a_step_is_found_at_the_step_with_the_same_id_with_all_that_was_kept() -> None:
    state = State(
        step=1, waits_for="answer", answers={"name": "Mei"}, luck=7, tries=1, said={"0/0": 3, "9/4": 1}, coupon={}
    )
    found = carried(ASK, "  - tag: new\n" + ASK.replace("Which?", "Which one?"), state)
    assert found == State(
        step=2, waits_for="answer", answers={"name": "Mei"}, luck=7, tries=1, said={"0/1": 3, "9/4": 1}, coupon={}
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (ASK, ASK.replace("id: drink", "id: tea"), "move_step_gone"),
        (ASK, "  - {id: drink, wait: {for: 1 day}}\n  - say: a\n", "move_kind_changed"),
        (ASK, ASK.replace("keep: drink", "keep: tea"), "move_question_changed"),
        (ASK, ASK.replace("Milk", "Cream"), "move_question_changed"),
        (ASK, ASK.replace("value: black", "value: red"), "move_question_changed"),
        (ASK, ASK.replace("en: Tea", "en: Red"), "move_question_changed"),
        (ASK, "  - {id: drink, ask: {text: Which, keep: drink, timeout: {after: 1 day}}}\n", "move_question_changed"),
        (ASK, ASK.replace("1 day", "2 days"), "move_wait_changed"),
        (ASK, ASK.replace("      timeout: {after: 1 day}\n", ""), "move_wait_changed"),
    ],
)
def test_a_question_that_an_answer_on_its_way_would_not_fit_keeps_people_back(old: str, new: str, reason: str) -> None:
    assert carried(old, new, ASKED) == Stays(1, Reason(reason))


@pytest.mark.parametrize(
    "new",
    [
        ASK.replace("Which?", "Which one?"),
        ASK.replace("en: Tea", "en: Tea, zh-Hans: 红茶"),
        ASK.replace("Milk]", "Milk, Cream]"),
        ASK.replace("1 day", "24 hours"),
        ASK.replace("Milk", "{label: Milk, go: end}") + "  - id: end\n    say: bye\n",
    ],
)
def test_other_words_more_choices_and_other_ways_keep_nobody_back(new: str) -> None:
    assert carried(ASK, new, ASKED) == ASKED


@pytest.mark.parametrize(
    ("new", "fits"), [("min: 0, max: 99", True), ("min: 1", True), ("min: 2", False), ("max: 8", False)]
)
def test_a_number_must_still_be_taken(new: str, *, fits: bool) -> None:
    found = carried(NUMBER, NUMBER.replace("min: 1, max: 9", new), State(waits_for="answer"))
    assert isinstance(found, State) == fits


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{for: 2 days}", "{for: 48 hours}", None),
        ("{for: 2 days}", "{for: 3 days}", "move_wait_changed"),
        ("{until: '18:00'}", "{until: '19:00'}", "move_wait_changed"),
        ("{until: '2026-12-24 18:00'}", "{until: '2026-12-31 18:00'}", "move_wait_changed"),
        (
            "{until: [opened, redeemed], campaign: a, timeout: {after: 1 day}}",
            "{until: [redeemed, opened], campaign: a, timeout: {after: 1 day, go: x}}",
            None,
        ),
        ("{until: opened, timeout: {after: 1 day}}", "{until: redeemed, timeout: {after: 1 day}}", "move_wait_changed"),
        (
            "{until: opened, campaign: a, timeout: {after: 1 day}}",
            "{until: opened, campaign: b, timeout: {after: 1 day}}",
            "move_wait_changed",
        ),
    ],
)
def test_a_wait_goes_along_only_where_it_means_the_same(old: str, new: str, reason: str | None) -> None:
    send = "  - send_coupon: {campaign: a, text: t, button: b, refused: {otherwise: x}}\n"
    end = "  - {id: x, say: Late}\n"
    before, after = (f"{send}  - {{id: later, wait: {wait}}}\n{end}" for wait in (old, new))
    state = State(step=1, waits_for="wait", coupon={"campaign": "a"})
    assert carried(before, after, state) == (Stays(1, Reason(reason)) if reason else state)


def test_a_step_without_an_id_is_found_by_what_it_says_where_just_one_says_so() -> None:
    ask, state = "  - ask: {text: Name, keep: name}\n", State(step=0, waits_for="answer")
    unnamed = Stays(0, Reason.MOVE_STEP_UNNAMED)
    assert carried(ask, "  - say: Hi\n" + ask, state) == State(step=1, waits_for="answer")
    named = "  - say: Hi\n  - {id: name, ask: {text: Name, keep: name}}\n"
    assert carried(ask, named, state) == State(step=1, waits_for="answer")
    assert carried(ask, ask.replace("Name", "Your name"), state) == unnamed
    assert carried(ask, ask + ask, state) == unnamed
    assert carried(ask + ask, ask, state) == unnamed


def test_a_text_further_on_that_needs_an_answer_which_was_never_given_keeps_people_back() -> None:
    first = "  - ask: {text: Name, keep: name}\n"
    new = first + WAIT.replace("Late", "Hello {{ answers.name }}")
    state = State(waits_for="wait", luck=1)
    assert carried(WAIT, new, state) == Stays(0, Reason.MOVE_VALUE_MISSING, "name")
    asked = State(waits_for="wait", luck=1, answers={"name": "Mei"})
    assert carried(WAIT, new, asked) == State(step=1, waits_for="wait", luck=1, answers={"name": "Mei"})
    guarded = new.replace("answers.name", "answers.name | default('you')")
    assert isinstance(carried(WAIT, guarded, state), State)
    later = "  - go: later\n" + WAIT + first + "  - say: Hello {{ answers.name }}\n"
    assert isinstance(carried(WAIT, later, state), State)


def test_a_text_further_on_that_needs_a_coupon_which_was_never_sent_keeps_people_back() -> None:
    send = "  - send_coupon: {campaign: a, text: t, button: b, refused: {otherwise: later}}\n"
    new = send + WAIT.replace("Late", "Your coupon {{ coupon.url }}")
    assert carried(WAIT, new, State(waits_for="wait")) == Stays(0, Reason.MOVE_VALUE_MISSING, "coupon.")
    sent = State(waits_for="wait", coupon={"url": "https://shop.example/c/abc"})
    assert isinstance(carried(WAIT, new, sent), State)


def test_who_is_in_a_called_flow_comes_back_to_the_newer_version() -> None:
    called = read("  - ask: {text: Name, keep: name}\n")
    old, new = "  - call: name\n  - say: Bye\n", "  - say: Hi\n  - call: name\n  - say: 'Bye {{ answers.name }}'\n"
    within = State(step=0, version_id=5, waits_for="answer", frames=(Frame(0, 1, {"a": "b"}),))
    expected = State(step=0, version_id=5, waits_for="answer", frames=(Frame(0, 2, {"a": "b"}),))
    assert carried(old, new, within, name=called) == expected
    deeper = State(step=3, version_id=6, waits_for="answer", frames=(Frame(0, 1), Frame(5, 2)))
    found = carried(old, new, deeper, name=called)
    assert isinstance(found, State) and found.frames == (Frame(0, 2), Frame(5, 2))


def test_who_is_in_a_called_flow_and_could_not_come_back_stays() -> None:
    within = State(version_id=5, waits_for="answer", frames=(Frame(0, 1),))
    call = "  - {id: who, call: name}\n  - say: Bye\n"
    assert carried(call, "  - say: Hi\n", within) == Stays(0, Reason.MOVE_STEP_GONE)
    assert carried(call, call.replace("call: name", "call: other"), within) == Stays(0, Reason.MOVE_CALL_CHANGED)
    assert carried(call.replace("id: who, ", ""), call.replace("name", "other"), within) == Stays(
        0, Reason.MOVE_STEP_UNNAMED
    )


def test_who_is_in_a_called_flow_that_was_the_last_step_has_nothing_to_come_back_to() -> None:
    within = State(step=4, version_id=5, waits_for="answer", said={"0/0": 1, "5/1": 2})
    found = carried("  - say: {text: [A, B]}\n  - call: name\n", "  - say: Hi\n", within)
    assert found == State(step=4, version_id=5, waits_for="answer", said={"5/1": 2})
