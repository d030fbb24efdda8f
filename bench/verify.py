"""Verifications at the counter over HTTP: against an empty route on the same server, and as the database grows.

Every coupon was redeemed before. The sizes (`--sizes 10000,10000000`) are asked in turn, round by round, for coupons
from all over the database; the smallest is made anew each time, since a round uses it up. Half of the load is one rate
for all of them, and lasts longer, so that more than a few answers decide its p99.
"""

import contextlib
import http.client
import itertools
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from bench import seed, servers
from bench.load import JSON, SERIAL, BenchError, Request
from bench.options import NAMES, Options
from bench.report import Row, middle, say
from bench.servers import Fresh
from bench.sides import Side, compare
from core import clock, users
from db.database import Database

USER, PASSWORD = "ann", "a password of the bench"
VERIFIED = '"outcome":"verified"'
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
LONG = 4  # times as long as full load
REST = 3  # seconds, in which what the warming up has left in the queue is answered
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
            yield from _beside_an_empty_route(options, kind, fresh)
            yield from _as_it_grows(options, kind, fresh)


def _beside_an_empty_route(options: Options, kind: str, fresh: Fresh) -> Iterator[Row]:
    name = f"{NAMES[kind]}, {options.connections} connections"
    url = filled(fresh, kind, options.rows)
    with contextlib.ExitStack() as stack:
        shop = stack.enter_context(servers.shop(url))
        ceiling = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        ours = _side(f"{NAMES[kind]}, verify", shop.url, Coupons(options.rows))
        empty = Side("empty route", ceiling, "/empty/1", method="POST", headers=JSON, marker=SERIAL)
        compare(options, ours, empty)
    yield Row(f"verifications/s, {name}", ours.rate, "an empty Flask route", empty.rate, "/s")
    half = f"p99 of a verification at half of its own full load, {name}"
    yield Row(half, ours.p99, "an empty Flask route", empty.p99, "ms")


def _as_it_grows(options: Options, kind: str, fresh: Fresh) -> Iterator[Row]:
    smallest, *others = options.sizes
    kept = {size: _Grown(filled(fresh, kind, size), _spread(size, smallest * options.rounds)) for size in others}
    full: dict[int, list[float]] = {size: [] for size in options.sizes}
    half: dict[int, list[float]] = {size: [] for size in options.sizes}

    @contextlib.contextmanager
    def warm(size: int) -> Iterator[Side]:
        grown = kept.get(size) or _Grown(filled(fresh, kind, size), Coupons(size))
        with servers.shop(grown.url) as shop:
            side = _side(f"{NAMES[kind]}, {size:,} coupons", shop.url, grown.coupons)
            side.warm_up(options)
            time.sleep(REST)
            yield side

    in_turn = list(itertools.product(range(options.rounds), options.sizes))
    for _, size in in_turn:
        with warm(size) as side:
            full[size].append(side.at_full(options, smallest // 2).rate)
    rate = middle(full[smallest]) / 2
    for _, size in in_turn:
        with warm(size) as side:
            half[size].append(side.at_rate(options, rate, min(smallest // 2, int(rate * LONG * options.seconds))).p99)
    for size in others:
        name, theirs = f"{NAMES[kind]}, {size:,} coupons", f"{smallest:,} coupons"
        yield Row(f"verifications/s, {name}", middle(full[size]), theirs, middle(full[smallest]), "/s")
        p99 = f"p99 of a verification at half of full load, {name}"
        yield Row(p99, middle(half[size]), theirs, middle(half[smallest]), "ms")


@dataclass
class _Grown:
    url: str
    coupons: Coupons


def _spread(size: int, count: int) -> Coupons:
    """So many coupons of the `size` that there are, from all over the database."""
    return Coupons(min(size, count), max(1, size // count))


def filled(fresh: Fresh, kind: str, size: int) -> str:
    """A database with so many redeemed coupons, and one of the staff."""
    say(f"filling {NAMES[kind]} with {size:,} redeemed coupons")
    url = fresh()
    seed.product(url, size, size)
    database = Database(url)
    with database.write() as session:
        users.create(session, USER, PASSWORD, "staff", "Xinyi", clock.now())
    database.dispose()
    return url


def _side(name: str, url: str, coupons: Coupons) -> Side:
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
