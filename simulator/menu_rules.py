"""What LINE refuses in a rich menu, each with the property that LINE names (reference of 2026-08-07)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from simulator.line_rules import DATA, DISPLAY_TEXT, LABEL, URI, graphemes, utf16

AREAS, NAME, BAR = 20, 300, 14
NARROWEST, WIDEST, LOWEST, RATIO = 800, 2500, 250, 1.45
SCHEMES = {"http", "https", "line", "tel"}

Found = Iterator[tuple[str, str]]


def menu_faults(menu: dict[str, Any]) -> list[tuple[str, str]]:
    """Everything that is wrong with a menu, as (property, message)."""
    return list(_menu(menu))


def _menu(menu: dict[str, Any]) -> Found:
    for name in menu.keys() - {"size", "selected", "name", "chatBarText", "areas"}:
        yield name, "unknown property"
    yield from _length(menu.get("name"), "name", NAME, utf16(str(menu.get("name"))))
    yield from _length(menu.get("chatBarText"), "chatBarText", BAR, graphemes(str(menu.get("chatBarText"))))
    if not isinstance(menu.get("selected"), bool):
        yield "selected", "must be true or false"
    width, height = _size(menu.get("size"))
    if not NARROWEST <= width <= WIDEST or height < LOWEST or width / height < RATIO:
        yield "size", "must be a valid size"
    areas = menu.get("areas")
    if not isinstance(areas, list) or len(areas) > AREAS:
        yield "areas", f"Size must be between 0 and {AREAS}"
        return
    for i, area in enumerate(areas):
        yield from _area(area, f"areas[{i}]", width, height)


def _size(size: Any) -> tuple[int, int]:  # noqa: ANN401 (any JSON)
    width, height = (size.get("width"), size.get("height")) if isinstance(size, dict) else (0, 0)
    if isinstance(width, int) and isinstance(height, int) and min(width, height) > 0:
        return width, height
    return 0, 1


def _area(area: Any, at: str, width: int, height: int) -> Found:  # noqa: ANN401 (any JSON)
    bounds = area.get("bounds") if isinstance(area, dict) else None
    numbers = [bounds.get(name) for name in ("x", "y", "width", "height")] if isinstance(bounds, dict) else []
    if len(numbers) != 4 or not all(isinstance(each, int) and each >= 0 for each in numbers):  # noqa: PLR2004
        yield f"{at}.bounds", "must be specified"
        return
    left, top, wide, high = numbers
    if not wide or not high or left + wide > width or top + high > height:
        yield f"{at}.bounds", "must be within the size of the rich menu"
    yield from _action(area.get("action"), f"{at}.action")


def _action(action: Any, at: str) -> Found:  # noqa: ANN401 (any JSON)
    kinds = {
        "message": {"text": DISPLAY_TEXT},
        "uri": {"uri": URI},
        "postback": {"data": DATA},
        "richmenuswitch": {"richMenuAliasId": 32, "data": DATA},
    }
    kind = action.get("type") if isinstance(action, dict) else None
    if kind not in kinds:
        yield f"{at}.type", f"must be one of: {', '.join(kinds)}"
        return
    for name in action.keys() - {"type", "label", *kinds[kind]} - ({"displayText"} if kind == "postback" else set()):
        yield f"{at}.{name}", "unknown property"
    for name, longest in kinds[kind].items():
        yield from _length(action.get(name), f"{at}.{name}", longest, utf16(str(action.get(name))))
    if "label" in action:
        yield from _length(action["label"], f"{at}.label", LABEL, graphemes(str(action["label"])))
    if kind == "uri" and urlsplit(str(action.get("uri"))).scheme not in SCHEMES:
        yield f"{at}.uri", "invalid uri scheme"


def _length(value: object, at: str, longest: int, length: int) -> Found:
    if not isinstance(value, str) or not value:
        yield at, "May not be empty"
    elif length > longest:
        yield at, f"Length must be between 1 and {longest}"
