"""Messages as the Send API's message objects, never beyond Messenger's limits."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from bot.channels.messenger import render
from bot.messages import Button, Message
from tests.bot.channels.samples import ANY_MESSAGE, FAMILY, HELLO, IMAGE, LINK, SAMPLES, VIDEO

WEB = {"type": "web_url", "url": "https://shop.example/c/abc", "title": "領取優惠券"}
POSTBACK = {"type": "postback", "title": "Yes please", "payload": "join:yes"}
PICTURE = {"attachment": {"type": "image", "payload": {"url": IMAGE}}}


def buttons(words: str, *shown: dict[str, Any]) -> dict[str, Any]:
    payload = {"template_type": "button", "text": words, "buttons": list(shown)}
    return {"attachment": {"type": "template", "payload": payload}}


def card(*shown: dict[str, Any], **element: str) -> dict[str, Any]:
    payload = {"template_type": "generic", "elements": [{**element, "buttons": list(shown)}]}
    return {"attachment": {"type": "template", "payload": payload}}


def quick_replies(*labels: str) -> dict[str, Any]:
    return {"quick_replies": [{"content_type": "text", "title": each, "payload": each} for each in labels]}


FILM = {"attachment": {"type": "video", "payload": {"url": VIDEO}}}


def element(title: str, words: str) -> dict[str, Any]:
    return {"title": title, "subtitle": words, "image_url": IMAGE, "buttons": [WEB, POSTBACK]}


def cards(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": list(elements)}}}


EXPECTED: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": "你好!歡迎來到茶鋪。"}],
    "text_with_title": [{"text": "This week\nBuy one, get one."}],
    "image": [PICTURE],
    "image_and_text": [PICTURE, {"text": "Fresh today"}],
    "choices": [{"text": "Hot or cold?", **quick_replies("Hot", "Cold")}],
    "image_and_choices": [{**PICTURE, **quick_replies("Hot", "Cold")}],
    "choices_alone": [{"text": "Hot / Cold", **quick_replies("Hot", "Cold")}],
    "buttons": [buttons("Here is your coupon.", WEB, POSTBACK)],
    "buttons_alone": [buttons("領取優惠券 / Yes please", WEB, POSTBACK)],
    "card": [card(WEB, title="Free tea", subtitle="Here is your coupon.", image_url=IMAGE)],
    "card_without_text": [card(WEB, title="領取優惠券", image_url=IMAGE)],
    "title_and_buttons": [buttons("Free tea", WEB)],
    "buttons_and_choices": [{**buttons("Tea?", WEB), **quick_replies("Yes", "No")}],
    "odd_address": [{"text": "Call"}, {"text": "Odd: javascript:alert(1)\nCall: tel:+88622"}],
    "plain_http_image": [
        {"attachment": {"type": "image", "payload": {"url": "http://shop.example/tea.jpg"}}},
        {"text": "Look"},
    ],
    "video": [FILM],
    "video_and_text": [FILM, {"text": "How we make it", **quick_replies("Again")}],
    "video_without_preview": [FILM, {"text": "How we make it"}],
    "one_card": [{"text": "Today:"}, cards(element("Green tea", "Light and fresh"))],
    "cards": [
        {"text": "Today:"},
        {**cards(element("Green tea", "Light and fresh"), element("Coffee", "Dark")), **quick_replies("Both")},
    ],
    "flex": [{"text": "Free tea: https://shop.example/"}],
    "flex_and_text": [{"text": "Look"}, {"text": "Free tea", **quick_replies("Yes", "No")}],
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
def test_a_message_becomes_messengers_objects(name: str, expected: list[dict[str, Any]]) -> None:
    assert render(SAMPLES[name]) == expected


def test_an_empty_message_is_nothing() -> None:
    assert render(Message()) == []


def test_a_long_text_becomes_several_and_loses_no_word() -> None:
    pieces = [each["text"] for each in render(SAMPLES["long_text"])]
    assert len(pieces) == 4
    assert " ".join(pieces).split() == ["茶"] * 4000


def test_a_text_of_641_characters_is_said_before_its_buttons() -> None:
    before, template = render(Message("x" * 641, buttons=(LINK,)))
    assert before == {"text": "x" * 641}
    assert template["attachment"]["payload"]["text"] == "x" * 639 + "…"
    assert len(render(Message("x" * 640, buttons=(LINK,)))) == 1


def test_a_card_that_overflows_is_said_whole_before() -> None:
    before, template = render(Message("x" * 81, title="Tea", image_url=IMAGE, buttons=(LINK,)))
    assert before == {"text": "Tea\n" + "x" * 81}
    (element,) = template["attachment"]["payload"]["elements"]
    assert element["title"] == "Tea"
    assert element["subtitle"] == "x" * 79 + "…"


def test_buttons_beyond_3_follow_in_further_templates() -> None:
    shown = [each["attachment"]["payload"]["buttons"] for each in render(SAMPLES["many_buttons"])]
    assert [len(each) for each in shown] == [3, 3, 3]
    assert [button["title"] for each in shown for button in each] == [f"Number {n}" for n in range(9)]


def test_a_cut_choice_carries_the_whole_label() -> None:
    (said,) = render(Message("Pick", choices=(FAMILY * 3,)))
    assert said["quick_replies"] == [{"content_type": "text", "title": FAMILY + "…", "payload": FAMILY * 3}]


def test_choices_beyond_13_are_named_in_a_text_under_which_the_first_13_stand() -> None:
    said, rest = render(SAMPLES["many_choices"])
    assert [each["title"] for each in rest["quick_replies"]] == [f"Number {n}" for n in range(13)]
    assert "quick_replies" not in said
    assert rest["text"] == " / ".join(f"Number {n}" for n in range(13, 20))


def test_cards_beyond_10_follow_in_another_template() -> None:
    shown = [each["attachment"]["payload"]["elements"] for each in render(SAMPLES["eleven_cards"])]
    assert [len(each) for each in shown] == [10, 1]


def test_cards_need_not_be_alike_and_what_cannot_be_an_element_stands_between() -> None:
    first, words, picture, last = render(SAMPLES["uneven_cards"])
    assert [each["title"] for each in first["attachment"]["payload"]["elements"]] == ["Green tea", "No picture"]
    assert words == {"text": "No button\nJust words"}
    assert picture == PICTURE
    assert [each["title"] for each in last["attachment"]["payload"]["elements"]] == ["One button", "領取優惠券"]


def test_a_cards_buttons_beyond_3_follow_in_elements_that_name_it() -> None:
    (shown,) = render(SAMPLES["card_with_many_buttons"])
    elements = shown["attachment"]["payload"]["elements"]
    assert [(each["title"], len(each["buttons"])) for each in elements] == [
        ("Green tea", 2),
        ("All", 3),
        ("All", 3),
        ("All", 2),
    ]


def test_what_an_element_cannot_hold_is_said_before_the_template() -> None:
    whole, odd, shown = render(SAMPLES["cards_that_overflow"])
    assert whole == {"text": "T" * 90 + "\n" + "x" * 200}
    assert odd == {"text": "Tea\nCall: ftp://x.example"}
    assert shown["attachment"]["payload"]["elements"][0]["title"] == "T" * 79 + "…"


def test_a_flex_message_is_not_said_twice_where_the_text_says_the_same() -> None:
    assert render(Message("Free tea", flex=HELLO, alt_text="Free tea")) == [{"text": "Free tea"}]


def test_a_postback_too_long_for_messenger_sends_its_label() -> None:
    (template,) = render(Message("Pick", buttons=(Button("One", postback="p" * 1001),)))
    assert template["attachment"]["payload"]["buttons"] == [{"type": "postback", "title": "One", "payload": "One"}]


@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_sample_breaks_no_limit(message: Message) -> None:
    objects = render(message)
    assert objects
    check(objects)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(ANY_MESSAGE)
def test_no_message_breaks_a_limit(message: Message) -> None:
    check(render(message))


def check(objects: list[dict[str, Any]]) -> None:
    """Messenger's limits, counted here with numbers of the tests' own (docs of 2026-05 and 2026-06)."""
    json.dumps(objects, allow_nan=False)
    for place, each in enumerate(objects):
        assert ("text" in each) != ("attachment" in each)
        assert 1 <= length(each.get("text", "x")) <= 2000
        if each.get("attachment", {}).get("type") == "template":
            check_template(each["attachment"]["payload"])
        replies = each.get("quick_replies", [])
        assert len(replies) <= 13
        assert not replies or place == len(objects) - 1
        for reply in replies:
            assert 1 <= length(reply["title"]) <= 20
            assert 1 <= length(reply["payload"]) <= 1000


def check_template(payload: dict[str, Any]) -> None:
    if payload["template_type"] == "button":
        assert 1 <= length(payload["text"]) <= 640
        check_buttons(payload["buttons"])
        return
    assert 1 <= len(payload["elements"]) <= 10
    for element in payload["elements"]:
        assert 1 <= length(element["title"]) <= 80
        assert 1 <= length(element.get("subtitle", "x")) <= 80
        assert set(element) & {"subtitle", "image_url", "buttons"}
        if "buttons" in element:
            check_buttons(element["buttons"])


def check_buttons(shown: list[dict[str, Any]]) -> None:
    assert 1 <= len(shown) <= 3
    for button in shown:
        assert 1 <= length(button["title"]) <= 20
        if button["type"] == "postback":
            assert 1 <= length(button["payload"]) <= 1000
        else:
            assert button["url"].startswith(("https:", "http:"))


def length(words: str) -> int:
    return len(words.encode("utf-16-le")) // 2
