"""What LINE refuses in a message object, each with the property that LINE names.

Numbers: developers.line.biz/en/reference/messaging-api and .../text-character-count, read 2026-08-07. Texts are counted
in UTF-16 code units, labels and template texts in grapheme clusters.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import regex

from simulator import flex_rules

MAX_MESSAGES = 5
MAX_BODY = 2_000_000  # bytes
TEXT, ALT_TEXT, LABEL, URI, DATA, DISPLAY_TEXT = 5000, 1500, 20, 1000, 300, 300
TITLE, TEMPLATE_TEXT, TEMPLATE_TEXT_WITH_IMAGE, CONFIRM_TEXT, COLUMN_TEXT, COLUMN_TEXT_WITH_IMAGE = (
    40,
    160,
    60,
    240,
    120,
    60,
)
ACTIONS, CONFIRM_ACTIONS, COLUMN_ACTIONS, COLUMNS, QUICK_REPLIES = 4, 2, 3, 10, 13
LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Found = Iterator[tuple[str, str]]


def utf16(text: str) -> int:
    """Length in UTF-16 code units: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def graphemes(text: str) -> int:
    """Length in grapheme clusters: a family of emoji is one."""
    return len(regex.findall(r"\X", text))


class Judge:
    """Finds what LINE would refuse, as (property, message) pairs."""

    def __init__(self, *, allow_loopback_http: bool) -> None:
        self._allow_loopback_http = allow_loopback_http

    def messages(self, messages: object) -> list[tuple[str, str]]:
        """Everything that is wrong with a request's `messages`."""
        if not isinstance(messages, list) or not messages:
            return [("messages", "May not be empty")]
        if len(messages) > MAX_MESSAGES:
            return [("messages", f"Size must be between 1 and {MAX_MESSAGES}")]
        return [found for i, message in enumerate(messages) for found in self._message(message, f"messages[{i}]")]

    def _message(self, message: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
        if not isinstance(message, dict):
            yield at, "must be an object"
            return
        kinds: dict[str, Callable[[dict[str, Any], str], Found]] = {
            "text": self._text,
            "image": self._image,
            "video": self._video,
            "template": self._template,
            "sticker": self._sticker,
            "flex": self._flex,
        }
        kind = kinds.get(str(message.get("type")))
        if kind is None:
            yield f"{at}.type", "must be one of: " + ", ".join(kinds)
            return
        yield from kind(message, at)
        if "quickReply" in message:
            yield from self._quick_reply(message["quickReply"], f"{at}.quickReply")

    def _text(self, message: dict[str, Any], at: str) -> Found:
        yield from self._only(message, at, {"type", "text", "emojis", "quoteToken", "quickReply", "sender"})
        yield from self._length(message.get("text"), f"{at}.text", TEXT, utf16)

    def _image(self, message: dict[str, Any], at: str) -> Found:
        yield from self._only(message, at, {"type", "originalContentUrl", "previewImageUrl", "quickReply", "sender"})
        for name in ("originalContentUrl", "previewImageUrl"):
            yield from self._https(message.get(name), f"{at}.{name}")

    def _video(self, message: dict[str, Any], at: str) -> Found:
        known = {"type", "originalContentUrl", "previewImageUrl", "trackingId", "quickReply", "sender"}
        yield from self._only(message, at, known)
        for name in ("originalContentUrl", "previewImageUrl"):
            yield from self._https(message.get(name), f"{at}.{name}")

    def _sticker(self, message: dict[str, Any], at: str) -> Found:
        for name in ("packageId", "stickerId"):
            yield from self._length(message.get(name), f"{at}.{name}", 20, utf16)

    def _flex(self, message: dict[str, Any], at: str) -> Found:
        yield from self._only(message, at, {"type", "altText", "contents", "quickReply", "sender"})
        yield from self._length(message.get("altText"), f"{at}.altText", ALT_TEXT, utf16)
        for where, words in flex_rules.faults_of(message.get("contents")):
            yield f"{at}.contents{where}", words
        for where, url in flex_rules.addresses_of(message.get("contents")):
            yield from self._https(url, f"{at}.contents{where}")

    def _template(self, message: dict[str, Any], at: str) -> Found:
        yield from self._only(message, at, {"type", "altText", "template", "quickReply", "sender"})
        yield from self._length(message.get("altText"), f"{at}.altText", ALT_TEXT, utf16)
        template, at = message.get("template"), f"{at}.template"
        if not isinstance(template, dict):
            yield at, "must be specified"
        elif template.get("type") == "buttons":
            yield from self._buttons(template, at)
        elif template.get("type") == "confirm":
            yield from self._length(template.get("text"), f"{at}.text", CONFIRM_TEXT, graphemes)
            yield from self._actions(template.get("actions"), f"{at}.actions", CONFIRM_ACTIONS)
        elif template.get("type") == "carousel":
            yield from self._carousel(template, at)
        else:
            yield f"{at}.type", "must be one of: buttons, confirm, carousel"

    def _buttons(self, template: dict[str, Any], at: str) -> Found:
        looks = {"imageAspectRatio", "imageSize", "imageBackgroundColor"}
        known = {"type", "thumbnailImageUrl", "title", "text", "actions", "defaultAction"} | looks
        yield from self._only(template, at, known)
        is_card = "thumbnailImageUrl" in template or "title" in template
        longest = TEMPLATE_TEXT_WITH_IMAGE if is_card else TEMPLATE_TEXT
        yield from self._length(template.get("text"), f"{at}.text", longest, graphemes)
        yield from self._card(template, at)
        yield from self._actions(template.get("actions"), f"{at}.actions", ACTIONS)

    def _carousel(self, template: dict[str, Any], at: str) -> Found:
        yield from self._only(template, at, {"type", "columns", "imageAspectRatio", "imageSize"})
        columns = template.get("columns")
        if not isinstance(columns, list) or not 1 <= len(columns) <= COLUMNS:
            yield f"{at}.columns", f"Size must be between 1 and {COLUMNS}"
            return
        for i, column in enumerate(columns):
            is_card = "thumbnailImageUrl" in column or "title" in column
            longest = COLUMN_TEXT_WITH_IMAGE if is_card else COLUMN_TEXT
            yield from self._length(column.get("text"), f"{at}.columns[{i}].text", longest, graphemes)
            yield from self._card(column, f"{at}.columns[{i}]")
            yield from self._actions(column.get("actions"), f"{at}.columns[{i}].actions", COLUMN_ACTIONS)
        if len({len(column.get("actions", [])) for column in columns}) > 1:
            yield f"{at}.columns", "all columns must have the same number of actions"
        for name in ("thumbnailImageUrl", "title"):
            if len({name in column for column in columns}) > 1:
                yield f"{at}.columns", f"all columns or none must have {name}"

    def _card(self, card: dict[str, Any], at: str) -> Found:
        if "title" in card:
            yield from self._length(card["title"], f"{at}.title", TITLE, graphemes)
        if "thumbnailImageUrl" in card:
            yield from self._https(card["thumbnailImageUrl"], f"{at}.thumbnailImageUrl")

    def _actions(self, actions: object, at: str, most: int) -> Found:
        if not isinstance(actions, list) or not 1 <= len(actions) <= most:
            yield at, f"Size must be between 1 and {most}"
            return
        for i, action in enumerate(actions):
            yield from self._action(action, f"{at}[{i}]")

    def _action(self, action: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
        kinds = {
            "uri": {"type", "label", "uri", "altUri"},
            "postback": {"type", "label", "data", "displayText", "text", "inputOption", "fillInText"},
            "message": {"type", "label", "text"},
        }
        if not isinstance(action, dict) or action.get("type") not in kinds:
            yield f"{at}.type", f"must be one of: {', '.join(kinds)}"
            return
        yield from self._only(action, at, kinds[action["type"]])
        yield from self._length(action.get("label"), f"{at}.label", LABEL, graphemes)
        if action["type"] == "uri":
            yield from self._uri(action.get("uri"), f"{at}.uri")
        elif action["type"] == "postback":
            yield from self._length(action.get("data"), f"{at}.data", DATA, utf16)
            if "displayText" in action:
                yield from self._length(action["displayText"], f"{at}.displayText", DISPLAY_TEXT, graphemes)
        else:
            yield from self._length(action.get("text"), f"{at}.text", DISPLAY_TEXT, utf16)

    def _quick_reply(self, quick_reply: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
        items = quick_reply.get("items") if isinstance(quick_reply, dict) else None
        if not isinstance(items, list) or not 1 <= len(items) <= QUICK_REPLIES:
            yield f"{at}.items", f"Size must be between 1 and {QUICK_REPLIES}"
            return
        for i, item in enumerate(items):
            if not isinstance(item, dict) or item.get("type") != "action":
                yield f"{at}.items[{i}].type", "must be 'action'"
            else:
                yield from self._action(item.get("action"), f"{at}.items[{i}].action")

    def _uri(self, uri: object, at: str) -> Found:
        yield from self._length(uri, at, URI, utf16)
        if isinstance(uri, str) and (urlsplit(uri).scheme not in {"http", "https", "line", "tel"} or not uri.isascii()):
            yield at, "invalid uri scheme"

    def _https(self, url: object, at: str) -> Found:
        yield from self._length(url, at, 2000, utf16)
        if not isinstance(url, str):
            return
        parts = urlsplit(url)
        is_let_through = self._allow_loopback_http and parts.scheme == "http" and parts.hostname in LOOPBACK
        if parts.scheme != "https" and not is_let_through:
            yield at, "invalid uri scheme"

    @staticmethod
    def _length(value: object, at: str, longest: int, count: Callable[[str], int]) -> Found:
        if not isinstance(value, str) or not value:
            yield at, "May not be empty"
        elif count(value) > longest:
            yield at, f"Length must be between 1 and {longest}"

    @staticmethod
    def _only(thing: dict[str, Any], at: str, known: set[str]) -> Found:
        for name in thing.keys() - known:
            yield f"{at}.{name}", "unknown property"
