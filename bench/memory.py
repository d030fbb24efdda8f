"""Memory of web and worker processes: at the start, after some requests and jobs, and after as many again."""

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from rq import Queue

from bench import load, seed, servers
from bench.load import BROWSER, JSON, BenchError
from bench.options import NAMES, Options
from bench.report import Row, say
from workers import queues
from workers.bell import JOBS

RESIDENT = re.compile(r"^VmRSS:\s+(\d+) kB$", re.MULTILINE)
HALF = 50_000  # requests, and jobs: twice as many in all
ROWS = 4 * HALF  # coupons
TAPS = 30_000  # of these requests; the others fetch pages
CLAIMS = 10_000  # answered by these jobs; the others look and find none
IN_LINE = 2_000  # jobs that wait at a time
WITHIN = 600  # seconds


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    if not sys.platform.startswith("linux"):
        raise BenchError("The memory bench reads /proc, which only Linux has.")
    for kind in options.databases:
        with contextlib.ExitStack() as stack:
            url = stack.enter_context(servers.databases(kind))()
            seed.product(url, ROWS)
            shop = stack.enter_context(servers.shop(url))
            yield from _rows(options, kind, url, shop)


def _rows(options: Options, kind: str, url: str, shop: servers.Shop) -> Iterator[Row]:
    tokens = seed.Tokens(ROWS)
    start = _memory(shop)
    _work(options.connections, url, shop, tokens)
    then = _memory(shop)
    _work(options.connections, url, shop, tokens)
    last = _memory(shop)
    say(f"{NAMES[kind]}, memory: {start} {then} {last}")
    for index, process, done in ((0, "web", "requests"), (1, "worker", "jobs")):
        name = f"memory of a {process} process after {{:,}} {done}, {NAMES[kind]}"
        yield Row(name.format(HALF), then[index], "at its start", start[index], "MB")
        yield Row(name.format(2 * HALF), last[index], f"after {HALF:,}", then[index], "MB")


def _work(connections: int, url: str, shop: servers.Shop, tokens: seed.Tokens) -> None:
    """HALF requests, of which TAPS redeem, to the web processes, and HALF jobs to the workers."""
    for method, path, headers, count in (("POST", "/c/{}/redeem", JSON, TAPS), ("GET", "/c/{}", BROWSER, HALF - TAPS)):
        done = load.full(
            shop.url, tokens.take(count, path), seconds=WITHIN, connections=connections, method=method, headers=headers
        )
        if done.statuses.get("200") != done.answered:
            raise BenchError(f"A request was not answered with 200: {done}")
    first = ROWS - tokens.left + 1
    tokens.take(CLAIMS)
    seed.claim(url, first, first + CLAIMS - 1)
    name, job = JOBS["claims"]
    queue = queues.queue(queues.connect(shop.variables["REDIS_URL"]), name)
    for _ in range(HALF // IN_LINE):
        queue.enqueue_many([Queue.prepare_data(job, ["1"], result_ttl=0) for _ in range(IN_LINE)])
        shop.programs.until(lambda: not queue.count, WITHIN, "the jobs are done")


def _memory(shop: servers.Shop) -> tuple[float, float]:
    """The largest web process and the largest worker, in MB."""
    path = Path(f"/proc/{shop.web_id}/task/{shop.web_id}/children")
    web = [int(word) for word in path.read_text(encoding="ascii").split()]
    return max(map(_resident, web)), max(map(_resident, shop.worker_ids))


def _resident(process_id: int) -> float:
    found = RESIDENT.search(Path(f"/proc/{process_id}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else 0.0
