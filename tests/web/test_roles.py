"""Who may open what: every route of the whole application, as everybody who could ask for it."""

import re
from collections.abc import Iterator

import pytest
from werkzeug.routing import Rule

from pos.signing import ID
from tests.doors import House
from tests.web import doors
from web import login
from web.roles import ROLES_WITH, landing

# Whoever comes: signed webhooks, customers with a coupon's link, programs that watch, and logging in itself, also on
# a store's device.
PUBLIC = {
    "api",
    "binding",
    "bot",
    "coupon_pages",
    "health",
    "login",
    "metrics",
    "signing",
    "web",
    "webhooks",
}
STATIC = "static"  # scripts and styles tell nothing
VALUES = {
    "slug": "summer-tea",
    "name": "tea",
    "deed": "disable",
    "act": "archive",
    "state": "close",
    "step": "revoke",
    "token": "sample",
    "number": 1,
    "filename": "nothing.css",
}


@pytest.fixture
def rooms(house: House) -> list[Rule]:
    doors.people(house.database)
    house.app.config["WTF_CSRF_ENABLED"] = False  # it would refuse everybody alike
    return list(house.app.url_map.iter_rules())


def need(rule: Rule) -> str | None:
    """What the route's room says that it needs: the room's own word, or that of the room it is in."""
    room = rule.endpoint.rpartition(".")[0]
    while room:
        if room in login.NEEDS:
            return login.NEEDS[room]
        room = room.rpartition(".")[0]
    return None


def test_every_route_is_in_a_guarded_room_or_meant_for_everybody(rooms: list[Rule]) -> None:
    open_ones = {
        rule.endpoint.partition(".")[0] for rule in rooms if need(rule) is None and not rule.endpoint.endswith(STATIC)
    }
    assert open_ones <= PUBLIC
    paths = {rule.rule for rule in rooms if rule.rule.startswith(("/console", "/pos")) and need(rule) is None}
    assert paths == {"/pos/bind", *(f"/pos/sign-in{rest}" for rest in ("", f"/{ID}", "/awake"))}


def test_each_role_gets_what_its_rooms_need_and_is_refused_everything_else(house: House, rooms: list[Rule]) -> None:
    people = {"ann": "staff", "mia": "marketer", "oda": "owner", "": ""}
    refused = dict.fromkeys(people, 0)
    for username, role in people.items():
        visitor = doors.logged_in(house.app, username) if username else doors.browser(house.app)
        for rule, path, method in _guarded(house, rooms):
            may = role in ROLES_WITH[need(rule)]  # type: ignore[index]  # guarded ones alone
            if may and method == "POST":
                continue  # what it does is its own tests' matter
            answer = visitor.get(path) if method == "GET" else visitor.post(path)
            is_out = answer.status_code == 302 and answer.location.startswith("/login")
            assert (answer.status_code == 403, is_out) == (not may and bool(role), not role), (username, method, path)
            refused[username] += not may
    assert all(refused.values())


def _guarded(house: House, rooms: list[Rule]) -> Iterator[tuple[Rule, str, str]]:
    with house.app.test_request_context():
        adapter = house.app.create_url_adapter(None) or house.app.url_map.bind("localhost")
    for rule in rooms:
        if need(rule) is None or rule.endpoint.endswith(STATIC):
            continue
        values = {name: VALUES.get(name, 999) for name in rule.arguments}
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            yield rule, adapter.build(rule.endpoint, values, method=method), method


@pytest.mark.parametrize("role", ["owner", "marketer", "staff"])
@pytest.mark.parametrize(
    "aim", ["//evil.example", "/\\evil.example", "https://evil.example/console/", "/console/\\\n", "", "/login"]
)
def test_nobody_lands_anywhere_but_in_a_room_of_their_own(role: str, aim: str) -> None:
    assert landing(role, aim) == ("/pos/" if role == "staff" else "/console/")
    assert landing(role, "/console/account") == "/console/account"


def test_whoever_may_enter_a_room_finds_it_in_the_navigation(house: House) -> None:
    doors.people(house.database)
    shown = {
        name: re.findall(r'<a href="([^"]+)"', page.split('aria-label="Main"')[1].split("</nav>")[0])
        for name in ("oda", "mia")
        for page in [doors.logged_in(house.app, name).get("/console/campaigns/").text]
    }
    rooms = ["/console/campaigns/", "/console/contacts/", "/console/flows/", "/console/audit/", "/console/account"]
    owners = [*rooms[:3], "/console/conflicts/", "/console/audit/", "/console/people/", "/console/account"]
    assert shown == {"mia": rooms, "oda": owners}
