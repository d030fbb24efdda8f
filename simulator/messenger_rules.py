"""What Messenger refuses in a message. Numbers: Meta's pages of 2026-05 and 06 (send-messages, buttons, templates)."""

from collections.abc import Iterator
from typing import Any

TEXT, BUTTON_TEXT, TITLE, SUBTITLE, LABEL, PAYLOAD = 2000, 640, 80, 80, 20, 1000
BUTTONS, QUICK_REPLIES, ELEMENTS = 3, 13, 10
SENDER_ACTIONS = {"typing_on", "typing_off", "mark_seen"}
MESSAGING_TYPES = {"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"}

Found = Iterator[str]


def faults_of(body: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a Send API call, as sentences."""
    return list(_call(body))


def _call(body: dict[str, Any]) -> Found:
    known = {"recipient", "message", "messaging_type", "notification_type", "tag", "sender_action", "persona_id"}
    yield from _only(body, "", known)
    if "sender_action" in body:
        if body["sender_action"] not in SENDER_ACTIONS or "message" in body:
            yield f"sender_action must be one of {', '.join(sorted(SENDER_ACTIONS))}, without a message"
        return
    if body.get("messaging_type") not in MESSAGING_TYPES:
        yield f"messaging_type must be one of {', '.join(sorted(MESSAGING_TYPES))}"
    message = body.get("message")
    if not isinstance(message, dict):
        yield "message is required"
        return
    yield from _only(message, "message.", {"text", "attachment", "quick_replies", "metadata"})
    if ("text" in message) == ("attachment" in message):
        yield "message must have either text or attachment"
    if "text" in message:
        yield from _length(message["text"], "message.text", TEXT)
    if "attachment" in message:
        yield from _attachment(message["attachment"])
    if "quick_replies" in message:
        yield from _quick_replies(message["quick_replies"])


def _attachment(attachment: Any) -> Found:  # noqa: ANN401 (any JSON)
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        yield "message.attachment.payload is required"
    elif attachment.get("type") in {"image", "video", "audio", "file"}:
        yield from _url(payload.get("url"), "attachment.payload.url")
    elif attachment.get("type") != "template":
        yield "message.attachment.type must be image, video, audio, file or template"
    elif payload.get("template_type") == "button":
        yield from _length(payload.get("text"), "payload.text", BUTTON_TEXT)
        yield from _buttons(payload.get("buttons"), "payload.buttons", least=1)
    elif payload.get("template_type") == "generic":
        yield from _elements(payload.get("elements"))
    else:
        yield "payload.template_type must be button or generic"


def _elements(elements: object) -> Found:
    if not isinstance(elements, list) or not 1 <= len(elements) <= ELEMENTS:
        yield f"payload.elements must have 1 to {ELEMENTS} elements"
        return
    for i, element in enumerate(elements):
        at = f"payload.elements[{i}]"
        yield from _only(element, f"{at}.", {"title", "subtitle", "image_url", "default_action", "buttons"})
        yield from _length(element.get("title"), f"{at}.title", TITLE)
        if not element.keys() - {"title"}:
            yield f"{at} needs something beside the title"
        if "subtitle" in element:
            yield from _length(element["subtitle"], f"{at}.subtitle", SUBTITLE)
        if "image_url" in element:
            yield from _url(element["image_url"], f"{at}.image_url")
        if "buttons" in element:
            yield from _buttons(element["buttons"], f"{at}.buttons", least=1)


def _buttons(buttons: object, at: str, least: int) -> Found:
    if not isinstance(buttons, list) or not least <= len(buttons) <= BUTTONS:
        yield f"{at} must have {least} to {BUTTONS} buttons"
        return
    for i, button in enumerate(buttons):
        yield from _length(button.get("title"), f"{at}[{i}].title", LABEL)
        if button.get("type") == "web_url":
            yield from _url(button.get("url"), f"{at}[{i}].url")
        elif button.get("type") == "postback":
            yield from _length(button.get("payload"), f"{at}[{i}].payload", PAYLOAD)
        else:
            yield f"{at}[{i}].type must be web_url or postback"


def _quick_replies(replies: object) -> Found:
    if not isinstance(replies, list) or not 1 <= len(replies) <= QUICK_REPLIES:
        yield f"quick_replies must have 1 to {QUICK_REPLIES} entries"
        return
    for i, reply in enumerate(replies):
        if reply.get("content_type") == "text":
            yield from _length(reply.get("title"), f"quick_replies[{i}].title", LABEL)
            yield from _length(reply.get("payload"), f"quick_replies[{i}].payload", PAYLOAD)
        elif reply.get("content_type") not in {"user_phone_number", "user_email"}:
            yield f"quick_replies[{i}].content_type is not known"


def _url(url: object, at: str) -> Found:
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        yield f"{at} must be an address"


def _length(value: object, at: str, longest: int) -> Found:
    if not isinstance(value, str) or not value:
        yield f"{at} must not be empty"
    elif len(value.encode("utf-16-le")) // 2 > longest:
        yield f"{at} must not be longer than {longest} characters"


def _only(thing: dict[str, Any], at: str, known: set[str]) -> Found:
    for name in thing.keys() - known:
        yield f"{at}{name} is not a known property"
