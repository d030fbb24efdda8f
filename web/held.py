"""An answer that may be long in coming, or never come: asked for in a thread of its own, and held for a moment."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from web.together import TookTooLong

Answer = TypeVar("Answer")


class Held(Generic[Answer]):
    """What `ask` returns or raises, for all who want it at the same moment, and for `fresh` seconds afterwards.

    Nobody waits longer than `within` seconds. One asking is under way at a time, however long it takes, so that
    whoever comes again and again to something that is silent piles nothing up. The thread is the process's own, made
    when it is needed: a server forks after it has loaded the application.
    """

    def __init__(self, ask: Callable[[], Answer], within: float, fresh: float = 0.0) -> None:
        self._ask, self._within, self._fresh = ask, within, fresh
        self._choosing = threading.Lock()
        self._asked: Future[Answer] | None = None
        self._until = 0.0  # when the answer is held no more; it is set before there is one

    def __call__(self) -> Answer:
        """The answer. Raises what `ask` raised, and TookTooLong where none came in time."""
        asked = self._current()
        try:
            return asked.result(self._within)
        except TimeoutError as error:
            if asked.done():  # it was `ask` that raised this, or its answer has come in this very moment
                return asked.result()
            raise TookTooLong(f"no answer within {self._within:g} seconds") from error

    def _current(self) -> "Future[Answer]":
        with self._choosing:
            if self._asked is None or (self._asked.done() and time.monotonic() >= self._until):
                self._asked = Future()
                threading.Thread(target=self._answer, args=(self._asked,), name="held", daemon=True).start()
            return self._asked

    def _answer(self, asked: "Future[Answer]") -> None:
        try:
            found = self._ask()
        except Exception as error:  # noqa: BLE001 (whoever waits raises it)
            self._until = time.monotonic() + self._fresh
            asked.set_exception(error)
        else:
            self._until = time.monotonic() + self._fresh
            asked.set_result(found)
