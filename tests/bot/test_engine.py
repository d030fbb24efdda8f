"""Conversations with the engine; the state is stored and read back between all turns."""

from pathlib import Path

import pytest

from bot import engine
from bot.engine import Contact, CouponRefused, FlowFailure, HandOver, Said, Say, SendCoupon, Started, Tag
from bot.language import texts
from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from bot.state import State
from core.reasons import Reason
from tests.bot.talk import ALEX, MEI, NOW, SEND, SENT, Talk, read

BYE = "  - {id: bye, say: bye}\n"
FLOWS = Path(__file__).parent.parent.parent / "flows"


def example(name: str) -> Flow:
    flow, _ = check((FLOWS / f"{name}.yaml").read_text(encoding="utf-8"), name, Known())
    assert flow is not None
    return flow


def test_the_tea_flow_asks_tags_and_sends_a_coupon() -> None:
    talk = Talk(example("summer-tea"))
    assert talk.turn(Started()) == ["小美您好！日日茶的夏日奶茶買一送一開跑了。", "您最想喝哪一種？"]
    assert talk.turn(Said("珍珠奶茶")) == [Tag("tea-lover"), SendCoupon("summer-tea")]
    assert talk.turn(SENT) == ["這是您的買一送一券，到店出示即可使用。"]
    assert talk.state.is_ended
    assert talk.state.answers == {"drink": "bubble-tea"}


def test_a_coupon_comes_with_a_button_to_its_page_and_its_picture() -> None:
    talk = Talk(example("summer-tea"), ALEX)
    talk.turn(Started())
    talk.turn(Said("bubble milk tea"))
    turn = engine.advance(talk.flow, talk.state, SENT, ALEX, NOW)
    (effect,) = turn.effects
    assert isinstance(effect, Say)
    assert (effect.message.buttons[0].label, effect.message.buttons[0].url) == ("Open my coupon", SENT.url)
    assert (effect.message.title, effect.message.image_url) == ("Tea", SENT.image_url)


def test_a_steps_own_picture_takes_the_place_of_the_campaigns() -> None:
    talk = Talk(read(SEND.replace("text: here", "text: here, image: 'https://shop.example/own.jpg'") + BYE))
    talk.turn(Started())
    (effect, *_) = engine.advance(talk.flow, talk.state, SENT, MEI, NOW).effects
    assert isinstance(effect, Say)
    assert effect.message.image_url == "https://shop.example/own.jpg"


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Reason.LIMIT_REACHED, "您已經領過這張優惠券囉，每人限用一次。"),
        (Reason.SOLD_OUT, "優惠券已經全部送完了，謝謝您的支持！"),
        (Reason.NOT_STARTED, "活動還沒開始，請再等等喔。"),
        (Reason.ENDED, "活動已經結束了，下次請早！"),
        (Reason.UNKNOWN_CAMPAIGN, "現在無法送出優惠券，請稍後再試。"),
    ],
)
def test_every_refusal_of_a_coupon_has_its_words(reason: Reason, words: str) -> None:
    talk = Talk(example("summer-tea"))
    talk.turn(Started())
    talk.turn(Said("還沒決定"))
    assert talk.turn(CouponRefused(reason)) == [words]
    assert talk.state.is_ended


def test_an_answer_that_does_not_fit_is_asked_for_again() -> None:
    talk = Talk(example("summer-tea"))
    talk.turn(Started())
    before = talk.state
    assert talk.turn(Said("咖啡")) == ["請點選下面的其中一個選項。"]
    assert talk.state == before
    assert engine.fits(talk.flow, talk.state, " ＢＵＢＢＬＥ milk tea ", NOW)
    assert not engine.fits(talk.flow, talk.state, "coffee", NOW)


def test_a_choice_may_go_its_own_way_and_hand_over_to_a_person() -> None:
    talk = Talk(example("welcome-gift"), ALEX)
    talk.turn(Started())
    assert talk.turn(Said("I have a question")) == [
        "Write us your question. One of us will answer soon.",
        HandOver("asks a question after the welcome"),
    ]
    assert talk.state.is_ended


def test_free_text_is_kept_and_can_be_said_again() -> None:
    talk = Talk(read("  - ask: {text: 'Your name?', keep: name}\n  - say: 'Hi {{ answers.name }}'\n"))
    talk.turn(Started())
    assert talk.turn(Said("Ann {{ 7*7 }}")) == ["Hi Ann {{ 7*7 }}"]


@pytest.mark.parametrize(
    ("condition", "contact", "holds"),
    [
        ("{tag: vip}", ALEX, True),
        ("{tag: vip}", MEI, False),
        ("{channel: line}", MEI, True),
        ("{language: en}", ALEX, True),
        ("{language: en}", MEI, False),
        ("{language: zh-Hant}", MEI, True),
        ("{not: {tag: vip}}", MEI, True),
        ("{all: [{tag: vip}, {channel: line}]}", ALEX, False),
        ("{any: [{tag: vip}, {channel: line}]}", MEI, True),
        ("{answer: drink, is: tea}", MEI, False),
    ],
)
def test_conditions(condition: str, contact: Contact, *, holds: bool) -> None:
    ways = "  - {id: a, tag: yes-a}\n  - end: true\n  - {id: b, tag: no-b}\n"
    talk = Talk(read(f"  - {{if: {condition}, then: a, else: b}}\n{ways}"), contact)
    assert talk.turn(Started()) == [Tag("yes-a" if holds else "no-b")]


