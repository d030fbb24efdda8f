"""A Page's Messenger profile as a YAML file: Get Started, greeting, ice breakers and menu, in several languages."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from bot.channels import addresses
from bot.channels.limits import Limit
from bot.channels.messenger.limits import LIMITS, PROFILE_LIMITS
from bot.channels.messenger.templates import media
from bot.channels.setup_file import Part, SetupError, documents

DEFAULT = "default"  # the language of everybody whose own is not there; Meta wants one
_LOCALE = re.compile(r"default|[a-z]{2,3}_[A-Z]{2}")


class Question(Part):
    """An ice breaker: a question to tap, and what the bot then gets."""

    question: str
    postback: str


class Item(Part):
    """An entry of the menu: a link, or what the bot gets."""

    label: str
    postback: str = ""
    open: str = ""


class Profile(Part):
    """All that is set; what the file leaves out is taken away from the Page."""

    get_started: str = ""
    greeting: Mapping[str, str] = Field(default_factory=dict)
    ice_breakers: Mapping[str, tuple[Question, ...]] = Field(default_factory=dict)
    menu: Mapping[str, tuple[Item, ...]] = Field(default_factory=dict)


def read(file: Path) -> dict[str, Any]:
    """The Messenger profile of a file in Meta's shape, checked for all that Meta would refuse.

    Raises:
        SetupError: with every mistake, each at its place.
    """
    profile, *more = documents(file, Profile)
    mistakes = [*_mistakes(profile), *(["there must be one document, without `---`"] if more else [])]
    if mistakes:
        raise SetupError(mistakes)
    return _in_metas_shape(profile)


def _mistakes(profile: Profile) -> Iterator[str]:
    if profile.menu and not profile.get_started:
        yield "menu: needs `get started` too; without it Messenger shows no menu"
    yield from _too_long(profile.get_started, "get started", LIMITS["postback"], may_be_empty=True)
    for name, languages in _by_name(profile).items():
        if languages and DEFAULT not in map(_locale, languages):
            yield f"{name}: needs `{DEFAULT}`, for everybody whose language is not there"
        for language, value in languages.items():
            place = f"{name}.{language}"
            if not _LOCALE.fullmatch(_locale(language)):
                yield f"{place}: is no language of Meta's; expected {DEFAULT} or such as zh_TW, en_US"
            yield from _about(value, place)


def _by_name(profile: Profile) -> dict[str, Mapping[str, Any]]:
    return {"greeting": profile.greeting, "ice breakers": profile.ice_breakers, "menu": profile.menu}


def _about(value: str | tuple[Question | Item, ...], place: str) -> Iterator[str]:
    if isinstance(value, str):
        yield from _too_long(value, place, PROFILE_LIMITS["greeting"])
        return
    most = PROFILE_LIMITS["ice_breakers" if place.startswith("ice") else "menu_items"].size
    if not 1 <= len(value) <= most:
        yield f"{place}: must be 1 to {most}"
    for number, entry in enumerate(value, start=1):
        at = f"{place}[{number}]"
        yield from _too_long(entry.postback, f"{at}.postback", LIMITS["postback"], may_be_empty=True)
        if isinstance(entry, Question):
            yield from _too_long(entry.question, f"{at}.question", PROFILE_LIMITS["ice_breaker"])
            continue
        yield from _too_long(entry.label, f"{at}.label", PROFILE_LIMITS["menu_label"])
        if bool(entry.postback) == bool(entry.open):
            yield f"{at}: needs either `postback` or `open`"
        if entry.open and not media(entry.open):
            yield f"{at}.open: {entry.open!r} must be an https address"


def _too_long(words: str, place: str, limit: Limit, *, may_be_empty: bool = False) -> Iterator[str]:
    if not words.strip() and not may_be_empty:
        yield f"{place}: must not be empty"
    elif not limit.allows(words):
        yield f"{place}: has {limit.count(words)} characters; at most {limit.size} fit"


def _locale(language: str) -> str:
    """Meta's own form: zh_TW, also where the file says zh-TW."""
    return language.replace("-", "_")


def _in_metas_shape(profile: Profile) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if profile.get_started:
        found["get_started"] = {"payload": profile.get_started}
    if profile.greeting:
        found["greeting"] = [{"locale": _locale(name), "text": text} for name, text in profile.greeting.items()]
    if profile.ice_breakers:
        found["ice_breakers"] = [
            {
                "locale": _locale(name),
                "call_to_actions": [{"question": each.question, "payload": each.postback} for each in questions],
            }
            for name, questions in profile.ice_breakers.items()
        ]
    if profile.menu:
        found["persistent_menu"] = [
            {
                "locale": _locale(name),
                "composer_input_disabled": False,
                "call_to_actions": [_item(item) for item in items],
            }
            for name, items in profile.menu.items()
        ]
    return found


def _item(item: Item) -> dict[str, str]:
    if item.open:
        return {"type": "web_url", "title": item.label, "url": addresses.encoded(item.open)}
    return {"type": "postback", "title": item.label, "payload": item.postback}
