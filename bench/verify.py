"""Verifications at the counter over HTTP, against an empty route on the same server.

Every coupon was redeemed before. How it goes on as the database grows is measured by `grow`.
"""

import contextlib
import http.client
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from bench import seed, servers
from bench.load import JSON, SERIAL, BenchError, Request
from bench.options import NAMES, Options
from bench.report import Row, say
from bench.sides import Side, compare
from core import clock, users
from db.database import Database

USER, PASSWORD = "ann", "a password of the bench"
VERIFIED = '"outcome":"verified"'
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
BODY = ("Content-Type", "application/json")


class Coupons(seed.Tokens):
    """Coupons of a seeded database, each verified once: every `step`-th one."""

    def __init__(self, count: int, step: int = 1) -> None:
        super().__init__(count)
        self._step = step

    def take(self, count: int, path: str = "/pos/verify") -> list[Request]:
        """Requests for the next `count`, as the counter's script sends them."""
        first = self._used + 1
        self._used = min(self._size, self._used + count)
        return [Request(path, BODY, _body(number * self._step)) for number in range(first, self._used + 1)]


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        with servers.databases(kind) as fresh:
            yield from _beside_an_empty_route(options, kind, fresh())


def _beside_an_empty_route(options: Options, kind: str, url: str) -> Iterator[Row]:
    name = f"{NAMES[kind]}, {options.connections} connections"
    fill(url, kind, options.rows)
    with contextlib.ExitStack() as stack:
        shop = stack.enter_context(servers.shop(url))
        ceiling = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        ours = side(f"{NAMES[kind]}, verify", shop.url, Coupons(options.rows))
        empty = Side("empty route", ceiling, "/empty/1", method="POST", headers=JSON, marker=SERIAL)
        compare(options, ours, empty)
    yield Row(f"verifications/s, {name}", ours.rate, "an empty Flask route", empty.rate, "/s")
    half = f"p99 of a verification at half of its own full load, {name}"
    yield Row(half, ours.p99, "an empty Flask route", empty.p99, "ms")


def fill(url: str, kind: str, count: int) -> None:
    """Put so many redeemed coupons into an empty database, and one of the staff."""
    say(f"filling {NAMES[kind]} with {count:,} redeemed coupons")
    seed.product(url, count, count)
    staff(url)


def staff(url: str) -> None:
    """Add one of the staff, who can log in."""
    database = Database(url)
    with database.write() as session:
        users.create(session, USER, PASSWORD, "staff", "Xinyi", clock.now())
    database.dispose()


def side(name: str, url: str, coupons: Coupons) -> Side:
    """The counter of the shop at `url`, where one of the staff has logged in and verifies `coupons`."""
    headers = {**JSON, **session(url)}
    return Side(name, url, "/pos/verify", coupons, method="POST", headers=headers, marker=VERIFIED)


def session(url: str) -> Mapping[str, str]:
    """Log in; the headers that the counter's requests carry then."""
    cookies: dict[str, str] = {}

    def ask(method: str, path: str, body: str = "") -> str:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            key, _, value = cookie.partition(";")[0].partition("=")
            cookies[key] = value
        page = answer.read().decode()
        connection.close()
        found = CSRF.search(page)
        return found[1] if found else ""

    token = ask("GET", "/login")
    ask("POST", "/login", urlencode({"csrf_token": token, "username": USER, "password": PASSWORD}))
    token = ask("GET", "/pos/")
    if not token:
        raise BenchError("Nobody could log in at the counter.")
    return {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()), "X-CSRFToken": token}


def _body(number: int) -> str:
    """What is sent for the coupon with this number, which bench/seed.py has given serial and reference."""
    return json.dumps({"coupon_id": number, "reference": f"{number:08X}", "entered": f"S{number:010d}"})
