import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Any

import pytest

from web.together import MOST, Together


def test_what_comes_while_others_are_served_is_done_at_once() -> None:
    batches: list[int] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[int]:
        batches.append(len(asked))
        first_is_in.set()
        assert go_on.wait(10)
        return [one * one for one in asked]

    together = Together(work)
    with ThreadPoolExecutor(MOST + 1) as pool:
        first = pool.submit(together.do, 0)
        assert first_is_in.wait(10)
        others = [pool.submit(together.do, number) for number in range(1, MOST + 1)]
        wait_until_asked(together, MOST)
        go_on.set()
        assert [first.result(), *(other.result() for other in others)] == [n * n for n in range(MOST + 1)]
    assert batches == [1, MOST]


def test_nobody_fails_for_anothers_sake() -> None:
    batches: list[int] = []
    first_is_in, hold = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[float]:
        batches.append(len(asked))
        first_is_in.set()
        assert hold.wait(10)
        return [1 / one for one in asked]

    together = Together(work)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(together.do, 1)
        assert first_is_in.wait(10)
        asked = [pool.submit(together.do, number) for number in (2, 0, 4)]
        wait_until_asked(together, len(asked))
        hold.set()
        assert [one.result() for one in (first, asked[0], asked[2])] == [1, 0.5, 0.25]
        with pytest.raises(ZeroDivisionError):
            asked[1].result()
    assert batches == [1, 3, 1, 1, 1]


def test_what_need_not_be_waited_for_comes_after_the_answers_and_only_for_what_was_done() -> None:
    done: SimpleQueue[Sequence[float]] = SimpleQueue()
    hold = threading.Event()

    def work(asked: Sequence[int]) -> list[float]:
        return [1 / one for one in asked]

    def then(results: Sequence[float]) -> None:
        assert hold.wait(10)
        done.put(results)
        if results == [0.5]:
            raise ConnectionError("what is done afterwards breaks nothing")

    together = Together(work, then)
    assert together.do(2) == 0.5  # `then` is still held
    with pytest.raises(ZeroDivisionError):
        together.do(0)
    assert together.do(4) == 0.25
    hold.set()
    assert [done.get(timeout=10) for _ in range(3)] == [[0.5], [], [0.25]]


def test_where_all_would_fail_for_the_same_reason_one_is_tried() -> None:
    tried: list[int] = []
    first_is_in, go_on = threading.Event(), threading.Event()

    def work(asked: Sequence[int]) -> list[int]:
        first_is_in.set()
        assert go_on.wait(10)
        tried.append(len(asked))
        raise ConnectionError

    together = Together(work, hopeless=(ConnectionError,))
    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(together.do, 0)]
        assert first_is_in.wait(10)
        asked += [pool.submit(together.do, number) for number in range(1, 5)]
        wait_until_asked(together, 4)
        go_on.set()
        for one in asked:
            with pytest.raises(ConnectionError):
                one.result()
    assert tried == [1, 4, 1]


def wait_until_asked(together: Together[int, Any], count: int) -> None:
    """Until so many have asked who are not served yet."""
    while together._asked.qsize() < count:  # noqa: SLF001 (there is no other way to know that all have asked)
        pass
