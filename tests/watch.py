"""The clock on the wall of a test, which it sets as it likes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Watch:
    """What `core.clock.now` is meanwhile (the fixture `watch`); `at` is what it says."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at
