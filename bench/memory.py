"""Memory of web and worker processes: at the start, after some requests and jobs, and after as many again."""

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import load, paced, seed, servers
from bench.load import JSON, SERIAL, BenchError
from bench.options import NAMES, Options
from bench.report import Row, say

RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
PAGES, JOBS_A_SECOND = 1_000, 20  # pages a second that are prepared; redemptions a second, slow enough for a job each


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    if not sys.platform.startswith("linux"):
        raise BenchError("The memory bench reads /proc, which only Linux has.")
    for kind in options.databases:
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(servers.databases(kind))()
            seed.product(url, options.rows)
            shop = stack.enter_context(servers.shop(url))
            yield from _rows(options, kind, shop)


def _rows(options: Options, kind: str, shop: servers.Shop) -> Iterator[Row]:
    tokens = seed.Tokens(options.rows)
    start = _memory(shop)
    requests, jobs = _work(options, shop, tokens)
    then = _memory(shop)
    more_requests, more_jobs = _work(options, shop, tokens)
    last = _memory(shop)
    say(f"{NAMES[kind]}, memory: {start} {then} {last}")
    for index, name, done, more in (
        (0, "web", f"{requests:,} requests", f"{more_requests:,}"),
        (1, "worker", f"{jobs:,} redemptions", f"{more_jobs:,}"),
    ):
        yield Row(
            f"memory of a {name} process after {done}, {NAMES[kind]}", then[index], "at its start", start[index], "MB"
        )
        yield Row(
            f"memory of a {name} process after {more} more, {NAMES[kind]}", last[index], "before", then[index], "MB"
        )


def _work(options: Options, shop: servers.Shop, tokens: seed.Tokens) -> tuple[int, int]:
    """Redeem steadily, then fetch pages at full load; how many requests there were, and how many redemptions."""
    redeemed = paced.at_rate(
        shop.url,
        tokens.take(JOBS_A_SECOND * options.seconds),
        JOBS_A_SECOND,
        connections=options.connections,
        method="POST",
        headers=JSON,
        marker=SERIAL,
    )
    pages = load.full(
        shop.url,
        tokens.take(min(tokens.left // 2, PAGES * options.seconds), "/c/{}"),
        seconds=options.seconds,
        connections=options.connections,
    )
    return redeemed.answered + pages.answered, redeemed.matched


def _memory(shop: servers.Shop) -> tuple[float, float]:
    """The largest web process and the largest worker, in MB."""
    path = Path(f"/proc/{shop.web_id}/task/{shop.web_id}/children")
    web = [int(word) for word in path.read_text(encoding="ascii").split()]
    return max(map(_resident, web)), max(map(_resident, shop.worker_ids))


def _resident(process_id: int) -> float:
    found = RESIDENT.search(Path(f"/proc/{process_id}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else 0.0
