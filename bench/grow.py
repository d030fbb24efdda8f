"""What grows with the number of rows: redemptions over HTTP and allocations, at several sizes of the database.

Half of each database's coupons were redeemed before, so that every table and index has grown.
"""

from collections.abc import Iterator

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
    say(f"{NAMES[kind]} at {size:,} rows")
    ours, book, _ = redeem.measure(options, kind, size, redeemed=size // 2)
    # As many claims at every size as the smallest has: a long run of batches is faster than a short one.
    most = min(options.sizes) // 2 // (options.rounds + 1) // options.seconds
    rates = allocate.measure(options, kind, size, redeemed=size // 2, most=most)
    return {
        ("redemptions/s over HTTP", "the product"): ours.rate,
        ("redemptions/s over HTTP", "the textbook way"): book.rate,
        ("p99 at half of full load", "the product"): ours.p99,
        ("p99 at half of full load", "the textbook way"): book.p99,
        ("allocations/s", "the product"): middle(rates.ours),
        ("allocations/s", "the textbook way"): max(middle(rates.one), middle(rates.many)),
    }
