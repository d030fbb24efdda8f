"""A message in LINE's shape: message objects within LINE's limits, each ready to be stored and sent as it is.

What does not fit is cut with an ellipsis or said in a text message before; `docs/channels.md` lists how.
"""

from typing import Any

from bot.channels import wording
from bot.channels.line.actions import can_show, media, quick_reply
from bot.channels.line.flex import flex_messages
from bot.channels.line.limits import LIMITS
from bot.channels.line.templates import buttons_templates, carousels, picture, texts
from bot.messages import Card, Message


def render(message: Message) -> list[dict[str, Any]]:
    """The message as LINE's message objects, in order; none for an empty message."""
    objects = [*_video(message), *_words(message), *_cards(message), *flex_messages(message)]
    choices = [choice for choice in message.choices if choice.strip()]
    shown, rest = choices[: LIMITS["choices"].size], choices[LIMITS["choices"].size :]
    if shown:
        objects += texts(wording.listed(rest if objects else choices)) if rest or not objects else []
        objects[-1]["quickReply"] = {"items": [quick_reply(choice) for choice in shown]}
    return objects


def _video(message: Message) -> list[dict[str, Any]]:
    """LINE wants a picture beside every video: the preview, else the message's image. Without one it is a link."""
    video = media(message.video_url)
    preview = media(message.preview_url) or media(message.image_url)
    if video and preview:
        return [{"type": "video", "originalContentUrl": video, "previewImageUrl": preview}]
    return texts(message.video_url)


def _words(message: Message) -> list[dict[str, Any]]:
    written = wording.written(button for button in message.buttons if not can_show(button))
    buttons = [button for button in message.buttons if can_show(button)]
    if buttons:
        return [*texts(written), *buttons_templates(message, buttons)]
    return [*_plain(message), *texts(written)]


def _plain(message: Message) -> list[dict[str, Any]]:
    shown, words = picture(message.image_url), wording.spoken(message)
    if shown:
        return [*shown, *texts(words)]
    is_all = not (message.buttons or message.cards or message.flex or message.video_url)
    return texts(words or (message.image_url if is_all else ""))


def _cards(message: Message) -> list[dict[str, Any]]:
    """A single card is what a message with a picture and buttons is."""
    if len(message.cards) != 1:
        return carousels(message.cards)
    card: Card = message.cards[0]
    return _words(Message(card.text, title=card.title, image_url=card.image_url, buttons=card.buttons))
