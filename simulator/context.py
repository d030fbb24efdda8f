"""What a request to a stand-in works with, and the stand-ins' own clock."""

import time
from dataclasses import dataclass

from flask import current_app

from simulator.config import SimulatorConfig
from simulator.state import State


@dataclass(frozen=True)
class Context:
    """The configuration and the state."""

    config: SimulatorConfig
    state: State

    def now(self) -> float:
        """Seconds since 1970, as the stand-ins see them: their clock can be moved forward."""
        return time.time() + self.state.setting("clock_ahead", 0)


def current() -> Context:
    """The context of the application that answers this request."""
    found: Context = current_app.extensions["simulator"]
    return found
