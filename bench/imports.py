"""What importing costs, in memory and time: why the LINE SDK is loaded by those who send, and by nobody else."""

import re
import subprocess
import sys
from collections.abc import Iterator

from bench.options import Options
from bench.programs import ROOT
from bench.report import Row, middle

IMPORTED = {
    "Flask": "flask",
    "SQLAlchemy and psycopg": "sqlalchemy.orm, psycopg",
    "RQ and redis": "rq",
    "pydantic": "pydantic",
    "segno and python-barcode": "segno, barcode",
    "pymessenger": "pymessenger.bot",
    "the LINE SDK": "linebot.v3.messaging",
    "the whole application (app.py)": "app",
}
MEASURE = """
import re, time
def resident():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before, start = resident(), time.perf_counter()
import {modules}
print("measured", resident() - before, 1000 * (time.perf_counter() - start))
"""


def run(options: Options) -> Iterator[Row]:
    """Memory (MB) and time (ms) of each import in a process of its own, against all of the application."""
    found = {name: _cost(modules, options.rounds) for name, modules in IMPORTED.items()}
    whole = list(found)[-1]
    for name, (memory, milliseconds) in found.items():
        yield Row(f"memory that importing {name} takes", memory, whole, found[whole][0], "MB")
        yield Row(f"time that importing {name} takes", milliseconds, whole, found[whole][1], "ms")


def _cost(modules: str, rounds: int) -> tuple[float, float]:
    costs = []
    for _ in range(rounds + 1):  # the first one reads the files for those after it
        words = [sys.executable, "-c", MEASURE.format(modules=modules)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 (our own words)
        memory, milliseconds = re.findall(r"measured (\S+) (\S+)", done.stdout)[0]
        costs.append((float(memory), float(milliseconds)))
    return middle([memory for memory, _ in costs[1:]]), middle([one for _, one in costs[1:]])
