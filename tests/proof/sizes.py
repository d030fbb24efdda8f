"""How much is tried: small by default, as much as the proof needs where the environment has PROVE."""

import os
import random
from dataclasses import dataclass

IS_PROOF = bool(os.environ.get("PROVE"))


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


RACE = Race(10_000, 80_000, 200) if IS_PROOF else Race(300, 2_400, 40)
CONTROL = Race(100, 400, 40)
COUNTERS = (50, 1_000) if IS_PROOF else (50, 12)
COUNTERS_WITHIN = 1_800  # seconds for all of them: 28 verifications a second, which a busy machine of two cores makes
COUNTERS_CONTROL = (12, 6)
CRASHING_SECONDS = 300 if IS_PROOF else 32
CRASHES_APART = (0.2, 2.5 if IS_PROOF else 0.8)  # seconds, from when all parts are back; so each dies once within 32


def seed() -> int:
    """The seed of what is left to chance: PROVE_SEED, or a new one. Whoever takes it prints it."""
    return int(os.environ.get("PROVE_SEED") or random.SystemRandom().randrange(1_000_000))
