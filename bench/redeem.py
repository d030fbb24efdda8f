"""Redemptions over HTTP: the product against the textbook way and against an empty route."""

import contextlib
from collections.abc import Iterator
from typing import Any

from bench import seed, servers, textbook_tables
from bench.load import JSON, SERIAL
from bench.options import NAMES, Options
from bench.report import Row, say
from bench.sides import Side, compare


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        name = f"{NAMES[kind]}, {options.connections} connections"
        ours, book, empty = _measure(options, kind)
        yield Row(f"redemptions/s, {name}", ours.rate, "the textbook way", book.rate, "/s")
        yield Row(f"redemptions/s, {name}", ours.rate, "an empty Flask route", empty.rate, "/s")
        half = f"p99 of a redemption at half of its own full load, {name}"
        yield Row(half, ours.p99, "the textbook way", book.p99, "ms")
        yield Row(half, ours.p99, "an empty Flask route", empty.p99, "ms")


def _measure(options: Options, kind: str) -> tuple[Side, Side, Side]:
    """The product, the textbook way and the empty route, in turn, so that all see the same machine."""
    rows = options.rows
    with contextlib.ExitStack() as stack:
        fresh = stack.enter_context(servers.databases(kind))
        product_url, textbook_url = fresh(), fresh()
        say(f"filling {NAMES[kind]} with {rows:,} coupons")
        seed.product(product_url, rows)
        textbook_tables.fill(textbook_url, rows)
        shop = stack.enter_context(servers.shop(product_url))
        book = stack.enter_context(servers.application(f"bench.textbook:create_app('{textbook_url}')"))
        empty = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        path = "/c/{}/redeem"
        asked: dict[str, Any] = {"method": "POST", "headers": JSON, "marker": SERIAL}
        ceiling = Side("empty route", empty, "/empty/1", **asked)
        ours, theirs = (
            Side(f"{NAMES[kind]}, {name}", url, path, seed.Tokens(rows), **asked)
            for name, url in (("product", shop.url), ("textbook", book))
        )
        compare(options, ours, theirs, ceiling)
        return ours, theirs, ceiling
