"""What grows with the number of rows: redemptions over HTTP and allocations, at several sizes of the database.

Half of each database's coupons were redeemed before, so that every table and index has grown.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from bench import allocate, redeem
from bench.options import NAMES, Options
from bench.report import Row, middle, say

UNITS = {"redemptions/s over HTTP": "/s", "p99 at half of full load": "ms", "allocations/s": "/s"}


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for: each size against the first."""
    for kind in options.databases:
        found = {size: _measure(options, kind, size) for size in options.sizes}
        first, *others = options.sizes
        for size in others:
            for name, unit in (
                ("redemptions/s over HTTP", "/s"),
                ("p99 at half of full load", "ms"),
                ("allocations/s", "/s"),
            ):
                for side in ("the product", "the textbook way"):
                    yield Row(
                        f"{name}, {side}, {NAMES[kind]}, {size:,} rows",
                        found[size][name, side],
                        f"{first:,} rows",
                        found[first][name, side],
                        unit,
                    )


def _measure(options: Options, kind: str, size: int) -> dict[tuple[str, str], float]:
    """Every size is asked for as much in a round as the smallest has, as a long run is faster than a short one.

    The smallest has so few coupons that each round needs a new database.
    """
    say(f"{NAMES[kind]} at {size:,} rows")
    most = min(options.sizes) // 4
    is_enough = size // 2 >= 2 * most * (options.rounds + 1)
    passes, each = (1, options) if is_enough else (options.rounds, replace(options, rounds=1))
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _ in range(passes):
        ours, book, _ = redeem.measure(each, kind, size, redeemed=size // 2, most=most)
        for name, side in (("the product", ours), ("the textbook way", book)):
            found["redemptions/s over HTTP", name] += [one.rate for one in side.full]
            found["p99 at half of full load", name] += [one.p99 for one in side.half]
        rates = allocate.measure(each, kind, size, redeemed=size // 2, most=most // options.seconds)
        found["allocations/s", "the product"] += rates.ours
        found["allocations/s", "the textbook way"] += map(max, rates.one, rates.many)
    return {key: middle(values) for key, values in found.items()}
