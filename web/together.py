"""What many requests ask for at the same moment, done for all of them at once: one transaction instead of one each."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import structlog

MOST = 100  # requests whose work is done at once
PATIENCE = 60  # seconds; longer than any wait for a database

Asked = TypeVar("Asked")
Done = TypeVar("Done")

log = structlog.get_logger(__name__)


class TookTooLong(Exception):  # noqa: N818 (what happened)
    """Nothing came of it within PATIENCE; whether it was done is not known."""


class Together(Generic[Asked, Done]):
    """Collects what requests ask for while the work for others is under way, and does it in a thread of its own.

    `work` is given what was asked, in order, and returns a result for each. Where it raises, each is tried alone, so
    that nobody fails for another's sake; but not after one of `hopeless`, which the others would only wait for.
    `then` is given what was done, in another thread, once those who asked have been answered.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Done]],
        then: Callable[[Sequence[Done]], object] = lambda _: None,
        hopeless: tuple[type[Exception], ...] = (),
    ) -> None:
        self._work, self._then, self._hopeless = work, then, hopeless
        self._asked: SimpleQueue[tuple[Asked, SimpleQueue[Done | Exception]]] = SimpleQueue()
        self._done: SimpleQueue[Sequence[Done]] = SimpleQueue()
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def do(self, asked: Asked) -> Done:
        """Have it done, and wait. Raises what the work raised, and TookTooLong after a minute."""
        self._start()
        answer: SimpleQueue[Done | Exception] = SimpleQueue()
        self._asked.put((asked, answer))
        try:
            found = answer.get(timeout=PATIENCE)
        except Empty as error:
            raise TookTooLong from error
        if isinstance(found, Exception):
            raise found
        return found

    def _start(self) -> None:
        """Begin, in the process that asks: a server forks after it has loaded the application."""
        with self._starting:
            if not (self._threads and all(thread.is_alive() for thread in self._threads)):
                self._threads = [threading.Thread(target=go_on, daemon=True) for go_on in (self._go_on, self._after)]
                for thread in self._threads:
                    thread.start()

    def _go_on(self) -> None:
        while True:
            waiting = [self._asked.get()]
            while len(waiting) < MOST and not self._asked.empty():  # nobody else takes any out
                waiting.append(self._asked.get())
            results = self._all([asked for asked, _ in waiting])
            for (_, answer), result in zip(waiting, results, strict=True):
                answer.put(result)
            self._done.put([result for result in results if not isinstance(result, Exception)])

    def _after(self) -> None:
        """Apart, so that a Redis that does not answer holds up nobody whose webhook waits to be stored."""
        while True:
            done = self._done.get()
            try:
                self._then(done)
            except Exception:
                log.exception("afterwards_broke", count=len(done))

    def _all(self, asked: Sequence[Asked]) -> Sequence[Done | Exception]:
        try:
            return self._work(asked)
        except Exception as error:  # noqa: BLE001 (the request's own thread raises it)
            return [error] if len(asked) == 1 else self._one_by_one(asked)

    def _one_by_one(self, asked: Sequence[Asked]) -> Sequence[Done | Exception]:
        results: list[Done | Exception] = []
        for one in asked:
            results += self._all([one])
            if isinstance(results[-1], self._hopeless):
                return results + [results[-1]] * (len(asked) - len(results))
        return results
