"""Figures and seeds are worth seeing when all is well, too."""

import sys
from collections.abc import Callable

import pytest

Say = Callable[[str], None]


@pytest.fixture
def say(capfd: pytest.CaptureFixture[str]) -> Say:
    """Print a line past pytest's capturing."""

    def line(words: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n{words}")
            sys.stdout.flush()

    return line
