"""Redemptions over HTTP: the product against the textbook way and against an empty route."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench import load, paced, seed, servers, textbook_tables
from bench.load import JSON, SERIAL, Load, Request
from bench.options import NAMES, Options
from bench.report import Row, middle, say

FASTEST = 8_000  # answers a second that no application here can pass: so many requests are prepared


@dataclass
class Side:
    """One of those compared: where it is, its coupons, and what its rounds gave."""

    url: str
    tokens: seed.Tokens | None
    full: list[Load] = field(default_factory=list)
    half: list[Load] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Serials a second at full load."""
        return middle([one.rate for one in self.full])

    @property
    def p99(self) -> float:
        """Milliseconds at half of the full load."""
        return middle([one.p99 for one in self.half])

    def requests(self, count: int) -> list[Request]:
        """Requests that have not been sent yet; of an empty route's any will do."""
        return self.tokens.take(count) if self.tokens else [Request(f"/empty/{seed.token(1)}")] * count


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        name = f"{NAMES[kind]}, {options.connections} connections"
        ours, book, empty = measure(options, kind, options.rows)
        yield Row(f"redemptions/s, {name}", ours.rate, "the textbook way", book.rate, "/s")
        yield Row(f"redemptions/s, {name}", ours.rate, "an empty Flask route", empty.rate, "/s")
        half = f"p99 of a redemption at half of its own full load, {name}"
        yield Row(half, ours.p99, "the textbook way", book.p99, "ms")
        yield Row(half, ours.p99, "an empty Flask route", empty.p99, "ms")


def measure(options: Options, kind: str, rows: int, redeemed: int = 0) -> tuple[Side, Side, Side]:
    """The product, the textbook way and the empty route, in turn, so that all see the same machine."""
    with contextlib.ExitStack() as stack:
        fresh = stack.enter_context(servers.databases(kind))
        product_url, textbook_url = fresh(), fresh()
        say(f"filling {NAMES[kind]} with {rows:,} coupons")
        seed.product(product_url, rows, redeemed)
        textbook_tables.fill(textbook_url, rows, redeemed)
        shop = stack.enter_context(servers.shop(product_url))
        book = stack.enter_context(servers.application(f"bench.textbook:create_app('{textbook_url}')"))
        empty = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        sides = {
            "the product": Side(shop.url, seed.Tokens(rows, redeemed)),
            "the textbook way": Side(book, seed.Tokens(rows, redeemed)),
            "an empty route": Side(empty, None),
        }
        for number in range(options.rounds):
            for name, side in sides.items():
                one_round(options, side, options.rounds - number)
                say(f"{NAMES[kind]}, {name}, full: {side.full[-1]}")
                say(f"{NAMES[kind]}, {name}, half: {side.half[-1]}")
        ours, theirs, ceiling = sides.values()
        return ours, theirs, ceiling


def one_round(options: Options, side: Side, rounds_left: int) -> None:
    """Full load, then half of it. Where coupons are few, each load gets its share of those that are left."""
    most = side.tokens.left // (2 * rounds_left) if side.tokens else FASTEST * options.seconds
    full = load.full(
        side.url,
        side.requests(min(FASTEST * options.seconds, most)),
        seconds=options.seconds,
        connections=options.connections,
        method="POST",
        headers=JSON,
        marker=SERIAL,
    )
    side.full.append(full)
    half = max(1.0, full.rate / 2)
    side.half.append(
        paced.at_rate(
            side.url,
            side.requests(max(1, min(int(half * options.seconds), most))),
            half,
            connections=options.connections,
            method="POST",
            headers=JSON,
            marker=SERIAL,
        )
    )
