"""LINE's events and message objects as people see them: the other way round from `webhook` and `rendering`."""

from typing import Any

from bot.channels.line.webhook import read_event
from bot.channels.reading import objects, part, text
from core.speech import Said, Shown, ShownButton

_KNOWN = frozenset({"text", "image", "template"})


def hear(raw: dict[str, Any]) -> Said:
    """A stored event. A picture or sticker is named; LINE's webhook does not bring it."""
    inbound = read_event(raw)
    media = (text(raw, "message", "type"),) if inbound.kind == "media" else ()
    return Said(inbound.kind, inbound.text, inbound.data or inbound.ref, media)


def show(payload: dict[str, Any]) -> Shown:
    """A message object. What cannot be drawn here is named, with the words that stand for it."""
    kind = text(payload, "type")
    choices = tuple(_button(part(item, "action")).label for item in objects(part(payload, "quickReply", "items")))
    if kind == "template":
        return _template(part(payload, "template"), text(payload, "altText"), choices)
    return Shown(
        text=text(payload, "text") or text(payload, "altText"),
        image_url=text(payload, "originalContentUrl") if kind == "image" else text(payload, "previewImageUrl"),
        link_url=text(payload, "originalContentUrl") if kind != "image" else "",
        media="" if kind in _KNOWN else kind,
        choices=choices,
    )


def _template(template: object, alt_text: str, choices: tuple[str, ...]) -> Shown:
    columns = [_card(column) for column in objects(part(template, "columns"))]
    if columns:
        return Shown(choices=choices, cards=tuple(columns))
    card = _card(template)
    return Shown(
        text=card.text or alt_text,
        title=card.title,
        image_url=card.image_url,
        buttons=card.buttons,
        choices=choices,
    )


def _card(raw: object) -> Shown:
    actions = objects(part(raw, "actions")) or ([part(raw, "action")] if part(raw, "action") else [])
    return Shown(
        text=text(raw, "text"),
        title=text(raw, "title"),
        image_url=text(raw, "thumbnailImageUrl") or text(raw, "imageUrl"),
        buttons=tuple(_button(action) for action in actions),
    )


def _button(action: object) -> ShownButton:
    return ShownButton(text(action, "label"), text(action, "uri"))
