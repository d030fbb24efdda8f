"""The stand-in for a Page's Messenger profile: kept, asked for, taken away, refused as Meta refuses it."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request

from simulator.context import Context
from simulator.messenger_answers import GraphError, answer

FIELDS = ("get_started", "greeting", "ice_breakers", "persistent_menu")
GREETING, ICE_BREAKERS, MENU_ITEMS, MENU_TITLE, PAYLOAD = 160, 4, 20, 30, 1000
KEPT = "messenger profile"

blueprint = Blueprint("messenger_profile", __name__, url_prefix="/messenger")


@blueprint.get("/<version>/me/messenger_profile")
def read(version: str) -> Response:
    """The fields that are asked for, as far as they are set; a link in the menu with what Meta adds."""
    del version

    def work(context: Context) -> dict[str, Any]:
        asked, kept = request.args.get("fields", "").split(","), context.state.kept(KEPT)
        found = {name: _with_defaults(kept[name]) for name in FIELDS if name in asked and name in kept}
        return {"data": [found] if found else []}

    return answer("messenger_profile", work)


def _with_defaults(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(value, list):
        return [_with_defaults(part) for part in value]
    if not isinstance(value, dict):
        return value
    added = {"webview_height_ratio": "full"} if value.get("type") == "web_url" else {}
    return {**{name: _with_defaults(part) for name, part in value.items()}, **added}


@blueprint.post("/<version>/me/messenger_profile")
def change(version: str) -> Response:
    """Set fields; those that are not named stay."""
    del version

    def work(context: Context) -> dict[str, Any]:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not body:
            raise GraphError(100, "(#100) The request body is not JSON")
        found = list(_faults(body, has_get_started="get_started" in {**context.state.kept(KEPT), **body}))
        if found:
            raise GraphError(100, "(#100) " + "; ".join(found))
        for name, value in body.items():
            context.state.keep(KEPT, name, value)
        return {"result": "success"}

    return answer("messenger_profile", work)


@blueprint.delete("/<version>/me/messenger_profile")
def clear(version: str) -> Response:
    """Take fields away; Get Started not while there is a menu, which needs it."""
    del version

    def work(context: Context) -> dict[str, Any]:
        names = (request.get_json(silent=True) or {}).get("fields", [])
        left = context.state.kept(KEPT).keys() - set(names)
        if "persistent_menu" in left and "get_started" not in left:
            raise GraphError(100, "(#100) You must set a Get Started button if you use persistent menu", 2018145)
        for name in names:
            context.state.drop(KEPT, str(name))
        return {"result": "success"}

    return answer("messenger_profile", work)


def _faults(body: dict[str, Any], *, has_get_started: bool) -> Iterator[str]:
    for name in body.keys() - set(FIELDS):
        yield f"{name} is not a known field"
    if "get_started" in body:
        yield from _text(body["get_started"], "payload", "get_started", PAYLOAD)
    if "persistent_menu" in body and not has_get_started:
        yield "You must set a Get Started button if you use persistent menu"
    for name in ("greeting", "ice_breakers", "persistent_menu"):
        if name in body:
            yield from _languages(body[name], name)


def _languages(entries: Any, name: str) -> Iterator[str]:  # noqa: ANN401 (any JSON)
    if not isinstance(entries, list) or "default" not in [part.get("locale") for part in entries]:
        yield f"{name} needs an entry with the locale default"
        return
    for i, entry in enumerate(entries):
        at = f"{name}[{i}]"
        if name == "greeting":
            yield from _text(entry, "text", at, GREETING)
            continue
        actions, most = entry.get("call_to_actions"), ICE_BREAKERS if name == "ice_breakers" else MENU_ITEMS
        if not isinstance(actions, list) or not 1 <= len(actions) <= most:
            yield f"{at}.call_to_actions must have 1 to {most} entries"
            continue
        for action in actions:
            yield from _action(action, at, is_menu=name == "persistent_menu")


def _action(action: dict[str, Any], at: str, *, is_menu: bool) -> Iterator[str]:
    yield from _text(action, "title" if is_menu else "question", at, MENU_TITLE if is_menu else PAYLOAD)
    if is_menu and action.get("type") == "web_url":
        if not str(action.get("url")).startswith(("https://", "http://")):
            yield f"{at}.url must be an address"
    elif is_menu and action.get("type") != "postback":
        yield f"{at}.type must be web_url or postback"
    else:
        yield from _text(action, "payload", at, PAYLOAD)


def _text(thing: Any, name: str, at: str, longest: int) -> Iterator[str]:  # noqa: ANN401 (any JSON)
    value = thing.get(name) if isinstance(thing, dict) else None
    if not isinstance(value, str) or not 1 <= len(value.encode("utf-16-le")) // 2 <= longest:
        yield f"{at}.{name} must have 1 to {longest} characters"
