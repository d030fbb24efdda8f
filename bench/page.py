"""The coupon's page: how many a second, how soon, and what drawing its barcode costs."""

import contextlib
from collections.abc import Iterator

from bench import paced, seed, servers
from bench.options import NAMES, Options
from bench.report import Row, middle
from bench.sides import Side, compare

OPEN = 'data-state="open"'  # what the page of a coupon holds that can be redeemed
DRAWN = 500  # redeemed pages fetched twice, over one connection and so from one process, which remembers barcodes


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        yield from _rows(options, kind)


def _rows(options: Options, kind: str) -> Iterator[Row]:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(servers.databases(kind))()
        redeemed = options.rows // 10
        seed.product(url, options.rows, redeemed)
        shop = stack.enter_context(servers.shop(url))
        ceiling = stack.enter_context(servers.application("bench.ceiling:create_app()"))
        ours = Side(f"{NAMES[kind]}, page", shop.url, "/c/{}", seed.Tokens(options.rows, redeemed), marker=OPEN)
        empty = Side("empty route", ceiling, "/empty/1")
        compare(options, ours, empty)
        name = f"{NAMES[kind]}, {options.connections} connections"
        yield Row(f"coupon pages/s, {name}", ours.rate, "an empty Flask route", empty.rate, "/s")
        half = f"p99 of a page at half of its own full load, {name}"
        yield Row(half, ours.p99, "an empty Flask route", empty.p99, "ms")
        pages = seed.Tokens(redeemed).take(DRAWN, "/c/{}")
        taken = paced.one_by_one(shop.url, [page for page in pages for _ in range(2)])
        first, second = middle(taken[::2]), middle(taken[1::2])
        yield Row(f"second fetch of a redeemed page, {NAMES[kind]}", second, "the first, which draws it", first, "ms")
