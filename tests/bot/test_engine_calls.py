"""Flows that call one another."""

import pytest

from bot.engine import FlowFailure, HandOver, Said, Started
from core.reasons import Reason
from tests.bot.talk import Talk, read

NAME = read("  - ask: {text: your name, keep: name}\n  - end: true\n")
MAIN = (
    "  - ask: {text: which, keep: drink}\n  - call: ask-name\n  - say: '{{ answers.name }} likes {{ answers.drink }}'\n"
)


def test_a_called_flow_returns_and_its_answers_are_there() -> None:
    talk = Talk(read(MAIN), ask_name=NAME)
    talk.turn(Started())
    assert talk.turn(Said("tea")) == ["your name"]
    assert talk.state.answers == {}  # a called flow begins without answers
    assert talk.turn(Said("Ann")) == ["Ann likes tea"]
    assert talk.state.is_ended
    assert talk.state.frames == ()


def test_a_conversation_goes_through_the_version_that_it_called() -> None:
    talk = Talk(read(MAIN), ask_name=NAME)
    talk.turn(Started())
    talk.turn(Said("tea"))
    talk.library.names = ["renamed"]
    assert talk.turn(Said("Ann")) == ["Ann likes tea"]


def test_a_flow_that_is_not_published_stops_the_conversation_with_a_reason() -> None:
    talk = Talk(read("  - call: ask-name\n"))
    with pytest.raises(FlowFailure, match="'ask-name', which is not published") as caught:
        talk.turn(Started())
    assert caught.value.reason is Reason.FLOW_UNKNOWN


def test_a_called_flow_that_hands_over_does_not_return() -> None:
    talk = Talk(read("  - call: help\n  - say: back\n"), help=read("  - hand_over: help\n"))
    assert talk.turn(Started()) == [HandOver("help")]
    assert talk.state.is_ended


def test_a_menu_of_flows_that_call_one_another_last_goes_round_without_an_end() -> None:
    menu = read("  - ask: {text: menu, keep: a}\n  - call: part\n")
    part = read("  - say: part\n  - call: menu\n")
    talk = Talk(menu, menu=menu, part=part)
    talk.turn(Started())
    assert [talk.turn(Said("x")) for _ in range(50)] == [["part", "menu"]] * 50
    assert talk.state.frames == ()


def test_what_a_last_call_asked_reaches_the_flow_that_called_its_caller() -> None:
    outer = read("  - call: middle\n  - say: '{{ answers.name }}, {{ answers.drink }}'\n")
    middle = read("  - ask: {text: which, keep: drink}\n  - call: ask-name\n")
    talk = Talk(outer, middle=middle, ask_name=NAME)
    talk.turn(Started())
    talk.turn(Said("tea"))
    assert talk.turn(Said("Ann")) == ["Ann, tea"]


def test_calls_within_one_another_have_an_end() -> None:
    deeper = read("  - ask: {text: deeper}\n  - call: deeper\n  - say: never\n")
    talk = Talk(deeper, deeper=deeper)
    talk.turn(Started())
    for _ in range(10):
        talk.turn(Said("x"))
    with pytest.raises(FlowFailure, match="more than 10 deep"):
        talk.turn(Said("x"))
