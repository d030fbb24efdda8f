"""How much is tried: small by default, as much as the proof needs where the environment has PROVE."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

IS_PROOF = bool(os.environ.get("PROVE"))

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True)
class Race:
    """`serials` to give, `attempts` to get one, by `clients` at once."""

    serials: int
    attempts: int
    clients: int

    @property
    def coupons(self) -> int:
        """A third more than serials, so that they run out; some six attempts each, under 20 a minute."""
        return self.serials * 4 // 3


RACE = Race(10_000, 80_000, 200) if IS_PROOF else Race(150, 1_200, 40)
CONTROL = Race(100, 400, 40)
COUNTERS = (50, 1_000) if IS_PROOF else (50, 8)
COUNTERS_WITHIN = 1_800  # seconds for all of them: 28 verifications a second, which a busy machine of two cores makes
COUNTERS_CONTROL = (12, 6)
CRASHING_SECONDS = 300 if IS_PROOF else 15
CRASHES_APART = (0.2, 2.5 if IS_PROOF else 0.8)  # seconds, from when all parts are back


def both_in_proof(test: Test) -> Test:
    """A test on both databases with PROVE, by default on PostgreSQL.

    SQLite's share is shown by `test_crashes.py`, `tests/system/test_chat.py` and `test_redemption_race.py` there.
    """
    return test if IS_PROOF else pytest.mark.any_database(test)


def seed() -> int:
    """The seed of what is left to chance: PROVE_SEED, or a new one. Whoever takes it prints it."""
    return int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1_000_000))
