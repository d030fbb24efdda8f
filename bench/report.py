"""What a bench says: rows of ratios, and the markdown that they become."""

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

BIG, SMALL = 100, 10  # from here on numbers are shown without decimals, and below here with two


@dataclass(frozen=True)
class Row:
    """One measure: `ours` against `theirs`, both in `unit`; `against` names the other.

    Where both were asked in turn, `in_turn` is the median of what one was of the other in each turn: neighbours in time
    see the same machine.
    """

    measure: str
    ours: float
    against: str
    theirs: float
    unit: str
    in_turn: float | None = None

    @property
    def ratio(self) -> str:
        """Ours divided by theirs."""
        if self.in_turn is not None:
            return number(self.in_turn)
        return number(self.ours / self.theirs) if self.theirs else "-"

    def line(self) -> str:
        """The row in markdown."""
        words = [
            self.measure,
            f"{number(self.ours)} {self.unit}".strip(),
            self.against,
            f"{number(self.theirs)} {self.unit}".strip(),
            self.ratio,
        ]
        return f"| {' | '.join(words)} |"


def heading() -> str:
    """Where, how and when it was measured, then the table's head."""
    words = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    place = f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()} {platform.release()}"
    return (
        f"{place}, Python {platform.python_version()}; `{words}`; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n\n"
        "| measure | Tessera | against | that | ratio |\n"
        "| --- | ---: | --- | ---: | ---: |"
    )


def number(value: float) -> str:
    """A number with as many digits as it is worth."""
    if value >= BIG or value == 0:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= SMALL else f"{value:.2f}"


def middle(values: Sequence[float]) -> float:
    """The median: what a row shows of several rounds."""
    return float(median(values))


def say(sentence: str) -> None:
    """Progress, for the person who waits; on standard error."""
    sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {sentence}\n")
    sys.stderr.flush()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return "memory unknown"
    return f"{size / 2**30:.0f} GB"
