from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import chats
from bot.channels import CHANNELS
from bot.messages import Button, Message
from core.speech import Offer, Said, Shown, ShownButton
from tests import talk

AT = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
PICTURE = "https://shop.example/images/tea.jpg"
FULL = Message(
    text="Show it at the counter.",
    title="Two for one",
    image_url=PICTURE,
    buttons=(Button("Open", url="https://shop.example/menu"), Button("Later", postback="later")),
    choices=("Yes", "No"),
)
EACH = pytest.mark.parametrize("channel", list(CHANNELS))


def shown(channel: str, message: Message) -> list[Shown]:
    return [chats.shown(channel, payload) for payload in CHANNELS[channel].render(message)]


@EACH
def test_a_message_is_shown_with_all_that_it_was_made_of(channel: str) -> None:
    (found,) = shown(channel, FULL)
    assert (found.text, found.title, found.image_url) == (FULL.text, FULL.title, PICTURE)
    assert found.buttons == (ShownButton("Open", "https://shop.example/menu"), ShownButton("Later"))
    assert found.choices == ("Yes", "No")


@EACH
def test_a_text_and_a_picture_are_shown_as_they_are(channel: str) -> None:
    assert shown(channel, Message(text="您好")) == [Shown(text="您好")]
    assert shown(channel, Message(image_url=PICTURE)) == [Shown(image_url=PICTURE)]


@EACH
def test_buttons_without_a_picture_are_shown_under_their_text(channel: str) -> None:
    (found,) = shown(channel, replace(FULL, image_url="", title="", choices=()))
    assert found.text == FULL.text
    assert [button.label for button in found.buttons] == ["Open", "Later"]


@EACH
def test_a_persons_text_and_coupon_are_what_the_channel_can_send(channel: str) -> None:
    (text,) = chats.written(channel, "We are open until nine.")
    assert chats.shown(channel, text) == Shown(text="We are open until nine.")
    offer = Offer("For you.", "Cookie", PICTURE, "Open my coupon", "https://shop.example/c/token")
    (coupon,) = chats.offered(channel, offer)
    assert chats.shown(channel, coupon).buttons == (ShownButton("Open my coupon", "https://shop.example/c/token"),)


def test_lines_cards_and_what_cannot_be_drawn_are_shown_or_named() -> None:
    columns = [
        {"text": "One", "actions": [{"type": "uri", "label": "Go", "uri": "https://a.example"}]},
        {"text": "Two"},
    ]
    carousel = {"type": "template", "altText": "Teas", "template": {"type": "carousel", "columns": columns}}
    assert [card.text for card in chats.shown("line", carousel).cards] == ["One", "Two"]
    flex = chats.shown("line", {"type": "flex", "altText": "Our menu", "contents": {}})
    assert (flex.media, flex.text) == ("flex", "Our menu")
    video = {"type": "video", "originalContentUrl": "https://a.example/v.mp4", "previewImageUrl": PICTURE}
    assert chats.shown("line", video) == Shown(media="video", image_url=PICTURE, link_url="https://a.example/v.mp4")


def test_messengers_cards_and_videos_are_shown_or_named() -> None:
    elements = [
        {"title": "One", "subtitle": "small"},
        {"title": "Two", "buttons": [{"type": "postback", "title": "Go"}]},
    ]
    generic = {"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": elements}}}
    one, two = chats.shown("messenger", generic).cards
    assert (one.title, one.text, two.buttons) == ("One", "small", (ShownButton("Go"),))
    video = {"attachment": {"type": "video", "payload": {"url": "https://a.example/v.mp4"}}}
    assert chats.shown("messenger", video) == Shown(media="video", link_url="https://a.example/v.mp4")


@pytest.mark.parametrize("payload", [{}, {"type": 3}, {"type": "template"}, {"attachment": []}, {"attachment": {}}])
@EACH
def test_an_odd_payload_breaks_no_page(channel: str, payload: dict[str, object]) -> None:
    assert isinstance(chats.shown(channel, payload), Shown)


def test_what_customers_do_is_read_in_both_channels() -> None:
    line, person = "U" + "a" * 32, "1000000001"
    text = talk.line_event(line, AT, type="message", message={"type": "text", "id": "1", "text": "優惠"})
    assert chats.said("line", text) == Said("text", "優惠")
    sticker = talk.line_event(line, AT, type="message", message={"type": "sticker", "id": "1"})
    assert chats.said("line", sticker) == Said("media", media=("sticker",))
    tap = talk.line_event(line, AT, type="postback", postback={"data": "get-tea-coupon"})
    assert chats.said("line", tap) == Said("postback", data="get-tea-coupon")
    picture = {"mid": "m_1", "attachments": [{"type": "image", "payload": {"url": PICTURE}}]}
    assert chats.said("messenger", talk.messenger_event(person, AT, message=picture)) == Said("media", media=("image",))
    button = {"mid": "m_2", "title": "Get started", "payload": "welcome"}
    tapped = chats.said("messenger", talk.messenger_event(person, AT, postback=button))
    assert tapped == Said("postback", "Get started", "welcome")


def test_only_messenger_has_a_window() -> None:
    assert chats.window("line") is None
    assert chats.window("messenger") == timedelta(hours=24)
