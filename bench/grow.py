"""What grows with the number of rows: redemptions over HTTP and allocations, at several sizes of the database.

Half of each database's coupons were redeemed before, so that every table and index has grown; of the smallest only a
twentieth, so that a load lasts for seconds: one that is over sooner says more of how a shop starts than of its size.
Half of the load is one rate for all sizes, half of what the smallest does, and comes once all is counted for the
marketer's lists.
The sizes are measured in turn, every few seconds, with all shops open, so that all see the same machine: minutes apart
it differs more than they do. In each round each shop is asked for as much as the smallest has, which is made anew then.
"""

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from bench import allocate, seed, servers
from bench.load import JSON, SERIAL
from bench.options import NAMES, Options
from bench.report import Row, middle, say
from bench.servers import Fresh, Shop
from bench.sides import Side
from core import records_changes
from db.database import Database

WARM = 20  # one in so many coupons was redeemed at the least: to warm a shop up with
TURNS = 4  # in which each shop gets its load
COUNTED_WITHIN = 120  # seconds
REDEMPTIONS, P99, ALLOCATIONS = "redemptions/s over HTTP", "p99 at half of full load", "allocations/s"
UNITS = {REDEMPTIONS: "/s", P99: "ms", ALLOCATIONS: "/s"}

Found = dict[tuple[int, str], list[float]]  # what the rounds gave for a size's measure


@dataclass
class Grown:
    """A seeded database of `size` coupons, and the number of the last that was used."""

    url: str
    size: int
    used: int

    def take(self, count: int) -> tuple[int, int]:
        """The numbers of the next so many coupons: before the first, and the last."""
        before, self.used = self.used, self.used + count
        return before, self.used


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for: each size against the first."""
    for kind in options.databases:
        found = _measure(options, kind)
        first, *others = options.sizes
        for size, (name, unit) in itertools.product(others, UNITS.items()):
            ours, theirs = middle(found[size, name]), middle(found[first, name])
            yield Row(f"{name}, {NAMES[kind]}, {size:,} rows", ours, f"{first:,} rows", theirs, unit)


def _measure(options: Options, kind: str) -> Found:
    found: Found = defaultdict(list)
    smallest, *others = options.sizes
    count = smallest - smallest // WARM
    if any(size // 2 < options.rounds * 3 * smallest for size in others):
        raise SystemExit(f"{options.rounds} rounds need sizes of {6 * options.rounds * smallest:,} and more.")
    with servers.databases(kind) as fresh:
        kept = {size: _filled(fresh, kind, size, size // 2) for size in others}

        def grown(size: int) -> Grown:
            return kept.get(size) or _filled(fresh, kind, size, size // WARM)

        def in_turn() -> Iterator[tuple[int, Side]]:
            for _ in range(options.rounds):
                with contextlib.ExitStack() as stack:
                    sides = {
                        size: stack.enter_context(_shop(options, grown(size), kind, count)) for size in options.sizes
                    }
                    for _, size in itertools.product(range(TURNS), options.sizes):
                        yield size, sides[size]

        for size, side in in_turn():
            found[size, REDEMPTIONS].append(side.at_full(options, count // TURNS).rate)
        half = middle(found[smallest, REDEMPTIONS]) / 2
        for size, side in in_turn():
            found[size, P99].append(side.at_rate(options, half, count // TURNS).p99)
        for _, size in itertools.product(range(options.rounds), options.sizes):
            rate = _allocate(grown(size), count)
            say(f"{NAMES[kind]} with {size:,} rows: {rate:,.0f} allocations/s")
            found[size, ALLOCATIONS].append(rate)
    return found


def _filled(fresh: Fresh, kind: str, size: int, redeemed: int) -> Grown:
    say(f"filling {NAMES[kind]} with {size:,} coupons")
    made = Grown(fresh(), size, redeemed)
    seed.product(made.url, size, made.used)
    return made


@contextlib.contextmanager
def _shop(options: Options, grown: Grown, kind: str, count: int) -> Iterator[Side]:
    """A shop that is warm and has counted everything, to redeem so many coupons."""
    before, last = grown.take(count)
    with servers.shop(grown.url) as shop:
        side = Side(
            f"{NAMES[kind]} with {grown.size:,} rows",
            shop.url,
            "/c/{}/redeem",
            seed.Tokens(last, before),
            "POST",
            JSON,
            SERIAL,
            redeemed=seed.Tokens(grown.size // WARM),
        )
        side.warm_up(options)
        _counted(shop, grown.url)
        yield side


def _counted(shop: Shop, url: str) -> None:
    """Wait until the periodic process has counted everything."""
    database = Database(url)

    def is_counted() -> bool:
        with database.read() as session:
            return not records_changes.is_any(session)

    shop.programs.until(is_counted, COUNTED_WITHIN, "everything is counted")
    database.dispose()


def _allocate(grown: Grown, count: int) -> float:
    """Serials a second, given to so many coupons; the first batch is not counted."""
    before, last = grown.take(count)
    warm = before + allocate.SIZE
    allocate.rate(grown.url, before + 1, warm)
    return allocate.rate(grown.url, warm + 1, last)
