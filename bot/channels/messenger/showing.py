"""Messenger's events and messages as people see them: the other way round from `webhook` and `rendering`."""

from typing import Any

from bot.channels.messenger.webhook import read_event
from bot.channels.reading import objects, part, text
from core.speech import Said, Shown, ShownButton


def hear(raw: dict[str, Any]) -> Said:
    """A stored event. What was attached is named; a button's words are shown as the customer tapped them."""
    inbound = read_event(raw)
    attached = [text(one, "type") or "file" for one in objects(part(raw, "message", "attachments"))]
    media = tuple(attached or ["sticker"]) if inbound.kind == "media" else tuple(attached)
    words = inbound.text or text(raw, "postback", "title")
    return Said(inbound.kind, words, inbound.data or inbound.ref, media)


def show(payload: dict[str, Any]) -> Shown:
    """A message of the Send API. What cannot be drawn here is named."""
    choices = tuple(text(reply, "title") for reply in objects(part(payload, "quick_replies")))
    kind, content = text(payload, "attachment", "type"), part(payload, "attachment", "payload")
    if kind == "template":
        return _template(content, choices)
    is_image = kind == "image"
    return Shown(
        text=text(payload, "text"),
        image_url=text(content, "url") if is_image else "",
        link_url="" if is_image else text(content, "url"),
        media="" if is_image else kind,
        choices=choices,
    )


def _template(content: object, choices: tuple[str, ...]) -> Shown:
    elements = [_card(element) for element in objects(part(content, "elements"))]
    if len(elements) > 1:
        return Shown(choices=choices, cards=tuple(elements))
    card = elements[0] if elements else Shown(text=text(content, "text"), buttons=_buttons(content))
    return Shown(
        text=card.text,
        title=card.title,
        image_url=card.image_url,
        link_url=card.link_url,
        media=card.media,
        buttons=card.buttons,
        choices=choices,
    )


def _card(raw: object) -> Shown:
    return Shown(
        text=text(raw, "subtitle"),
        title=text(raw, "title"),
        image_url=text(raw, "image_url"),
        link_url=text(raw, "url"),
        media=text(raw, "media_type"),
        buttons=_buttons(raw),
    )


def _buttons(raw: object) -> tuple[ShownButton, ...]:
    return tuple(ShownButton(text(one, "title"), text(one, "url")) for one in objects(part(raw, "buttons")))
