"""What grows with the number of rows: redemptions and verifications over HTTP, and allocations, at several sizes.

Half of each database's coupons were redeemed before, so that every table and index has grown; of the smallest only a
twentieth, so that a load lasts for seconds: one that is over sooner says more of how a shop starts than of its size.
Half of the load is one rate for all sizes, half of what the smallest does, and comes once all is counted for the
marketer's lists. Those that are verified lie all over the redeemed ones; all of the smallest's were redeemed then.
The sizes are measured in turn, every few seconds, with all shops open, so that all see the same machine: minutes apart
it differs more than they do. Each turn begins once all shops have counted what the turns before it have left. In each
round each shop is asked for as much as the smallest has, which is made anew then.
"""

import contextlib
import functools
import itertools
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bench import allocate, seed, servers, verify
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
VERIFICATIONS, VERIFIED = "verifications/s over HTTP", "p99 of a verification at half of full load"
LIST = "a counter's list for the time without a network"
UNITS = {REDEMPTIONS: "/s", P99: "ms", ALLOCATIONS: "/s", VERIFICATIONS: "/s", VERIFIED: "ms", LIST: "ms"}

Found = dict[tuple[int, str], list[float]]  # what the rounds gave for a size's measure


@dataclass
class Grown:
    """A seeded database of `size` coupons: the number of the last that was redeemed, and those to verify."""

    url: str
    size: int
    used: int
    coupons: verify.Coupons

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
            ours, theirs = found[size, name], found[first, name]
            yield Row(
                f"{name}, {NAMES[kind]}, {size:,} rows",
                middle(ours),
                f"{first:,} rows",
                middle(theirs),
                unit,
                in_turn=middle([one / other for one, other in zip(ours, theirs, strict=True)]),
            )


def _measure(options: Options, kind: str) -> Found:
    found: Found = defaultdict(list)
    smallest, *others = options.sizes
    if any(size // 2 < options.rounds * 3 * smallest for size in others):
        raise SystemExit(f"{options.rounds} rounds need sizes of {6 * options.rounds * smallest:,} and more.")
    with servers.databases(kind) as fresh:
        sizes = Sizes(options, kind, fresh)
        for shops in sizes.rounds(sizes.redeeming):
            for size, side in _in_turn(shops):
                found[size, REDEMPTIONS].append(side.at_full(options, sizes.count // TURNS).rate)
        half = middle(found[smallest, REDEMPTIONS]) / 2
        for shops in sizes.rounds(sizes.redeeming):
            for size, side in _in_turn(shops):
                found[size, P99].append(side.at_rate(options, half, sizes.count // TURNS).p99)
        for shops in sizes.rounds(sizes.verifying):
            _verify(options, shops, sizes.count // (2 * TURNS), found)
        for _, size in itertools.product(range(options.rounds), options.sizes):
            rate = sizes.allocate(size)
            say(f"{NAMES[kind]} with {size:,} rows: {rate:,.0f} allocations/s")
            found[size, ALLOCATIONS].append(rate)
    return found


@dataclass
class Opened:
    """An open shop: whom to ask, and how to wait until it has counted everything."""

    side: Side
    rest: Callable[[], None]


def _in_turn(shops: Mapping[int, Opened]) -> Iterator[tuple[int, Side]]:
    """Each size TURNS times, while no shop has anything else to do."""
    for _, (size, shop) in itertools.product(range(TURNS), shops.items()):
        for other in shops.values():
            other.rest()
        yield size, shop.side


def _verify(options: Options, shops: Mapping[int, Opened], most: int, found: Found) -> None:
    """Full load, then half of what the smallest does in this round, then the list for the time without a network."""
    smallest = options.sizes[0]
    for size, side in _in_turn(shops):
        found[size, VERIFICATIONS].append(side.at_full(options, most).rate)
    half = middle(found[smallest, VERIFICATIONS][-TURNS:]) / 2
    for size, side in _in_turn(shops):
        found[size, VERIFIED].append(side.at_rate(options, half, min(most, int(half * options.seconds))).p99)
    for size, side in _in_turn(shops):
        found[size, LIST].append(_list(side))


class Sizes:
    """Databases of all sizes, and their shops; `count` coupons are used in a round."""

    def __init__(self, options: Options, kind: str, fresh: Fresh) -> None:
        self._options, self._kind, self._fresh = options, kind, fresh
        smallest, *others = options.sizes
        self.count = smallest - smallest // WARM
        self._kept = {size: self._filled(size, size // 2) for size in others}

    def rounds(self, opened: Callable[[int], AbstractContextManager[Opened]]) -> Iterator[Mapping[int, Opened]]:
        """The shops of all sizes, opened anew for each round."""
        for _ in range(self._options.rounds):
            with contextlib.ExitStack() as stack:
                yield {size: stack.enter_context(opened(size)) for size in self._options.sizes}

    @contextlib.contextmanager
    def redeeming(self, size: int) -> Iterator[Opened]:
        """A shop that is warm, to redeem so many coupons."""
        grown = self._grown(size, size // WARM)
        before, last = grown.take(self.count)
        with servers.shop(grown.url) as shop:
            name, tokens = f"{NAMES[self._kind]} with {size:,} rows", seed.Tokens(last, before)
            warm = seed.Tokens(size // WARM)
            side = Side(name, shop.url, "/c/{}/redeem", tokens, "POST", JSON, SERIAL, redeemed=warm)
            side.warm_up(self._options)
            yield Opened(side, functools.partial(_counted, shop, grown.url))

    @contextlib.contextmanager
    def verifying(self, size: int) -> Iterator[Opened]:
        """A shop that is warm, with somebody at its counter."""
        grown = self._grown(size, size)
        with servers.shop(grown.url) as shop:
            side = verify.side(f"{NAMES[self._kind]}, verify, {size:,} rows", shop.url, grown.coupons)
            side.warm_up(self._options)
            yield Opened(side, functools.partial(_counted, shop, grown.url))

    def allocate(self, size: int) -> float:
        """Serials a second, given to so many coupons; the first batch is not counted."""
        grown = self._grown(size, size // WARM)
        before, last = grown.take(self.count)
        warm = before + allocate.SIZE
        allocate.rate(grown.url, before + 1, warm)
        return allocate.rate(grown.url, warm + 1, last)

    def _grown(self, size: int, redeemed: int) -> Grown:
        return self._kept.get(size) or self._filled(size, redeemed)

    def _filled(self, size: int, redeemed: int) -> Grown:
        say(f"filling {NAMES[self._kind]} with {size:,} coupons")
        url = self._fresh()
        seed.product(url, size, redeemed)
        verify.staff(url)
        count = min(redeemed, 3 * self._options.rounds * self._options.sizes[0])  # as many as all rounds verify
        return Grown(url, size, redeemed, verify.Coupons(count, redeemed // count))


def _counted(shop: Shop, url: str) -> None:
    """Wait until the periodic process has counted everything."""
    database = Database(url)

    def is_counted() -> bool:
        with database.read() as session:
            return not records_changes.is_any(session)

    shop.programs.until(is_counted, COUNTED_WITHIN, "everything is counted")
    database.dispose()


def _list(side: Side) -> float:
    """Milliseconds until a counter has the list of coupons that it keeps, at most 100,000 of them."""
    asked = urllib.request.Request(f"{side.url}/pos/offline/codes", headers=dict(side.headers))  # noqa: S310 (our own)
    start = time.perf_counter()
    with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310
        answer.read()
    return (time.perf_counter() - start) * 1000
