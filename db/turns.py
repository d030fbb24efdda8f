"""The line in which the writers of one SQLite database wait, in all processes of a machine."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 10.0  # seconds after which a writer goes on without its turn, so that SQLite says what is wrong


class Line:
    """Turns to write, one at a time, in the order in which they were asked for.

    SQLite alone has writers try again and again, up to 100 ms apart, while others, who come at the right moment, go
    first: at 200 webhooks a second beside two workers one in a hundred waited 383 ms. Here the threads of a process
    wait for each other, and one of them for the other processes: the kernel wakes whoever has waited longest. This is
    for speed only: BEGIN IMMEDIATE excludes whoever has no turn, and the kernel lets go of what a dead process held.
    """

    def __init__(self, file: Path) -> None:
        """`file` is made beside the database, and stays empty."""
        self._file = file
        self._first = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and have it for the block.

        Where another process keeps its turn, one thread waits for it as long as that lasts; the others go on after
        PATIENCE.
        """
        number, is_first = None, self._first.acquire(timeout=PATIENCE)
        try:
            if is_first:
                number = self._open()
            if number is not None:
                _lock(number)
            yield
        finally:
            if number is not None:
                os.close(number)  # which unlocks
            if is_first:
                self._first.release()

    def _open(self) -> int | None:
        """None where the disk is full or the folder is closed: SQLite will say so in its own words."""
        try:
            # For reading, which is enough, so that another user of the same group can stand in the line as well.
            return os.open(self._file, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError:
            return None


def _lock(number: int) -> None:
    """Wait for one's turn. Some file systems know no such locks: then SQLite alone says who writes."""
    with suppress(OSError):
        fcntl.flock(number, fcntl.LOCK_EX)
