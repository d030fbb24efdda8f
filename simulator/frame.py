"""What stands around a chat: LINE's rich menu; Messenger's welcome screen and menu, in the person's language."""

from typing import Any

from flask import url_for

from simulator import messenger_profile
from simulator.people import Person
from simulator.state import State

OWN_MENU = "own menu"  # the rich menu that a person has switched to

Frame = dict[str, Any]


def of(state: State, person: Person) -> Frame:
    """What the app draws around this person's chat; empty for who blocks the shop."""
    if person.is_blocking:
        return {}
    return _line(state, person) if person.channel == "line" else _messenger(state, person)


def _line(state: State, person: Person) -> Frame:
    """The menu that the person has switched to, as long as there is one, else everybody's."""
    for menu_id in (state.one(OWN_MENU, person.id), state.one("default menu", "all")):
        menu = state.one("menu", menu_id) if menu_id else None
        if menu is not None and state.has_picture(menu_id):
            parts = {name: menu[name] for name in ("size", "selected", "chatBarText", "areas")}
            return {"rich_menu": {"id": menu_id, "picture": url_for("phone.menu_picture", menu_id=menu_id), **parts}}
    return {}


def _messenger(state: State, person: Person) -> Frame:
    """Greeting, ice breakers and menu; where there are ice breakers, Messenger shows no Get Started button."""
    profile = state.kept(messenger_profile.KEPT)
    ice_breakers = _of_language(profile.get("ice_breakers"), person).get("call_to_actions", [])
    return {
        "greeting": _addressed(str(_of_language(profile.get("greeting"), person).get("text", "")), person),
        "ice_breakers": ice_breakers,
        "has_get_started": not ice_breakers,
        "menu": _of_language(profile.get("persistent_menu"), person).get("call_to_actions", []),
    }


def _of_language(entries: Any, person: Person) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
    by_locale: dict[str, dict[str, Any]] = {entry["locale"]: entry for entry in entries or ()}
    return by_locale.get(person.language) or by_locale.get("default") or {}


def _addressed(greeting: str, person: Person) -> str:
    """The greeting with the person's name where it asks for it."""
    first, _, last = person.name.partition(" ")
    names = {"user_first_name": first, "user_last_name": last, "user_full_name": person.name}
    for name, value in names.items():
        greeting = greeting.replace("{{" + name + "}}", value)
    return greeting
