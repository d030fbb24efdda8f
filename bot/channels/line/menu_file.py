"""A LINE rich menu as a YAML file: its bar, its picture, and what a tap on each part of the picture does."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from bot.channels import addresses
from bot.channels.line.actions import can_open
from bot.channels.line.limits import LIMITS, MENU_HEIGHT, MENU_LIMITS, MENU_RATIO, MENU_WIDTH
from bot.channels.setup_file import Part, SetupError, documents
from core import images

_GRID = re.compile(r"(\d+) ?x ?(\d+)")
_ACTS = ("say", "postback", "open", "switch")


class Area(Part):
    """A part of the picture. `at` is left, top, width, height in its pixels; without it, the grid's next field."""

    at: tuple[int, int, int, int] | None = None
    say: str = ""
    postback: str = ""
    shows: str = ""
    open: str = ""
    switch: str = ""
    label: str = ""


class Menu(Part):
    """One menu. Several in a file: the first is everybody's, the others are switched to."""

    menu: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,32}$")]
    bar: str
    image: str
    is_open: bool = Field(default=True, alias="open")
    grid: str = ""
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class RichMenu:
    """A menu as LINE takes it, with its picture. `mark` is its name at LINE, and the same for the same menu alone."""

    name: str
    body: dict[str, Any]
    picture: bytes
    content_type: str

    @property
    def mark(self) -> str:
        """The name and a digest of all that is in the menu, by which a menu that is there already is known."""
        digest = hashlib.sha256(json.dumps(self.body, sort_keys=True).encode() + self.picture).hexdigest()
        return f"{self.name} [tessera {digest[:16]}]"

    @property
    def request(self) -> dict[str, Any]:
        """The body of LINE's request."""
        return {**self.body, "name": self.mark}


def read(file: Path) -> list[RichMenu]:
    """The menus of a file, checked for all that LINE would refuse.

    Raises:
        SetupError: with every mistake, each at its place.
    """
    menus = documents(file, Menu)
    names = [menu.menu for menu in menus]
    mistakes = [f"{name}: there are two menus of this name" for name in dict.fromkeys(names) if names.count(name) > 1]
    read_menus = []
    for menu in menus:
        try:
            read_menus.append(_menu(menu, file.parent, names))
        except SetupError as error:
            mistakes += [f"{menu.menu}: {mistake}" for mistake in error.mistakes]
    if mistakes:
        raise SetupError(mistakes)
    return read_menus


def _menu(menu: Menu, folder: Path, names: Sequence[str]) -> RichMenu:
    try:
        picture = (folder / menu.image).read_bytes()
        content_type, width, height = images.examine(picture, menu.image)
    except OSError as error:
        raise SetupError([f"image: {menu.image} cannot be read: {error.strerror}"]) from error
    except images.ImageError as error:
        raise SetupError([f"image: {error}"]) from error
    fields = list(_fields(menu.grid, width, height))
    mistakes = [*_about_picture(width, height), *_about_menu(menu, fields)]
    areas = []
    for number, area in enumerate(menu.areas):
        at = area.at or (fields[number] if number < len(fields) else None)
        found = [*_about_place(at, width, height), *_about_area(area, names)]
        mistakes += [f"areas[{number + 1}]: {mistake}" for mistake in found]
        if at and not found:
            bounds = dict(zip(("x", "y", "width", "height"), at, strict=True))
            areas.append({"bounds": bounds, "action": _action(area)})
    if mistakes:
        raise SetupError(mistakes)
    size = {"width": width, "height": height}
    body = {"size": size, "selected": menu.is_open, "chatBarText": menu.bar.strip(), "areas": areas}
    return RichMenu(menu.menu, body, picture, content_type)


def _fields(grid: str, width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """The fields of a grid such as `3x2` (columns, rows), row by row, without a pixel lost between them."""
    match = _GRID.fullmatch(grid.strip())
    if not match:
        return
    columns, rows = max(1, int(match[1])), max(1, int(match[2]))
    across = [width * place // columns for place in range(columns + 1)]
    down = [height * place // rows for place in range(rows + 1)]
    for row in range(rows):
        for column in range(columns):
            left, top = across[column], down[row]
            yield left, top, across[column + 1] - left, down[row + 1] - top


def _about_picture(width: int, height: int) -> Iterator[str]:
    narrowest, widest = MENU_WIDTH
    if not narrowest <= width <= widest or height < MENU_HEIGHT or width / height < MENU_RATIO:
        yield (
            f"image: is {width} x {height} pixels; LINE wants {narrowest} to {widest} wide, at least {MENU_HEIGHT} "
            f"high, and at least {MENU_RATIO} times as wide as high"
        )


def _about_menu(menu: Menu, fields: Sequence[object]) -> Iterator[str]:
    if menu.grid and not fields:
        yield f"grid: {menu.grid!r} is no grid; expected columns x rows, such as 3x2"
    if not menu.bar.strip() or not MENU_LIMITS["menu_bar"].allows(menu.bar.strip()):
        yield f"bar: must have 1 to {MENU_LIMITS['menu_bar'].size} characters"
    if not 1 <= len(menu.areas) <= MENU_LIMITS["menu_areas"].size:
        yield f"areas: must be 1 to {MENU_LIMITS['menu_areas'].size}"


def _about_place(at: tuple[int, int, int, int] | None, width: int, height: int) -> Iterator[str]:
    if at is None:
        yield "has no place; give `at: [left, top, width, height]`, or the menu a larger `grid`"
        return
    left, top, wide, high = at
    if min(left, top) < 0 or min(wide, high) < 1 or left + wide > width or top + high > height:
        yield f"at: {list(at)} does not lie within the picture of {width} x {height} pixels"


def _about_area(area: Area, names: Sequence[str]) -> Iterator[str]:
    if sum(bool(getattr(area, act).strip()) for act in _ACTS) != 1:
        yield f"needs exactly one of {', '.join(_ACTS)}"
    if area.open and not can_open(area.open):
        most = LIMITS["address"].size
        yield f"open: {area.open!r} must be an http, https, line or tel address of at most {most:,} characters"
    if area.switch and area.switch not in names:
        yield f"switch: there is no menu {area.switch!r} in this file"
    for name, words in {"choice_text": area.say or area.shows, "postback": area.postback}.items():
        if not LIMITS[name].allows(words):
            yield f"{words[:20]!r}...: at most {LIMITS[name].size} characters fit"
    if not MENU_LIMITS["menu_label"].allows(area.label):
        yield f"label: at most {MENU_LIMITS['menu_label'].size} characters fit"


def _action(area: Area) -> dict[str, Any]:
    label = {"label": area.label} if area.label else {}
    if area.say:
        return {"type": "message", **label, "text": area.say}
    if area.open:
        return {"type": "uri", **label, "uri": addresses.encoded(area.open)}
    if area.switch:
        data = f"menu:{area.switch}"
        return {"type": "richmenuswitch", **label, "richMenuAliasId": area.switch, "data": data}
    shown = {"displayText": area.shows} if area.shows else {}
    return {"type": "postback", **label, "data": area.postback, **shown}
