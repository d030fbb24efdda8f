"""An answer that is held for a moment, and that nobody waits for longer than a moment."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Semaphore

import pytest

from web.held import Held
from web.together import TookTooLong

LONG = 60.0  # seconds; no test waits so long


class Source:
    """Counts how often it is asked, and does not answer while it is `closed`."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = threading.Event()
        self.open.set()
        self.failure: Exception | None = None

    def __call__(self) -> int:
        self.asked += 1
        assert self.open.wait(LONG)
        if self.failure:
            raise self.failure
        return self.asked


def test_an_answer_is_held_while_it_is_fresh() -> None:
    source = Source()
    held = Held(source, LONG, fresh=LONG)
    assert [held(), held(), source.asked] == [1, 1, 1]


def test_an_answer_that_is_not_held_is_asked_for_each_time() -> None:
    held = Held(Source(), LONG)
    assert [held(), held()] == [1, 2]


def test_a_failure_is_raised_and_held_like_an_answer() -> None:
    source = Source()
    source.failure = ConnectionError("gone")
    held = Held(source, LONG, fresh=LONG)
    for _ in range(2):
        with pytest.raises(ConnectionError, match="gone"):
            held()
    assert source.asked == 1


def test_a_timeout_of_what_was_asked_is_no_waiting_in_vain() -> None:
    source = Source()
    source.failure = TimeoutError("its own")
    with pytest.raises(TimeoutError, match="its own"):
        Held(source, LONG)()


def test_all_who_ask_at_the_same_moment_have_one_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    source, come = Source(), Semaphore(0)
    source.open.clear()
    held = Held(source, LONG)
    current = held._current  # noqa: SLF001 (there is no other sign that somebody waits)

    def counted() -> Future[int]:
        found = current()
        come.release()
        return found

    monkeypatch.setattr(held, "_current", counted)
    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(held) for _ in range(5)]
        assert all(come.acquire(timeout=LONG) for _ in asked)
        source.open.set()
        assert {one.result() for one in asked} == {1}


def test_who_waits_in_vain_piles_nothing_up_and_an_answer_that_comes_late_is_for_the_next() -> None:
    source = Source()
    source.open.clear()
    held = Held(source, 0.01, fresh=LONG)
    for _ in range(3):
        with pytest.raises(TookTooLong, match=r"no answer within 0\.01 seconds"):
            held()
    source.open.set()
    deadline = time.monotonic() + LONG
    while time.monotonic() < deadline:
        try:
            assert held() == 1
            break
        except TookTooLong:
            continue
    assert source.asked == 1
