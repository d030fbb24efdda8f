"""Signs of life: every process of the background shows one in Redis each second; who shows none has died."""

import os
import secrets
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from redis import Redis, RedisError

EVERY = 1.0  # seconds
LASTS = 3  # seconds without a beat after which a process counts as dead

ROLES = ("worker", "periodic")
PREFIX = "tessera:alive:"


class Pulse:
    """A thread that beats for this process while the block runs. `name` is this process's, never used again."""

    def __init__(self, connection: Redis, role: str) -> None:
        self.name = f"{role}:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"[:64]
        self._connection = connection
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(timeout=EVERY)

    def _beat(self) -> None:
        while True:
            with suppress(RedisError):  # Redis is away; so is everybody who could ask
                self._connection.set(PREFIX + self.name, 1, ex=LASTS)
            if self._stopped.wait(EVERY):
                return


def alive(connection: Redis, role: str) -> list[str]:
    """The names of the living processes of a role.

    Raises:
        redis.RedisError: nobody can say.
    """
    found = connection.scan_iter(match=f"{PREFIX}{role}:*", count=1000)
    return [key.decode().removeprefix(PREFIX) for key in found]
