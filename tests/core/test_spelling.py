"""What is typed or scanned is read in no time, whatever somebody sends."""

import time
from collections.abc import Callable

import pytest

from core import pins, spelling, user_codes


@pytest.mark.parametrize("read", [spelling.normal, spelling.link, spelling.variants, pins.plain, user_codes.plain])
def test_marks_that_take_long_to_be_put_in_order_hold_nobody_up(read: Callable[[str], object]) -> None:
    began = time.process_time()
    read("a" + "\u0300\u0316" * 10_000)  # a hundred times as many fit into a form
    assert time.process_time() - began < 1


def test_halves_of_characters_are_nothing_that_a_database_would_stumble_over() -> None:
    assert (spelling.normal("TEA\ud800-0001"), spelling.link("http://\udfff/c/x")) == ("TEA?-0001", None)
    assert all(one.encode() for one in spelling.variants("TEA\ud800"))
