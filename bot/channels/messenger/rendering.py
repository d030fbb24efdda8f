"""A message in Messenger's shape: the Send API's `message` objects within its limits, each ready to be stored and sent.

What does not fit is cut with an ellipsis or said in a text message before; `docs/channels.md` lists how.
"""

from typing import Any

from bot.channels import wording
from bot.channels.messenger.limits import LIMITS
from bot.channels.messenger.templates import attachment, button_templates, can_show, generic_templates, media, texts
from bot.messages import Message


def render(message: Message) -> list[dict[str, Any]]:
    """The message as Send API message objects, in order; none for an empty message."""
    objects = [*_video(message), *_words(message), *generic_templates(message.cards), *_instead_of_flex(message)]
    choices = [choice for choice in message.choices if choice.strip()]
    shown, rest = choices[: LIMITS["choices"].size], choices[LIMITS["choices"].size :]
    if shown:
        objects += texts(wording.listed(rest if objects else choices)) if rest or not objects else []
        objects[-1]["quick_replies"] = [_quick_reply(choice) for choice in shown]
    return objects


def _video(message: Message) -> list[dict[str, Any]]:
    video = media(message.video_url)
    return [attachment("video", video)] if video else texts(message.video_url)


def _words(message: Message) -> list[dict[str, Any]]:
    written = wording.written(button for button in message.buttons if not can_show(button))
    buttons = [button for button in message.buttons if can_show(button)]
    if buttons:
        return [*texts(written), *button_templates(message, buttons)]
    image, words = media(message.image_url), wording.spoken(message)
    return [*([attachment("image", image)] if image else []), *texts(words), *texts(written)]


def _instead_of_flex(message: Message) -> list[dict[str, Any]]:
    """Messenger has no Flex messages: the words that stand for it, unless they were said already."""
    is_said = message.alt_text.strip() in {message.text.strip(), message.title.strip()}
    return [] if message.flex is None or is_said else texts(message.alt_text)


def _quick_reply(choice: str) -> dict[str, Any]:
    title, payload = LIMITS["choice_label"].cut(choice), LIMITS["choice_text"].cut(choice)
    return {"content_type": "text", "title": title, "payload": payload}
