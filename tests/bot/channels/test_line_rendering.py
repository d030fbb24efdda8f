"""Messages as LINE's message objects, never beyond LINE's limits."""

from typing import Any

import pytest
from hypothesis import given, settings

from bot.channels.line import render
from bot.messages import Button, Message
from tests.bot.channels.line_limits import check, graphemes
from tests.bot.channels.samples import ANY_MESSAGE, FAMILY, IMAGE, LINK, SAMPLES, THAI, VIDEO

URI = {"type": "uri", "label": "領取優惠券", "uri": "https://shop.example/c/abc"}
POSTBACK = {"type": "postback", "label": "Yes please", "data": "join:yes", "displayText": "Yes please"}
PICTURE = {"type": "image", "originalContentUrl": IMAGE, "previewImageUrl": IMAGE}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def template(alt_text: str, **content: object) -> dict[str, Any]:
    return {"type": "template", "altText": alt_text, "template": {"type": "buttons", **content}}


def quick_replies(*labels: str) -> dict[str, Any]:
    items = [{"type": "action", "action": {"type": "message", "label": each, "text": each}} for each in labels]
    return {"quickReply": {"items": items}}


FILM = {"type": "video", "originalContentUrl": VIDEO, "previewImageUrl": IMAGE}


def column(title: str, words: str) -> dict[str, Any]:
    return {"text": words, "title": title, "thumbnailImageUrl": IMAGE, "actions": [URI, POSTBACK]}


