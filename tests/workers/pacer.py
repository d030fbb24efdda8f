"""A process that sends as fast as it may: `python -m tests.workers.pacer URL RATE THREADS SECONDS`.

It says "ready", waits for a line, and then says when each request went, by the clock that all processes share.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from core.outgoing import LIVE
from workers import queues
from workers.pace import Pace


def main(redis_url: str, rate: str, threads: str, seconds: str) -> None:
    """Send, and tell."""
    pace = Pace(queues.connect(redis_url), {("line", "push"): int(rate)})
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    ends_at = time.monotonic() + float(seconds)
    went: list[float] = []

    def send() -> None:
        while time.monotonic() < ends_at:
            if not pace.wait("line", "push", LIVE):
                went.append(time.monotonic())

    with ThreadPoolExecutor(int(threads)) as pool:
        for sending in [pool.submit(send) for _ in range(int(threads))]:
            sending.result()
    sys.stdout.write(" ".join(map(str, went)))


if __name__ == "__main__":
    main(*sys.argv[1:])
