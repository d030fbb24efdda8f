"""Mistakes in a flow's conversations: each at its line, with what was probably meant."""

import re

import pytest

from bot.language.check import check
from bot.language.known import Known

FLOW = """\
flow: tea
starts: [follow]
steps:
  - ask: {text: a, choices: [b, c], keep: drink}
  - send_coupon: {campaign: summer-tea, text: hi, button: open, refused: {otherwise: bye}}
  - {id: bye, say: bye}
conversations:
  - name: one
"""
KNOWN = Known(frozenset({"summer-tea", "welcome-gift"}))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TALK = "    talk:\n      - follow\n"

BROKEN = {
    "an unknown part": ("    chanel: line\n" + TALK, 9, "'chanel' is not known here; did you mean 'channel'?"),
    "an unknown turn": (TALK + "      - costumer: hi\n", 11, "'costumer' is not known here; did you mean 'customer'?"),
    "an unknown part of a message": (
        TALK + "      - bot: {txt: hi}\n",
        11,
        "'txt' is not known here; did you mean 'text'?",
    ),
    "an unknown part of the contact": (
        "    contact: {nmae: Alex}\n" + TALK,
        9,
        "'nmae' is not known here; did you mean 'name'?",
    ),
    "no talk": ("    language: en\n", 8, "'talk' is missing"),
    "an empty talk": ("    talk: []\n", 9, "'talk' is empty"),
    "an answer before anything is done": ("    talk:\n      - bot: hi\n", 8, "must begin with what the customer does"),
    "two parts in a turn": (TALK + "      - {customer: a, bot: b}\n", 11, "a turn has exactly one part"),
    "a word that is no turn": (TALK + "      - folow\n", 11, "only follow, given_back and end stand alone"),
    "an empty turn": (TALK + "      - customer: ''\n", 11, "`customer` is empty here"),
    "a message that says nothing": (TALK + "      - bot: {}\n", 11, "needs a `text`, or another part"),
    "a time that is none": (TALK + "      - after: soon\n", 11, "found 'soon'; expected how long"),
    "a beginning that is none": ("    at: noon\n" + TALK, 9, "expected a day and a time such as 2026-12-01 12:00"),
    "a language that is none": ("    language: English\n" + TALK, 9, "a language such as zh-Hant or en"),
    "a channel that is none": ("    channel: sms\n" + TALK, 9, "expected 'line' or 'messenger'"),
    "a reason that is none": ("    refuse: {summer-tea: sold-out}\n" + TALK, 9, "'sold_out'"),
    "a campaign that is not there": (
        "    refuse: {sumer-tea: sold_out}\n" + TALK,
        9,
        "there is no campaign 'sumer-tea'; did you mean 'summer-tea'?",
    ),
    "a coupon of a campaign that is not there": (
        TALK + "      - redeemed: summer-te\n",
        11,
        "there is no campaign 'summer-te'; did you mean 'summer-tea'?",
    ),
    "an answer that no question keeps": (
        TALK + "      - answers: {drnk: b}\n",
        11,
        "no question keeps 'drnk'; did you mean 'drink'?",
    ),
    "a name twice": (
        TALK + "  - name: one\n    talk: [follow]\n",
        11,
        "another conversation has the name 'one' already",
    ),
}


@pytest.mark.parametrize(("text", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_found_at_its_line(text: str, line: int, words: str) -> None:
    _, mistakes = check(FLOW + text, "tea.yaml", KNOWN)
    assert [(mistake.line, words in mistake.message.en) for mistake in mistakes] == [(line, True)], mistakes
    assert CHINESE.search(mistakes[0].message.zh)


def test_without_the_shops_campaigns_only_what_is_nearly_the_flows_own_is_a_mistake() -> None:
    text = TALK + "      - redeemed: welcome-gift\n      - redeemed: summer-te\n"
    _, mistakes = check(FLOW + text, "tea.yaml", Known())
    assert [(mistake.line, mistake.message.en) for mistake in mistakes] == [
        (12, "there is no campaign 'summer-te'; did you mean 'summer-tea'?")
    ]


def test_a_coupon_that_the_contact_has_already_may_be_of_any_campaign() -> None:
    text = "    contact: {coupons: {old-one: sent}}\n" + TALK + "      - redeemed: old-one\n"
    assert check(FLOW + text, "tea.yaml", KNOWN)[1] == []
