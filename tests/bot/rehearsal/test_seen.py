"""What the customer sees of a message, read back from what each app would get."""

import pytest

from bot.messages import Button, Card, Message
from bot.rehearsal.seen import seen

BOTH = pytest.mark.parametrize("channel", ["line", "messenger"])


@BOTH
def test_all_parts_of_a_message_are_seen(channel: str) -> None:
    buttons = (Button("Menu", url="https://shop.example/menu"), Button("Coupon", postback="get-coupon"))
    shown = seen(Message("Two for one", "Summer", "pictures/tea.jpg", buttons, ("Yes", "No")), channel)
    assert (shown.title, shown.text, shown.images) == ("Summer", "Two for one", ("pictures/tea.jpg",))
    assert shown.buttons == buttons
    assert shown.choices == {"Yes": "Yes", "No": "No"}


@BOTH
def test_what_an_app_cuts_is_seen_cut(channel: str) -> None:
    shown = seen(Message("Hi", choices=("a label that is far too long for it",)), channel)
    assert [label.endswith("…") for label in shown.choices] == [True]


@BOTH
def test_cards_are_seen_with_their_words_and_buttons(channel: str) -> None:
    cards = (
        Card("Milk tea", "With pearls", "pictures/a.jpg", (Button("Take", postback="a"),)),
        Card("Green tea", "Without", "", (Button("Take it", postback="b"),)),
    )
    shown = seen(Message("Choose", cards=cards), channel)
    assert shown.text == "Choose\nMilk tea\nWith pearls\nGreen tea\nWithout"
    assert shown.images[:1] == ("pictures/a.jpg",)
    assert [button.postback for button in shown.buttons] == ["a", "b"]


def test_a_flex_message_is_seen_by_its_words_in_line_and_by_its_text_in_messenger() -> None:
    action = {"type": "postback", "label": "Take", "data": "a"}
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "button", "action": action}]}
    message = Message(flex={"type": "bubble", "body": body}, alt_text="Look")
    assert (seen(message, "line").text, seen(message, "messenger").text) == ("Look", "Look")
    assert seen(message, "line").buttons == (Button("Take", "", "a"),)
    assert seen(message, "messenger").buttons == ()
