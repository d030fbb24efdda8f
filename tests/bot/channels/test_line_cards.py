"""Cards side by side in LINE: carousels of what is alike, and nothing lost of what is not."""

from dataclasses import replace

from bot.channels.line import render
from bot.messages import Message
from tests.bot.channels.samples import LINK, SAMPLES, TEA


def test_cards_beyond_10_follow_in_another_message() -> None:
    first, last = render(SAMPLES["eleven_cards"])
    assert len(first["template"]["columns"]) == 10
    assert last["template"]["type"] == "buttons"
    assert last["template"]["title"] == "Tea 10"


def test_cards_of_different_shapes_do_not_share_a_carousel_and_none_is_lost() -> None:
    shown = render(SAMPLES["uneven_cards"])
    assert [each.get("template", each)["type"] for each in shown] == [
        "buttons",
        "buttons",
        "text",
        "image",
        "buttons",
        "buttons",
    ]
    assert shown[2]["text"] == "No button\nJust words"


def test_a_cards_buttons_beyond_3_follow_in_columns_that_name_it() -> None:
    shown = [each["template"] for each in render(SAMPLES["card_with_many_buttons"])]
    labels = [[action["label"] for action in one["actions"]] for each in shown for one in each.get("columns", [each])]
    assert labels[1:] == [[f"Number {n}" for n in group] for group in ((0, 1, 2), (3, 4, 5), (6, 7))]
    assert [one["text"] for one in (shown[2], shown[3])] == ["All", "All"]


def test_what_a_column_cannot_hold_is_said_before_the_carousel() -> None:
    objects = render(SAMPLES["cards_that_overflow"])
    assert objects[0] == {"type": "text", "text": "T" * 90 + "\n" + "x" * 200}
    assert {"type": "text", "text": "Tea\nCall: ftp://x.example"} in objects


def test_a_lone_card_may_have_4_buttons_in_one_template() -> None:
    (shown,) = render(Message(cards=(replace(TEA, buttons=(LINK,) * 4),)))
    assert len(shown["template"]["actions"]) == 4
