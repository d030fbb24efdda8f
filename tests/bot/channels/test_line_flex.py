"""Flex messages in LINE: as they are where LINE takes them, in words where it would not."""

from typing import Any

import pytest

from bot.channels.line import flex_problems, render
from bot.messages import Message
from tests.bot.channels.samples import HELLO, SAMPLES, bubble


def test_a_flex_container_goes_out_as_it_is_with_its_addresses_encoded() -> None:
    (shown,) = render(SAMPLES["flex"])
    assert (shown["type"], shown["altText"]) == ("flex", "Free tea: https://shop.example/")
    image, button = shown["contents"]["body"]["contents"][1:3]
    assert image == {**HELLO["body"]["contents"][1], "url": "https://shop.example/%E8%8C%B6.jpg"}
    assert button["action"]["uri"] == "https://shop.example/%E8%8C%B6"


def test_more_than_12_bubbles_or_50_kilobytes_become_several_messages() -> None:
    assert [len(each["contents"]["contents"]) for each in render(SAMPLES["flex_carousel"])] == [12, 1]
    assert [len(each["contents"]["contents"]) for each in render(SAMPLES["flex_heavy"])] == [4, 1]


BAD_FLEX: dict[str, dict[str, Any]] = {
    "type: must be bubble or carousel": {"type": "box"},
    "contents: must be a list of bubbles": {"type": "carousel", "contents": []},
    "contents[0].type: must be bubble": {"type": "carousel", "contents": [{"type": "box"}]},
    "colour: is not known": {"type": "bubble", "colour": "red"},
    "size: must be one of nano, micro, deca, hecto, kilo, mega, giga": {"type": "bubble", "size": "huge"},
    "body.type: must be one of box": {"type": "bubble", "body": {"type": "text", "text": "a"}},
    "body.contents[0].text: must not be empty": bubble({"type": "text", "text": ""}),
    "body.contents[0].wrap: must be true or false": bubble({"type": "text", "text": "a", "wrap": 1}),
    "body.contents[0].flex: must be a whole number": bubble({"type": "text", "text": "a", "flex": True}),
    "body.contents[0].colour: is not known": bubble({"type": "text", "text": "a", "colour": "#ffffff"}),
    "body.contents[0].url: must be an https address of at most 1,000 characters": bubble(
        {"type": "image", "url": "http://shop.example/a.png"}
    ),
    "body.contents[0].action.label: is missing": bubble(
        {"type": "button", "action": {"type": "uri", "uri": "https://shop.example"}}
    ),
    "body.contents[0].action.label: at most 40 characters fit": bubble(
        {"type": "button", "action": {"type": "message", "label": "x" * 41, "text": "x"}}
    ),
    "body.contents[0].action.data: at most 300 characters fit": bubble(
        {"type": "text", "text": "a", "action": {"type": "postback", "data": "x" * 301}}
    ),
    "body.contents[0].action.type: must be one of uri, postback, message, datetimepicker, clipboard": bubble(
        {"type": "text", "text": "a", "action": {"type": "camera", "label": "a"}}
    ),
    "bubble: has 31,": bubble({"type": "text", "text": "x" * 31_000}),
}


@pytest.mark.parametrize(("mistake", "container"), BAD_FLEX.items(), ids=BAD_FLEX.keys())
def test_what_line_would_refuse_in_a_flex_container_is_found_at_its_place(
    mistake: str, container: dict[str, Any]
) -> None:
    (found,) = flex_problems(container)
    assert found.en.startswith(mistake)


def test_a_flex_container_that_line_would_refuse_is_said_in_words() -> None:
    for container in BAD_FLEX.values():
        assert render(Message(flex=container, alt_text="Free tea")) == [{"type": "text", "text": "Free tea"}]