EXPECTED: dict[str, list[dict[str, Any]]] = {
    "text": [text("你好!歡迎來到茶鋪。")],
    "text_with_title": [text("This week\nBuy one, get one.")],
    "image": [PICTURE],
    "image_and_text": [PICTURE, text("Fresh today")],
    "choices": [{**text("Hot or cold?"), **quick_replies("Hot", "Cold")}],
    "image_and_choices": [{**PICTURE, **quick_replies("Hot", "Cold")}],
    "choices_alone": [{**text("Hot / Cold"), **quick_replies("Hot", "Cold")}],
    "buttons": [template("Here is your coupon.", text="Here is your coupon.", actions=[URI, POSTBACK])],
    "buttons_alone": [
        template("領取優惠券 / Yes please", text="領取優惠券 / Yes please", actions=[URI, POSTBACK]),
    ],
    "card": [
        template(
            "Free tea\nHere is your coupon.",
            text="Here is your coupon.",
            title="Free tea",
            thumbnailImageUrl=IMAGE,
            actions=[URI],
        ),
    ],
    "card_without_text": [template("領取優惠券", text="領取優惠券", thumbnailImageUrl=IMAGE, actions=[URI])],
    "title_and_buttons": [template("Free tea", text="Free tea", actions=[URI])],
    "buttons_and_choices": [
        {**template("Tea?", text="Tea?", actions=[URI]), **quick_replies("Yes", "No")},
    ],
    "address_in_chinese": [
        template(
            "Open",
            text="Open",
            actions=[
                {
                    "type": "uri",
                    "label": "Shop",
                    "uri": "https://xn--czrs0t.example/%E5%84%AA%E6%83%A0%20%E5%88%B8?q=%E8%8C%B6&p=100%25",
                },
            ],
        ),
    ],
    "odd_address": [
        text("Odd: javascript:alert(1)"),
        template("Call", text="Call", actions=[{"type": "uri", "label": "Call", "uri": "tel:+88622"}]),
    ],
    "plain_http_image": [text("Look")],
    "video": [FILM],
    "video_and_text": [FILM, {**text("How we make it"), **quick_replies("Again")}],
    "video_without_preview": [text(VIDEO), text("How we make it")],
    "one_card": [text("Today:"), template("Green tea\nLight and fresh", **column("Green tea", "Light and fresh"))],
    "cards": [
        text("Today:"),
        {
            "type": "template",
            "altText": "Green tea\nCoffee",
            "template": {
                "type": "carousel",
                "columns": [column("Green tea", "Light and fresh"), column("Coffee", "Dark")],
            },
            **quick_replies("Both"),
        },
    ],
    "flex_refused": [text("Free tea")],
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
def test_a_message_becomes_lines_objects(name: str, expected: list[dict[str, Any]]) -> None:
    assert render(SAMPLES[name]) == expected


def test_an_empty_message_is_nothing() -> None:
    assert render(Message()) == []
    assert render(Message("  \n", title=" ", choices=("",))) == []


def test_a_long_text_becomes_several_and_loses_no_word() -> None:
    pieces = [each["text"] for each in render(SAMPLES["long_text"])]
    assert len(pieces) == 2
    assert " ".join(pieces).split() == ["茶"] * 4000


def test_emoji_count_twice_in_a_text() -> None:
    assert [len(each["text"]) for each in render(SAMPLES["emoji_text"])] == [2500, 500]


def test_a_text_too_long_for_a_template_is_said_before_it() -> None:
    before, card = render(Message("x" * 161, buttons=(LINK,)))
    assert before == text("x" * 161)
    assert card["template"]["text"] == "x" * 159 + "…"
    assert len(render(Message("x" * 160, buttons=(LINK,)))) == 1


def test_an_image_or_a_title_leaves_room_for_60_characters() -> None:
    before, card = render(Message("x" * 61, title="Tea", buttons=(LINK,)))
    assert before == text("Tea\n" + "x" * 61)
    assert card["template"]["text"] == "x" * 59 + "…"
    assert len(render(Message(FAMILY * 60, image_url=IMAGE, buttons=(LINK,)))) == 1


def test_a_title_of_41_characters_is_cut_and_said_whole_before() -> None:
    before, card = render(Message("Tea", title="t" * 41, buttons=(LINK,)))
    assert before == text("t" * 41 + "\nTea")
    assert card["template"]["title"] == "t" * 39 + "…"


def test_a_label_of_20_families_stays_whole_and_one_of_21_is_cut() -> None:
    (card,) = render(Message("Pick", buttons=(Button(FAMILY * 20, postback="a"), Button(FAMILY * 21, postback="b"))))
    whole, cut = card["template"]["actions"]
    assert whole["label"] == FAMILY * 20
    assert cut["label"] == FAMILY * 19 + "…"
    assert cut["displayText"] == FAMILY * 21


def test_a_cut_choice_still_says_the_whole_label() -> None:
    (said,) = render(Message("Pick", choices=(THAI * 4,)))
    action = said["quickReply"]["items"][0]["action"]
    assert graphemes(action["label"]) == 20
    assert action["label"].endswith("…")
    assert action["text"] == THAI * 4


def test_choices_beyond_13_are_named_in_a_text_under_which_the_first_13_stand() -> None:
    said, rest = render(SAMPLES["many_choices"])
    labels = [item["action"]["label"] for item in rest["quickReply"]["items"]]
    assert labels == [f"Number {n}" for n in range(13)]
    assert "quickReply" not in said
    assert rest["text"] == " / ".join(f"Number {n}" for n in range(13, 20))


def test_choices_stand_under_the_last_object_alone() -> None:
    objects = render(Message("x" * 200, buttons=(LINK,), choices=("Yes",)))
    assert ["quickReply" in each for each in objects] == [False, True]


def test_buttons_beyond_4_follow_in_further_templates() -> None:
    cards = render(SAMPLES["many_buttons"])
    labels = [[action["label"] for action in card["template"]["actions"]] for card in cards]
    assert [len(each) for each in labels] == [4, 4, 1]
    assert [label for each in labels for label in each] == [f"Number {n}" for n in range(9)]
    assert [card["template"]["text"] for card in cards] == ["Pick", "…", "…"]


def test_a_postback_too_long_for_line_becomes_the_customers_words() -> None:
    (card,) = render(SAMPLES["long_postback"])
    assert card["template"]["actions"] == [{"type": "message", "label": "One", "text": "One"}]


def test_an_address_too_long_for_line_is_written_out() -> None:
    (said,) = render(Message(buttons=(Button("Map", url="https://maps.example/?q=" + "x" * 1500),)))
    assert said == text("Map: https://maps.example/?q=" + "x" * 1500)
    assert [each["text"][:5] for each in render(SAMPLES["long_address"])] == ["Open", "Map: "]


def test_an_image_that_line_would_refuse_is_left_out_or_where_it_is_all_written_out() -> None:
    assert render(Message(image_url="http://shop.example/tea.jpg")) == [text("http://shop.example/tea.jpg")]
    (card,) = render(Message("Tea", image_url="http://shop.example/tea.jpg", buttons=(LINK,)))
    assert card["template"] == {"type": "buttons", "text": "Tea", "actions": [URI]}


def test_an_image_on_this_very_machine_is_shown_to_a_stand_in() -> None:
    assert render(Message(image_url="http://localhost:8000/i/1"))[0]["type"] == "image"


def test_an_empty_label_is_never_sent() -> None:
    (card,) = render(SAMPLES["empty_labels"])
    assert card["template"]["actions"][0]["label"] == "…"
    assert [item["action"]["label"] for item in card["quickReply"]["items"]] == ["Tea"]


def test_rendering_changes_nothing_and_gives_the_same_twice() -> None:
    for message in SAMPLES.values():
        assert render(message) == render(message)


@pytest.mark.parametrize("message", SAMPLES.values(), ids=SAMPLES.keys())
def test_a_sample_breaks_no_limit(message: Message) -> None:
    check(render(message))


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(ANY_MESSAGE)
def test_no_message_breaks_a_limit(message: Message) -> None:
    check(render(message))
