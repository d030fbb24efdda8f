"""A message in LINE's shape: message objects within LINE's limits, each ready to be stored and sent as it is.

What does not fit is cut with an ellipsis or said in a text message before; `docs/channels.md` lists how.
"""

from typing import Any

from bot.channels import addresses, wording
from bot.channels.limits import ELLIPSIS
from bot.channels.line.limits import LIMITS
from bot.messages import Button, Message

_LINKS = frozenset({"http", "https", "line", "tel"})  # the schemes of a uri action


def render(message: Message) -> list[dict[str, Any]]:
    """The message as LINE's message objects, in order; none for an empty message."""
    written = wording.written(button for button in message.buttons if not _can_show(button))
    buttons = [button for button in message.buttons if _can_show(button)]
    objects = _with_buttons(message, buttons) if buttons else _plain(message)
    objects = [*_texts(written), *objects] if buttons else [*objects, *_texts(written)]
    choices = [choice for choice in message.choices if choice.strip()][: LIMITS["choices"].size]
    if choices:
        objects = objects or _texts(wording.listed(choices))
        objects[-1]["quickReply"] = {"items": [_quick_reply(choice) for choice in choices]}
    return objects


def _texts(words: str) -> list[dict[str, Any]]:
    return [{"type": "text", "text": piece} for piece in LIMITS["text"].split(words)]


def _plain(message: Message) -> list[dict[str, Any]]:
    image, words = _image(message), wording.spoken(message)
    if image:
        picture = {"type": "image", "originalContentUrl": image, "previewImageUrl": image}
        return [picture, *_texts(words)]
    return _texts(words or ("" if message.buttons else message.image_url))


def _image(message: Message) -> str:
    """The picture's address as LINE takes it: https, at most 1,000 characters; empty where it would refuse it.

    http is left to loopback addresses: LINE itself could never fetch them, a stand-in on this machine can.
    """
    address = addresses.encoded(message.image_url)
    is_fetchable = addresses.scheme(address) == "https" or (
        addresses.scheme(address) == "http" and addresses.is_loopback(address)
    )
    return address if is_fetchable and LIMITS["address"].allows(address) else ""


def _with_buttons(message: Message, buttons: list[Button]) -> list[dict[str, Any]]:
    """Buttons templates of up to 4 actions each; the whole text goes before where the first cannot hold it."""
    image, title, body = _image(message), message.title.strip(), message.text.strip()
    if not body:
        title, body = "", title or wording.listed(button.label for button in buttons if button.label.strip())
    limit = LIMITS["card_text" if image or title else "button_text"]
    fits = limit.allows(body) and LIMITS["title"].allows(title)
    first = {"text": limit.cut(body) or ELLIPSIS}
    if title:
        first["title"] = LIMITS["title"].cut(title)
    if image:
        first["thumbnailImageUrl"] = image
    size = LIMITS["buttons"].size
    groups = [buttons[at : at + size] for at in range(0, len(buttons), size)]
    alt_text = LIMITS["alt_text"].cut("\n".join(filter(None, (title, body))) or ELLIPSIS)
    cards = [_template(alt_text, group, {"text": ELLIPSIS} if place else first) for place, group in enumerate(groups)]
    return cards if fits else [*_texts(wording.spoken(message)), *cards]


def _template(alt_text: str, buttons: list[Button], content: dict[str, str]) -> dict[str, Any]:
    template = {"type": "buttons", **content, "actions": [_action(button) for button in buttons]}
    return {"type": "template", "altText": alt_text, "template": template}


def _can_show(button: Button) -> bool:
    """Whether LINE takes the button; one that opens what LINE does not open is written out instead."""
    if not button.url:
        return True
    address = addresses.encoded(button.url)
    return addresses.scheme(address) in _LINKS and LIMITS["address"].allows(address)


def _action(button: Button) -> dict[str, Any]:
    """A postback whose data LINE would refuse becomes a message: the label, said by the customer."""
    label = LIMITS["button_label"].cut(wording.label(button.label))
    if button.url:
        return {"type": "uri", "label": label, "uri": addresses.encoded(button.url)}
    said = LIMITS["choice_text"].cut(wording.label(button.label))
    if button.postback and LIMITS["postback"].allows(button.postback):
        return {"type": "postback", "label": label, "data": button.postback, "displayText": said}
    return {"type": "message", "label": label, "text": said}


def _quick_reply(choice: str) -> dict[str, Any]:
    label, said = LIMITS["choice_label"].cut(choice), LIMITS["choice_text"].cut(choice)
    return {"type": "action", "action": {"type": "message", "label": label, "text": said}}
