"""What LINE refuses in a Flex container: unknown parts, missing properties, too many bubbles, too many bytes."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import regex

BUBBLES, BUBBLE_BYTES, CAROUSEL_BYTES, LABEL = 12, 30 * 1024, 50 * 1024, 40
NEEDED = {
    "box": ("layout", "contents"),
    "button": ("action",),
    "image": ("url",),
    "video": ("url", "previewUrl", "altContent"),
    "icon": ("url",),
    "text": (),
    "span": (),
    "separator": (),
    "filler": (),
}
BLOCKS = ("header", "hero", "body", "footer")
ACTION_NEEDS = {
    "uri": ("uri",),
    "postback": ("data",),
    "message": ("text",),
    "datetimepicker": ("data", "mode"),
    "clipboard": ("clipboardText",),
}
SCHEMES = {"http", "https", "line", "tel"}

Found = Iterator[tuple[str, str]]


def faults_of(container: Any) -> Found:  # noqa: ANN401 (any JSON)
    """Everything that is wrong, as (place, message)."""
    kind = container.get("type") if isinstance(container, dict) else None
    if kind == "bubble":
        yield from _bubble(container, "")
    elif kind == "carousel":
        bubbles = container.get("contents")
        if not isinstance(bubbles, list) or not 1 <= len(bubbles) <= BUBBLES:
            yield ".contents", f"Size must be between 1 and {BUBBLES}"
            return
        for i, bubble in enumerate(bubbles):
            yield from _bubble(bubble, f".contents[{i}]")
        yield from _bytes(container, "", CAROUSEL_BYTES)
    else:
        yield ".type", "must be one of: bubble, carousel"


def addresses_of(part: Any, at: str = "") -> Found:  # noqa: ANN401 (any JSON)
    """The addresses of pictures and videos, with their places."""
    if isinstance(part, list):
        for i, each in enumerate(part):
            yield from addresses_of(each, f"{at}[{i}]")
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in {"url", "previewUrl"} and isinstance(value, str):
                yield f"{at}.{name}", value
            yield from addresses_of(value, f"{at}.{name}")


def _bubble(bubble: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        yield f"{at}.type", "must be bubble"
        return
    for name in bubble.keys() - {"type", "size", "direction", "styles", "action", *BLOCKS}:
        yield f"{at}.{name}", "unknown property"
    for name in BLOCKS:
        if name in bubble:
            yield from _component(bubble[name], f"{at}.{name}")
    yield from _bytes(bubble, at, BUBBLE_BYTES)


def _component(part: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in NEEDED:
        yield f"{at}.type", f"must be one of: {', '.join(NEEDED)}"
        return
    for name in NEEDED[kind]:
        if name not in part:
            yield f"{at}.{name}", "must be specified"
    if kind == "text" and not (part.get("text") or part.get("contents")):
        yield f"{at}.text", "must be non-empty text"
    if "action" in part:
        yield from _action(part["action"], f"{at}.action", needs_label=kind == "button")
    for i, each in enumerate(part.get("contents") or ()):
        yield from _component(each, f"{at}.contents[{i}]")


def _action(action: Any, at: str, *, needs_label: bool) -> Found:  # noqa: ANN401 (any JSON)
    kind = action.get("type") if isinstance(action, dict) else None
    if kind not in ACTION_NEEDS:
        yield f"{at}.type", f"must be one of: {', '.join(ACTION_NEEDS)}"
        return
    for name in (*ACTION_NEEDS[kind], *(["label"] if needs_label else [])):
        if not action.get(name):
            yield f"{at}.{name}", "must be specified"
    if len(regex.findall(r"\X", str(action.get("label", "")))) > LABEL:
        yield f"{at}.label", f"Length must be between 1 and {LABEL}"
    if kind == "uri" and urlsplit(str(action.get("uri"))).scheme not in SCHEMES:
        yield f"{at}.uri", "invalid uri scheme"


def _bytes(part: Any, at: str, most: int) -> Found:  # noqa: ANN401 (any JSON)
    size = len(json.dumps(part, ensure_ascii=False).encode())
    if size > most:
        yield at, f"The size must be at most {most} bytes"
