"""What many requests ask for at the same moment, done for all of them at once: one transaction instead of one each."""

import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

MOST = 100  # requests whose work is done at once
PATIENCE = 60  # seconds; longer than any wait for a database

Asked = TypeVar("Asked")
Done = TypeVar("Done")


class Together(Generic[Asked, Done]):
    """Collects what requests ask for while the work for others is under way, and does it in a thread of its own.

    `work` is given what was asked, in order, and returns a result for each. Where it raises, each is tried alone, so
    that nobody fails for another's sake. `then` is given what was done once those who asked have been answered: for
    what they need not wait for. It must not raise.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Done]],
        then: Callable[[Sequence[Done]], object] = lambda _: None,
    ) -> None:
        self._work, self._then = work, then
        self._asked: SimpleQueue[tuple[Asked, SimpleQueue[Done | Exception]]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, asked: Asked) -> Done:
        """Have it done, and wait. Raises what the work raised, and queue.Empty after a minute."""
        self._start()
        answer: SimpleQueue[Done | Exception] = SimpleQueue()
        self._asked.put((asked, answer))
        found = answer.get(timeout=PATIENCE)
        if isinstance(found, Exception):
            raise found
        return found

    def _start(self) -> None:
        """Begin, in the process that asks: a server forks after it has loaded the application."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._go_on, daemon=True)
                self._thread.start()

    def _go_on(self) -> None:
        while True:
            waiting = [self._asked.get()]
            while len(waiting) < MOST and not self._asked.empty():  # nobody else takes any out
                waiting.append(self._asked.get())
            results = self._all([asked for asked, _ in waiting])
            for (_, answer), result in zip(waiting, results, strict=True):
                answer.put(result)
            if done := [result for result in results if not isinstance(result, Exception)]:
                self._then(done)

    def _all(self, asked: Sequence[Asked]) -> Sequence[Done | Exception]:
        try:
            return self._work(asked)
        except Exception as error:  # noqa: BLE001 (the request's own thread raises it)
            return [error] if len(asked) == 1 else [self._all([one])[0] for one in asked]
