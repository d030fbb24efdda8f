"""A message in Messenger's shape: the Send API's `message` objects within its limits, each ready to be stored and sent.

What does not fit is cut with an ellipsis or said in a text message before; `docs/channels.md` lists how.
"""

from typing import Any

from bot.channels import addresses, wording
from bot.channels.limits import ELLIPSIS
from bot.channels.messenger.limits import LIMITS
from bot.messages import Button, Message

_WEB = frozenset({"http", "https"})


def render(message: Message) -> list[dict[str, Any]]:
    """The message as Send API message objects, in order; none for an empty message."""
    written = wording.written(button for button in message.buttons if not _can_show(button))
    buttons = [button for button in message.buttons if _can_show(button)]
    objects = _with_buttons(message, buttons) if buttons else _plain(message)
    objects = [*_texts(written), *objects] if buttons else [*objects, *_texts(written)]
    choices = [choice for choice in message.choices if choice.strip()][: LIMITS["choices"].size]
    if choices:
        objects = objects or _texts(wording.listed(choices))
        objects[-1]["quick_replies"] = [_quick_reply(choice) for choice in choices]
    return objects


def _texts(words: str) -> list[dict[str, Any]]:
    return [{"text": piece} for piece in LIMITS["text"].split(words)]


def _plain(message: Message) -> list[dict[str, Any]]:
    image, words = _image(message), _texts(wording.spoken(message))
    return [{"attachment": {"type": "image", "payload": {"url": image}}}, *words] if image else words


def _image(message: Message) -> str:
    address = addresses.encoded(message.image_url)
    return address if addresses.scheme(address) in _WEB else ""


def _with_buttons(message: Message, buttons: list[Button]) -> list[dict[str, Any]]:
    """Templates of up to 3 buttons each; the whole text goes before where the first cannot hold it."""
    image, title, body = _image(message), message.title.strip(), message.text.strip()
    if not (title or body):
        body = wording.listed(button.label for button in buttons if button.label.strip()) or ELLIPSIS
    first, fits = _card(image, title, body) if image or (title and body) else _button_template(title or body)
    size = LIMITS["buttons"].size
    groups = [buttons[at : at + size] for at in range(0, len(buttons), size)]
    cards = [_template(group, _button_template(ELLIPSIS)[0] if place else first) for place, group in enumerate(groups)]
    return cards if fits else [*_texts(wording.spoken(message)), *cards]


def _button_template(words: str) -> tuple[dict[str, Any], bool]:
    limit = LIMITS["button_text"]
    return {"template_type": "button", "text": limit.cut(words)}, limit.allows(words)


def _card(image: str, title: str, body: str) -> tuple[dict[str, Any], bool]:
    """A generic template's one element, and whether it says everything. Without a title the text is the title."""
    title, subtitle = (title, body) if title else (body, "")
    element = {"title": LIMITS["title"].cut(title)}
    if subtitle:
        element["subtitle"] = LIMITS["card_text"].cut(subtitle)
    if image:
        element["image_url"] = image
    fits = LIMITS["title"].allows(title) and LIMITS["card_text"].allows(subtitle)
    return {"template_type": "generic", "elements": [element]}, fits


def _template(buttons: list[Button], payload: dict[str, Any]) -> dict[str, Any]:
    shown = [_button(button) for button in buttons]
    if payload["template_type"] == "generic":
        payload = {**payload, "elements": [{**payload["elements"][0], "buttons": shown}]}
    else:
        payload = {**payload, "buttons": shown}
    return {"attachment": {"type": "template", "payload": payload}}


def _can_show(button: Button) -> bool:
    """Whether Messenger takes the button; one that opens what Messenger does not open is written out instead."""
    return not button.url or addresses.scheme(addresses.encoded(button.url)) in _WEB


def _button(button: Button) -> dict[str, Any]:
    """A postback whose data Messenger would refuse sends its label instead."""
    title = LIMITS["button_label"].cut(wording.label(button.label))
    if button.url:
        return {"type": "web_url", "url": addresses.encoded(button.url), "title": title}
    is_usable = button.postback and LIMITS["postback"].allows(button.postback)
    payload = button.postback if is_usable else LIMITS["choice_text"].cut(wording.label(button.label))
    return {"type": "postback", "title": title, "payload": payload}


def _quick_reply(choice: str) -> dict[str, Any]:
    title, payload = LIMITS["choice_label"].cut(choice), LIMITS["choice_text"].cut(choice)
    return {"content_type": "text", "title": title, "payload": payload}
