"""What LINE refuses in a Flex container, each with its place, such as `body.contents[0].text: must not be empty`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.channels.line import flex_shapes as shapes
from bot.channels.line.actions import can_open, media
from bot.channels.line.flex_shapes import Rule, Shape
from bot.channels.line.limits import LIMITS

_DEEPEST = 20  # boxes in boxes; LINE's own renderer gives up long before
_TYPES = {str: "a text", int: "a whole number", bool: "true or false"}


def problems(container: object) -> list[str]:
    """Everything that LINE would refuse; more bubbles than fit are none: they become several messages."""
    kind = container.get("type") if isinstance(container, dict) else None
    if not isinstance(container, dict) or kind not in {"bubble", "carousel"}:
        return ["type: must be bubble or carousel"]
    if kind == "bubble":
        return list(_bubble(container, ""))
    bubbles = container.get("contents")
    if not isinstance(bubbles, list) or not bubbles:
        return ["contents: must be a list of bubbles"]
    found = [f"{name}: is not known" for name in container.keys() - {"type", "contents"}]
    return found + [each for i, bubble in enumerate(bubbles) for each in _bubble(bubble, f"contents[{i}].")]


def _bubble(bubble: Any, at: str) -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        yield f"{at}type: must be bubble"
        return
    yield from _object(bubble, shapes.BUBBLE, at, 0)
    size = LIMITS["bubble"].count(json.dumps(bubble, ensure_ascii=False))
    if size > LIMITS["bubble"].size:
        yield f"{at or 'bubble'}: has {size:,} bytes as JSON; at most {LIMITS['bubble'].size:,} fit"


def _object(found: Mapping[str, Any], shape: Shape, at: str, depth: int) -> Iterator[str]:
    rules, needed = shape
    for name in needed:
        if name not in found:
            yield f"{at}{name}: is missing"
    for name, value in found.items():
        if name in rules:
            yield from _value(value, rules[name], f"{at}{name}", depth)
        elif name != "type":
            yield f"{at}{name}: is not known"


def _value(value: Any, rule: Rule, at: str, depth: int) -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    if isinstance(rule, type):
        if type(value) is not rule:
            yield f"{at}: must be {_TYPES[rule]}"
        return
    if isinstance(rule, tuple):
        if value not in rule:
            yield f"{at}: must be one of {', '.join(rule)}"
        return
    if rule in {"components", "spans"}:
        yield from _list(value, rule, at, depth)
    elif rule in {"media", "link", "data", "said", "clip"}:
        yield from _text(value, rule, at)
    elif not isinstance(value, dict):
        yield f"{at}: must be a mapping"
    elif rule in {"action", "labelled action"}:
        yield from _action(value, at, needs_label=rule == "labelled action")
    elif rule in {"component", "box"}:
        yield from _component(value, at, depth + 1, is_box=rule == "box")
    else:
        yield from _object(value, _PLAIN[rule], f"{at}.", depth)


_PLAIN: Mapping[str, Shape] = {
    "styles": shapes.STYLES,
    "block": shapes.BLOCK,
    "gradient": shapes.GRADIENT,
    "other link": shapes.OTHER_LINK,
}


def _list(value: Any, rule: str, at: str, depth: int) -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, list):
        yield f"{at}: must be a list"
        return
    for i, part in enumerate(value):
        if not isinstance(part, dict):
            yield f"{at}[{i}]: must be a mapping"
        elif rule == "components":
            yield from _component(part, f"{at}[{i}]", depth + 1)
        elif part.get("type") != "span":
            yield f"{at}[{i}].type: must be span"
        else:
            yield from _object(part, shapes.SPAN, f"{at}[{i}].", depth)


def _component(part: Mapping[str, Any], at: str, depth: int, *, is_box: bool = False) -> Iterator[str]:
    kind = part.get("type")
    known = {"box"} if is_box else shapes.COMPONENTS
    if not isinstance(kind, str) or kind not in known:
        yield f"{at}.type: must be one of {', '.join(known)}"
        return
    if depth > _DEEPEST:
        yield f"{at}: is nested too deeply"
        return
    yield from _object(part, shapes.COMPONENTS[kind], f"{at}.", depth)
    if kind == "text" and not (part.get("text") or part.get("contents")):
        yield f"{at}.text: must not be empty"


def _action(action: Mapping[str, Any], at: str, *, needs_label: bool) -> Iterator[str]:
    kind = action.get("type")
    if not isinstance(kind, str) or kind not in shapes.ACTIONS:
        yield f"{at}.type: must be one of {', '.join(shapes.ACTIONS)}"
        return
    yield from _object(action, shapes.ACTIONS[kind], f"{at}.", 0)
    label = action.get("label", "")
    if needs_label and not label:
        yield f"{at}.label: is missing"
    if isinstance(label, str) and not LIMITS["flex_label"].allows(label):
        yield f"{at}.label: at most {LIMITS['flex_label'].size} characters fit"


def _text(value: Any, rule: str, at: str) -> Iterator[str]:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, str) or not value:
        yield f"{at}: must be a text that is not empty"
    elif rule == "media" and not media(value):
        yield f"{at}: must be an https address of at most {LIMITS['address'].size:,} characters"
    elif rule == "link" and not can_open(value):
        yield f"{at}: must be an http, https, line or tel address of at most {LIMITS['address'].size:,} characters"
    elif rule in _SIZES and not LIMITS[_SIZES[rule]].allows(value):
        yield f"{at}: at most {LIMITS[_SIZES[rule]].size} characters fit"


_SIZES = {"data": "postback", "said": "choice_text", "clip": "clip"}
