"""What LINE refuses in a Flex container, each with its place, such as `body.contents[0].text: must not be empty`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.channels.line import flex_shapes as shapes
from bot.channels.line.actions import can_open, media
from bot.channels.line.flex_shapes import Rule, Shape
from bot.channels.line.limits import LIMITS
from bot.sentences import Pair

_DEEPEST = 20  # boxes in boxes; LINE's own renderer gives up long before
_TYPES = {
    str: Pair("文字", "a text"),
    int: Pair("整數", "a whole number"),
    bool: Pair("true 或 false", "true or false"),
}


def problems(container: object) -> list[Pair]:
    """Everything that LINE would refuse; more bubbles than fit are none: they become several messages."""
    kind = container.get("type") if isinstance(container, dict) else None
    if not isinstance(container, dict) or kind not in {"bubble", "carousel"}:
        return [_at("type", "要是 bubble 或 carousel", "must be bubble or carousel")]
    if kind == "bubble":
        return list(_bubble(container, ""))
    bubbles = container.get("contents")
    if not isinstance(bubbles, list) or not bubbles:
        return [_at("contents", "要是 bubble 的清單", "must be a list of bubbles")]
    found = [_unknown(name) for name in container.keys() - {"type", "contents"}]
    return found + [each for i, bubble in enumerate(bubbles) for each in _bubble(bubble, f"contents[{i}].")]


def _bubble(bubble: Any, at: str) -> Iterator[Pair]:  # noqa: ANN401 (any JSON value)
    if not isinstance(bubble, dict) or bubble.get("type") != "bubble":
        yield _at(f"{at}type", "要是 bubble", "must be bubble")
        return
    yield from _object(bubble, shapes.BUBBLE, at, 0)
    size = LIMITS["bubble"].count(json.dumps(bubble, ensure_ascii=False))
    if size > LIMITS["bubble"].size:
        most = LIMITS["bubble"].size
        zh = f"寫成 JSON 有 {size:,} 位元組；最多 {most:,}"
        yield _at(at or "bubble", zh, f"has {size:,} bytes as JSON; at most {most:,} fit")


def _object(found: Mapping[str, Any], shape: Shape, at: str, depth: int) -> Iterator[Pair]:
    rules, needed = shape
    for name in needed:
        if name not in found:
            yield _missing(f"{at}{name}")
    for name, value in found.items():
        if name in rules:
            yield from _value(value, rules[name], f"{at}{name}", depth)
        elif name != "type":
            yield _unknown(f"{at}{name}")


def _value(value: Any, rule: Rule, at: str, depth: int) -> Iterator[Pair]:  # noqa: ANN401 (any JSON value)
    if isinstance(rule, type):
        if type(value) is not rule:
            yield _at(at, f"要是{_TYPES[rule].zh}", f"must be {_TYPES[rule].en}")
        return
    if isinstance(rule, tuple):
        if value not in rule:
            yield _one_of(at, rule)
        return
    if rule in {"components", "spans"}:
        yield from _list(value, rule, at, depth)
    elif rule in {"media", "link", "data", "said", "clip"}:
        yield from _text(value, rule, at)
    elif not isinstance(value, dict):
        yield _no_mapping(at)
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


def _list(value: Any, rule: str, at: str, depth: int) -> Iterator[Pair]:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, list):
        yield _at(at, "要是清單", "must be a list")
        return
    for i, part in enumerate(value):
        if not isinstance(part, dict):
            yield _no_mapping(f"{at}[{i}]")
        elif rule == "components":
            yield from _component(part, f"{at}[{i}]", depth + 1)
        elif part.get("type") != "span":
            yield _at(f"{at}[{i}].type", "要是 span", "must be span")
        else:
            yield from _object(part, shapes.SPAN, f"{at}[{i}].", depth)


def _component(part: Mapping[str, Any], at: str, depth: int, *, is_box: bool = False) -> Iterator[Pair]:
    kind = part.get("type")
    known = {"box"} if is_box else shapes.COMPONENTS
    if not isinstance(kind, str) or kind not in known:
        yield _one_of(f"{at}.type", known)
        return
    if depth > _DEEPEST:
        yield _at(at, "一層包一層太深了", "is nested too deeply")
        return
    yield from _object(part, shapes.COMPONENTS[kind], f"{at}.", depth)
    if kind == "text" and not (part.get("text") or part.get("contents")):
        yield _at(f"{at}.text", "不能是空的", "must not be empty")


def _action(action: Mapping[str, Any], at: str, *, needs_label: bool) -> Iterator[Pair]:
    kind = action.get("type")
    if not isinstance(kind, str) or kind not in shapes.ACTIONS:
        yield _one_of(f"{at}.type", shapes.ACTIONS)
        return
    yield from _object(action, shapes.ACTIONS[kind], f"{at}.", 0)
    label = action.get("label", "")
    if needs_label and not label:
        yield _missing(f"{at}.label")
    if isinstance(label, str) and not LIMITS["flex_label"].allows(label):
        yield _too_long(f"{at}.label", "flex_label")


def _text(value: Any, rule: str, at: str) -> Iterator[Pair]:  # noqa: ANN401 (any JSON value)
    if not isinstance(value, str) or not value:
        yield _at(at, "要是不空的文字", "must be a text that is not empty")
    elif rule == "media" and not media(value):
        most = LIMITS["address"].size
        yield _at(
            at,
            f"要是 https 網址，最多 {most:,} 個字元",
            f"must be an https address of at most {most:,} characters",
        )
    elif rule == "link" and not can_open(value):
        most = LIMITS["address"].size
        yield _at(
            at,
            f"要是 http、https、line 或 tel 網址，最多 {most:,} 個字元",
            f"must be an http, https, line or tel address of at most {most:,} characters",
        )
    elif rule in _SIZES and not LIMITS[_SIZES[rule]].allows(value):
        yield _too_long(at, _SIZES[rule])


_SIZES = {"data": "postback", "said": "choice_text", "clip": "clip"}


def _at(place: str, zh: str, en: str) -> Pair:
    return Pair(f"{place}：{zh}", f"{place}: {en}")


def _missing(at: str) -> Pair:
    return _at(at, "缺少這一項", "is missing")


def _unknown(at: str) -> Pair:
    return _at(at, "LINE 沒有這一項", "is not known")


def _no_mapping(at: str) -> Pair:
    return _at(at, "要是 {...}", "must be a mapping")


def _one_of(at: str, words: Iterable[str]) -> Pair:
    listed = list(words)
    return _at(at, f"要是其中一個：{'、'.join(listed)}", f"must be one of {', '.join(listed)}")


def _too_long(at: str, limit: str) -> Pair:
    most = LIMITS[limit].size
    return _at(at, f"最多 {most} 個字元", f"at most {most} characters fit")
