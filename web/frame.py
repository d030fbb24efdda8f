"""The navigation: every room for people who work here, for whom it is, and in which one the reader stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import Flask, current_app, request

from core.users import Account
from web.roles import Need, may
from web.words import say

KEY = "tessera_paths"


@dataclass(frozen=True)
class Room:
    """A room by its path. `also`: another path that is its front page, too.

    `within`: the rooms behind it; the first of them is its front page.
    """

    path: str
    need: Need
    zh: str
    en: str
    also: str = ""
    within: "tuple[Room, ...]" = ()


SETTINGS = (
    Room("/console/people/", "owner", "人員", "People"),
    Room("/console/stores/", "owner", "門市", "Stores"),
    Room("/console/api-keys/", "owner", "POS 金鑰", "POS keys"),
    Room("/console/webhooks/", "owner", "Webhook", "Webhooks"),
)
ROOMS = (
    Room("/pos/", "staff", "櫃檯", "Counter"),
    Room("/pos/today/", "staff", "今日", "Today"),
    Room("/pos/customers/", "staff", "顧客", "Customers"),
    Room("/console/campaigns/", "marketer", "活動", "Campaigns", also="/console/"),
    Room("/console/contacts/", "marketer", "顧客", "Contacts"),
    Room("/console/flows/", "marketer", "流程", "Flows"),
    Room("/console/conflicts/", "owner", "離線衝突", "Conflicts"),
    Room("/console/audit/", "marketer", "操作紀錄", "Audit log"),
    Room("/console/people/", "owner", "設定", "Settings", within=SETTINGS),
    Room("/console/account", "anyone", "我的帳號", "Account"),
)


@dataclass(frozen=True)
class Link:
    """A room in the navigation. `current`: 'page' where this is it, 'true' within it, else empty.

    `within`: the rooms behind it, where the reader stands in one of them.
    """

    path: str
    words: str
    current: str
    within: "Sequence[Link]" = ()


def rooms(account: Account) -> list[Link]:
    """The rooms that this account may enter and that are there, in order."""
    return _links(ROOMS, account)


def _links(these: Sequence[Room], account: Account) -> list[Link]:
    there: frozenset[str] = current_app.extensions.get(KEY) or _paths(current_app)
    links = []
    for room in these:
        path = next((one for one in (room.path, room.also) if one in there), None)
        if path and may(account.role, room.need):
            within = _links(room.within, account)
            is_within = any(link.current for link in within)
            current = ("true" if is_within else "") if within else _current(room, path)
            links.append(Link(path, say(room.zh, room.en), current, within if is_within else ()))
    present = [link for link in links if link.current]  # of a room within a room the inner one
    return [replace(link, current="") if link in present[:-1] else link for link in links]


def _paths(app: Flask) -> frozenset[str]:
    """What is routed; kept, as no route is added once requests come."""
    found = app.extensions[KEY] = frozenset(rule.rule for rule in app.url_map.iter_rules())
    return found


def _current(room: Room, path: str) -> str:
    if request.path in {path, room.also}:
        return "page"
    return "true" if request.path.startswith(room.path.rstrip("/")) else ""
