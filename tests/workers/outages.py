"""What jobs of tests do: they lose Redis, and they say when they ran."""

import os
import signal
import threading
import time
from collections.abc import Callable

from redis import Redis

AWAY = 0.5  # seconds that Redis is away
ran: list[float] = []  # when `note` ran
back: list[float] = []  # when Redis was back
swallowed: list[Exception] = []  # what `hang` took for a mistake of its own
_deeds: list[Callable[[], None]] = []
_connections: list[Redis] = []


def prepare(kill: Callable[[], None], start: Callable[[], None], connection: Redis) -> None:
    """What `lose` does, and whom `ask` asks."""
    _deeds[:] = [kill, start]
    _connections[:] = [connection]
    ran.clear()
    swallowed.clear()
    back.clear()


def lose() -> None:
    """Kill Redis; it comes back by itself after a while, with a job to do."""
    kill, start = _deeds
    kill()

    def come_back() -> None:
        start()
        back.append(time.monotonic())

    threading.Timer(AWAY, come_back).start()


def lose_and_ask() -> None:
    """The same, and then need it."""
    lose()
    _connections[0].ping()


def lose_and_write() -> None:
    """The same, and then have it take something."""
    lose()
    _connections[0].set("tessera:tried", 1)


def lose_and_be_told_to_end() -> None:
    """Kill Redis for good; then comes SIGTERM."""
    _deeds[0]()
    os.kill(os.getpid(), signal.SIGTERM)


def note() -> None:
    """This job runs."""
    ran.append(time.monotonic())


def hang() -> None:
    """Hang, and take whatever comes for a mistake of what it was just doing, as jobs do with each event."""
    try:
        threading.Event().wait(60)
    except Exception as error:  # noqa: BLE001 (what is tested)
        swallowed.append(error)
