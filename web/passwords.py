"""Passwords and PINs looked at, a few at a time: each takes 64 MiB and some 50 ms of a core, and anybody may send one.

The limits on tries count those that have failed, so that they stop nobody who sends a hundred at once.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from werkzeug.exceptions import ServiceUnavailable

from core import users
from core.users import Account
from web.services import services

AT_ONCE = 2  # in each process
WAITING = 14  # further ones, each in a thread that serves no customer meanwhile; a whole shift may log in at once
RETRY_AFTER = 2  # seconds


class Turns:
    """So many at once, so many who wait, and nobody else."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._working, self._inside = threading.Semaphore(at_once), threading.Semaphore(at_once + waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have one's turn for the block. Raises ServiceUnavailable at once where too many wait already."""
        if not self._inside.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=RETRY_AFTER)
        try:
            with self._working:
                yield
        finally:
            self._inside.release()


_turns = Turns(AT_ONCE, WAITING)


def authenticate(username: str, password: str) -> Account | None:
    """Whose name and password these are, or None. No transaction is open while the password is looked at."""
    with services().database.read() as db:
        claimed = users.claimed(db, username)
    with _turns.turn():
        return claimed.account if users.is_right(claimed.password_hash, password) else None


def turn() -> AbstractContextManager[None]:
    """A turn for whoever looks at a PIN: it costs what a password does."""
    return _turns.turn()


def hashed(password: str) -> str:
    """The password as it is kept."""
    with _turns.turn():
        return users.hashed(password)
