"""Chance, attributes, notices, conditions on what is known of the contact, and what is said."""

from collections import Counter

import pytest

from bot import engine
from bot.engine import FlowFailure, NotifyStaff, Say, SetAttribute, Started, Tag
from bot.language.check import check
from bot.language.known import Known
from bot.language.model import Flow
from bot.messages import Message
from core.reasons import Reason
from tests.bot.talk import ALEX, HEAD, MEI, NOW, Talk, read

SPLIT = (
    "  - random: [{weight: 70, go: a}, {weight: 30, go: b}]\n  - {id: a, tag: a}\n  - end: true\n  - {id: b, tag: b}\n"
)


def test_a_random_split_keeps_its_weights_and_a_conversation_its_luck() -> None:
    flow = read(SPLIT)
    ways = Counter(str(Talk(flow, luck=luck).turn(Started())) for luck in range(1000))
    assert 650 < ways[str([Tag("a")])] < 750
    assert ways.total() == 1000
    assert len({str(Talk(flow, luck=7).turn(Started())) for _ in range(20)}) == 1


def test_several_texts_are_said_in_turn() -> None:
    loop = "  - id: top\n    say: {text: [one, two, three]}\n  - ask: more\n  - go: top\n"
    for luck in range(5):
        talk = Talk(read(loop), luck=luck)
        said = [talk.turn(Started())[0], *(talk.turn(engine.Said("x"))[0] for _ in range(5))]
        assert set(said[:3]) == {"one", "two", "three"}
        assert said[3:] == said[:3]


def test_an_attribute_counts_at_once_and_the_staff_is_told() -> None:
    steps = (
        "  - set: {taste: 'very {{ contact.name }}', size: '12'}\n  - notify: 'likes {{ attributes.taste }}'\n"
        "  - if: {attribute: size, at_least: 10, at_most: 12}\n    then: a\n  - end: true\n  - {id: a, say: big}\n"
    )
    set_both = [SetAttribute("taste", "very Alex"), SetAttribute("size", "12")]
    assert Talk(read(steps), ALEX).turn(Started()) == [*set_both, NotifyStaff("likes very Alex"), "big"]


def test_an_attribute_that_was_never_set_is_empty_and_a_long_one_is_cut() -> None:
    talk = Talk(read("  - say: '<{{ attributes.taste }}{{ attributes.x | default(1) }}>'\n")).turn(Started())
    assert talk == ["<1>"]
    long = Talk(read("  - set: {a: '{{ contact.name }}'}\n")).becomes(name="x" * 600).turn(Started())
    assert long == [SetAttribute("a", "x" * 500)]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{member: true}", True),
        ("{member: false}", False),
        ("{attribute: taste, is: [Sweet, plain]}", True),
        ("{attribute: taste}", True),
        ("{attribute: size}", False),
        ("{attribute: taste, at_least: 1}", False),
        ("{coupon: summer-tea, is: redeemed}", True),
        ("{coupon: summer-tea, is: [none, sent]}", False),
        ("{coupon: gift, is: none}", True),
        ("{between: '09:00-12:00'}", False),  # it is noon
        ("{between: '12:00-12:01'}", True),
        ("{between: '22:00-13:00'}", True),
        ("{between: '22:00-02:00'}", False),
        ("{weekday: tue}", True),
        ("{weekday: [sat, sun]}", False),
    ],
)
def test_conditions_on_what_is_known(condition: str, *, holds: bool) -> None:
    steps = f"  - if: {condition}\n    then: a\n  - end: true\n  - {{id: a, tag: so}}\n"
    talk = Talk(read(steps)).becomes(is_member=True, attributes={"taste": "sweet"}, coupons={"summer-tea": "redeemed"})
    assert talk.turn(Started()) == ([Tag("so")] if holds else [])


def test_cards_videos_and_flex_are_said_as_they_are_written() -> None:
    steps = (
        "  - say: {video: 'https://x.example/a.mp4', preview: p.jpg}\n"
        "  - say: {text: both, cards: [{title: A, image: a.jpg, buttons: [{label: go, postback: b}]}, {text: B}]}\n"
        "  - say: {text: 'menu of {{ shop.name }}', flex: menu.json, choices: [ok]}\n"
    )
    beside = {"menu.json": '{"type": "bubble", "n": [1, "{{ contact.name }}"]}'}
    flow, _ = check(HEAD + steps, "tea.yaml", Known(read_file=beside.get))
    assert flow is not None
    turn = engine.advance(flow, engine.begin(), Started(), MEI, NOW)
    video, cards, flex = [effect.message for effect in turn.effects if isinstance(effect, Say)]
    assert (video.video_url, video.preview_url) == ("https://x.example/a.mp4", "p.jpg")
    assert [(card.title, card.text, card.image_url) for card in cards.cards] == [("A", "", "a.jpg"), ("", "B", "")]
    assert cards.cards[0].buttons[0].postback == "b"
    filled = {"type": "bubble", "n": [1, "小美"]}
    assert flex == Message(flex=filled, alt_text="menu of 日日茶", choices=("ok",))
    assert turn.visited == ((0, 0), (0, 1), (0, 2))


def test_a_step_that_is_not_there_stops_the_conversation_with_a_reason() -> None:
    flow = Flow.model_validate({"flow": "x", "starts": ["follow"], "steps": [{"go": "nowhere"}]})
    with pytest.raises(FlowFailure, match="there is no step 'nowhere'") as caught:
        Talk(flow).turn(Started())
    assert caught.value.reason is Reason.FLOW_UNKNOWN
