"""Load at a given rate, which wrk cannot keep: requests are due at fixed times, whatever became of the ones before.

A latency counts from the time at which the request was due, so that waiting for a free connection is part of it.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from urllib.parse import urlsplit

from bench.load import BROWSER, BenchError, Load, Request

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
PATIENCE = 30  # seconds until an answer is given up

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Free = asyncio.Queue[Streams | None]  # connections that nobody uses; None: one that may be made


def at_rate(
    url: str,
    requests: Sequence[Request],
    rate: float,
    *,
    connections: int,
    method: str = "GET",
    headers: Mapping[str, str] = BROWSER,
    marker: str = "",
) -> Load:
    """Send each of `requests` once, `rate` a second, over at most so many connections kept alive."""
    if not requests:
        raise BenchError("There is nothing to send: the list of requests is empty.")
    client = Client(url, method, headers, marker)
    return run(client.send(requests, rate, connections))


def run(sending: Coroutine[None, None, Load]) -> Load:
    """What came of `Client.send`."""
    return asyncio.run(sending)


def one_by_one(url: str, requests: Sequence[Request], headers: Mapping[str, str] = BROWSER) -> list[float]:
    """GET each of `requests` over one connection, the next when the last was answered; how long each took, in ms."""

    async def ask_all() -> list[float]:
        client, streams, taken = Client(url, "GET", headers), None, []
        for request in requests:
            start = time.perf_counter()
            _, _, streams = await client.ask(request, streams)
            taken.append((time.perf_counter() - start) * 1000)
        if streams:
            streams[1].close()
        return taken

    return asyncio.run(ask_all())


class Client:
    """A client with connections of its own, used once."""

    def __init__(self, url: str, method: str, headers: Mapping[str, str], marker: str = "") -> None:
        parts = urlsplit(url)
        self._host, self._port = str(parts.hostname), parts.port or 80
        self._head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": parts.netloc, **headers}.items())
        self._method, self._marker = method, marker.encode()
        self._matched = self._failed = 0
        self._latencies: list[float] = []
        self._statuses: Counter[str] = Counter()

    async def send(self, requests: Sequence[Request], rate: float, connections: int) -> Load:
        """Start every request when it is due, and wait for the last one's answer."""
        free: Free = asyncio.Queue()
        for _ in range(connections):
            free.put_nowait(None)
        start = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for index, request in enumerate(requests):
                due = start + index / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                group.create_task(self._one(request, due, free))
        seconds = time.monotonic() - start
        while not free.empty():
            streams = free.get_nowait()
            if streams:
                streams[1].close()
        return self._load(seconds)

    async def _one(self, request: Request, due: float, free: Free) -> None:
        streams = await free.get()
        try:
            async with asyncio.timeout(PATIENCE):
                status, body, streams = await self.ask(request, streams)
        except (OSError, EOFError, TimeoutError):
            self._failed += 1
            streams = None
        else:
            self._latencies.append((time.monotonic() - due) * 1000)
            self._statuses[status] += 1
            self._matched += self._marker in body
        free.put_nowait(streams)

    async def ask(self, request: Request, streams: Streams | None) -> tuple[str, bytes, Streams]:
        """Send a request over `streams`, new ones where they are closed; the status, the body, the streams."""
        if streams is None or streams[0].at_eof():
            streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = streams
        writer.write(self._written(request))
        head = await reader.readuntil(b"\r\n\r\n")
        found = LENGTH.search(head)
        body = await reader.readexactly(int(found[1])) if found else b""
        return head.split(b" ", 2)[1].decode(), body, streams

    def _written(self, request: Request) -> bytes:
        name, value = request.header
        body = request.body.encode()
        extra = f"{name}: {value}\r\n" if name else ""
        length = f"Content-Length: {len(body)}\r\n" if self._method == "POST" else ""
        return f"{self._method} {request.path} HTTP/1.1\r\n{self._head}{extra}{length}\r\n".encode() + body

    def _load(self, seconds: float) -> Load:
        ordered = sorted(self._latencies)
        p50, p90, p99 = (percentile(ordered, share) for share in (0.5, 0.9, 0.99))
        return Load(len(ordered), self._matched, seconds, self._failed, p50, p90, p99, dict(self._statuses))


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which `share` of the ordered values lie; 0 where there is none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
