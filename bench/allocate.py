"""Allocations without HTTP: the product's batches against the textbook's transactions and against bare SQL."""

import itertools
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from bench import bare, seed, servers, textbook_tables
from bench.options import NAMES, Options
from bench.report import Row, middle, say
from bench.textbook import Textbook
from core import claims, clock
from db.database import Database

SIZE = 500  # claims a batch
MOST = 100_000  # claims a second that nobody here can answer: so many are prepared
THREADS = 16


@dataclass
class Rates:
    """Allocations a second, round by round."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    one: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    for kind in options.databases:
        rates = _measure(options, kind)
        name = f"allocations/s in batches of {SIZE}, {NAMES[kind]}"
        ours = middle(rates.ours)
        yield Row(name, ours, "the textbook transaction, 1 connection", middle(rates.one), "/s")
        yield Row(name, ours, f"the textbook transaction, {THREADS} connections", middle(rates.many), "/s")
        yield Row(name, ours, "the same batch as bare SQL", middle(rates.bare), "/s")


def rate(url: str, first: int, last: int) -> float:
    """Serials a second that the product gives to the coupons `first` to `last` of a seeded database."""
    seed.claim(url, first, last)
    database = Database(url)
    found = _rate(partial(_answer, database))
    database.dispose()
    return found


def _measure(options: Options, kind: str) -> Rates:
    """Every round gives a share of the coupons that are left, on all sides in turn; one before them is not counted."""
    rows = options.rows
    rates, share = Rates(), min(rows // (options.rounds + 1), MOST * options.seconds) // 2
    with servers.databases(kind) as fresh:
        product_url, textbook_url = fresh(), fresh()
        say(f"filling {NAMES[kind]} with {rows:,} coupons")
        seed.product(product_url, rows)
        textbook_tables.fill(textbook_url, rows)
        database, textbook = Database(product_url), Textbook(textbook_url)
        coupons = itertools.count(1)
        tokens = (seed.token(number) for number in range(1, rows + 1))
        for number in range(options.rounds + 1):
            claims = share if number else min(share, SIZE)
            for found, batch in ((rates.ours, _answer), (rates.bare, _answer_bare)):
                first = next(coupons)
                seed.claim(product_url, first, first + claims - 1)
                coupons = itertools.count(first + claims)
                found.append(_rate(partial(batch, database), options.seconds))
                _drain(partial(batch, database))
            for found, threads in ((rates.one, 1), (rates.many, THREADS)):
                found.append(_textbook(textbook, itertools.islice(tokens, claims), threads, options.seconds))
            last = ", ".join(f"{name} {found[-1]:,.0f}/s" for name, found in vars(rates).items())
            say(f"{NAMES[kind]}, allocations{'' if number else ' (warming up)'}: {last}")
        database.dispose()
        textbook.dispose()
    return Rates(*([*found[1:]] for found in vars(rates).values()))


def _answer(database: Database) -> int:
    with database.write() as session:
        return len(claims.answer_batch(session, 1, clock.now(), SIZE))


def _answer_bare(database: Database) -> int:
    return bare.answer_batch(database, SIZE)


def _rate(batch: Callable[[], int], seconds: float = math.inf) -> float:
    """Items a second of a function that does some and says how many, until there are none or the time is over."""
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds and (done := batch()):
        count += done
    return count / (time.perf_counter() - start)


def _drain(batch: Callable[[], int]) -> None:
    while batch():
        pass


def _textbook(textbook: Textbook, tokens: Iterator[str], threads: int, seconds: float) -> float:
    """Each thread redeems the next coupon until there are none, or the time is over."""
    prepared = list(itertools.islice(tokens, int(3_000 * seconds)))  # no more than can be done
    following, start = iter(prepared), time.perf_counter()

    def work() -> int:
        count = 0
        for token in following:
            count += textbook.redeem(token) is not None
            if time.perf_counter() - start > seconds:
                break
        return count

    with ThreadPoolExecutor(threads) as pool:
        count = sum(running.result() for running in [pool.submit(work) for _ in range(threads)])
    return count / (time.perf_counter() - start)