@pytest.mark.parametrize(
    ("language", "wanted", "is_meant"),
    [
        ("zh-TW", "zh-Hant", True),
        ("zh_TW", "zh", True),
        ("zh-TW", "zh-Hans", False),
        ("en", "en-GB", False),
        ("", "en", False),
    ],
)
def test_a_condition_on_a_language_means_its_regions_too(language: str, wanted: str, *, is_meant: bool) -> None:
    assert texts.speaks(language, wanted) is is_meant


def test_the_only_related_language_goes_before_the_flows_first() -> None:
    assert texts.chosen({"en": "en", "zh-Hant": "繁"}, "zh-CN", ["en", "zh-Hant"]) == "繁"
    assert texts.chosen({"en": "en", "zh-TW": "繁"}, "zh-Hant", ["en", "zh-TW"]) == "繁"
    assert texts.chosen({"en": "en", "zh-TW": ""}, "zh-TW", ["en", "zh-TW"]) == ""


def test_an_answer_may_be_kept_under_any_name() -> None:
    talk = Talk(read("  - ask: {text: how many, keep: items}\n  - say: '{{ answers.items }}'\n"))
    talk.turn(Started())
    assert talk.turn(Said("three")) == ["three"]


def test_a_state_that_was_stored_before_there_were_waits_and_calls_still_loads() -> None:
    stored = {"step": 1, "answers": {"drink": "tea"}, "waits_for": "answer", "is_ended": False}
    assert State.from_json(stored) == State(step=1, answers={"drink": "tea"}, waits_for="answer")


def test_a_tag_given_in_a_turn_counts_in_the_same_turn() -> None:
    steps = "  - tag: vip\n  - {if: {tag: vip}, then: a}\n  - end: true\n  - {id: a, say: hello}\n"
    assert Talk(read(steps)).turn(Started()) == [Tag("vip"), "hello"]


def test_a_flow_that_runs_in_circles_fails_instead_of_hanging() -> None:
    flow = Flow.model_validate({"flow": "x", "starts": ["follow"], "steps": [{"id": "a", "say": "x"}, {"go": "a"}]})
    with pytest.raises(FlowFailure) as caught:
        engine.advance(flow, engine.begin(), Started(), MEI, NOW)
    assert caught.value.reason is Reason.FLOW_STEP_LIMIT


def test_a_text_that_cannot_be_filled_in_names_the_flow_and_the_step() -> None:
    flow = Flow.model_validate({"flow": "x", "starts": ["follow"], "steps": [{"say": "{{ answers.none }}"}]})
    with pytest.raises(FlowFailure, match="flow x, step 1") as caught:
        engine.advance(flow, engine.begin(), Started(), MEI, NOW)
    assert caught.value.reason is Reason.FLOW_TEMPLATE


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__ }}",
        "{{ contact.__init__.__globals__ }}",
        "{{ contact['__class__'].__mro__ }}",
        "{{ contact.items() }}",
        "{{ 'x' * 999999999 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{% for i in contact %}x{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% set x = contact.keys %}{{ x() }}",
        "{{ 'x'|center(99999999) }}",
        "{{ '%999999999d'|format(1) }}",
        "{{ lipsum(999) }}",
        "{{ contact.items }}",
        "{{ contact['name'] }}",
        "{{ contact.name.upper }}",
        "{% set a = 'xx' %}" + "{% set a = a ~ a %}" * 400,
        "{% with a = 'xx' %}{{ a }}{% endwith %}",
        "{{ 1 | round(999999999, 'ceil') }}",
        "{{ 'x' | no_such_filter }}",
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "1+" * 4000 + "1 }}",
        "{% if 1 %}" * 400 + "{% endif %}" * 400,
        "x" * 10_001,
    ],
)
def test_the_sandbox_refuses_what_a_text_has_no_use_for(text: str) -> None:
    with pytest.raises(texts.TextError):
        texts.render(text, {"contact": {"name": "小美"}})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-TW", "繁"),
        ("zh_HK", "繁"),
        ("zh-CN", "简"),
        ("en_US", "en"),
        ("EN", "en"),
        ("ja", "繁"),
        ("", "繁"),
        ("zh-Hans-CN", "简"),
        ("zh-Hant-TW", "繁"),
        ("zh", "繁"),
    ],
)
def test_the_contacts_language_is_chosen(language: str, words: str) -> None:
    offered = {"en": "en", "zh-Hant": "繁", "zh-Hans": "简"}
    assert texts.chosen(offered, language, ["zh-Hant", "zh-Hans", "en"]) == words
