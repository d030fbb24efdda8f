"""Full load: `wrk` sends a list of requests as fast as they are answered, each once."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SCRIPT = Path(__file__).parent / "load.lua"
THREADS = 1  # sends some ten thousand requests a second; more would take cores from the servers
PATIENCE = 30  # seconds until wrk gives an answer up
MISSING = "The benches need wrk, which is not installed: apt-get install wrk"

# A browser: other programs' names make a coupon's page answer with a preview (coupon_pages/visitors.py).
BROWSER = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
JSON = {**BROWSER, "Accept": "application/json"}
SERIAL = '"serial":"'  # what an answer holds that carries a serial


@dataclass(frozen=True)
class Request:
    """One request: a path, and where it has a body, that and a header that goes with it."""

    path: str
    header: tuple[str, str] = ("", "")
    body: str = ""

    def line(self) -> str:
        """As bench/load.lua reads it."""
        return "\t".join([self.path, *self.header, self.body]) if self.body else self.path


@dataclass(frozen=True)
class Load:
    """What came of a load. `matched` answers were as they should be; latencies are in milliseconds."""

    answered: int
    matched: int
    seconds: float
    failed: int
    p50: float
    p90: float
    p99: float
    statuses: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Matched answers a second."""
        return self.matched / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return (
            f"{self.rate:.0f}/s ({self.matched} of {self.answered} answers in {self.seconds:.1f} s; {counts}; "
            f"{self.failed} failed), p50 {self.p50:.1f} p90 {self.p90:.1f} p99 {self.p99:.1f} ms"
        )


class BenchError(Exception):
    """Why a bench cannot go on, in a sentence."""


def full(
    url: str,
    requests: Iterable[Request],
    *,
    seconds: int,
    connections: int,
    method: str = "GET",
    headers: Mapping[str, str] = BROWSER,
    marker: str = "",
) -> Load:
    """Send `requests` to `url` for `seconds` or until they are used up; an answer with `marker` in it matches.

    Raises:
        BenchError: wrk is missing, or could not do it.
    """
    program = shutil.which("wrk")
    if program is None:
        raise BenchError(MISSING)
    threads = min(THREADS, connections)
    words = [program, f"-t{threads}", f"-c{connections}", f"-d{seconds}s", f"--timeout={PATIENCE}s", f"-s{SCRIPT}"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    with tempfile.NamedTemporaryFile("w", prefix="tessera-bench-", encoding="utf-8") as file:
        file.writelines(f"{request.line()}\n" for request in requests)
        file.flush()
        words += [url, "--", file.name, method, str(threads), marker]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 (wrk, found on the path)
    found = next((line for line in done.stdout.splitlines() if line.startswith("bench ")), None)
    if done.returncode or found is None:
        raise BenchError(f"wrk ended with status {done.returncode}: {(done.stderr or done.stdout).strip()[-500:]}")
    return Load(**json.loads(found.removeprefix("bench ")))
