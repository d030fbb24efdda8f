"""What differs between two texts, and that no text makes it take for ever."""

from collections.abc import Sequence

import pytest

from console.flows import difference
from console.flows.difference import Line


def told(older: Sequence[str], newer: Sequence[str]) -> list[Line]:
    return difference.lines("\n".join(older), "\n".join(newer))


def test_each_change_is_told_with_the_lines_around_it() -> None:
    older = [f"line {number}" for number in range(1, 21)]
    newer = [*older[:9], "new", *older[10:]]
    signs = [(line.sign, line.number) for line in told(older, newer)]
    assert signs == [("…", 0), *((" ", n) for n in (7, 8, 9)), ("-", 10), ("+", 10), *((" ", n) for n in (11, 12, 13))]


# Each of these took from minutes to hours when it was compared line by line to the end.
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (["a", "b"] * 30_000, ["b", "c"] * 30_000),
        (["same"] * 60_000, ["same"] * 60_001),
        ([""] * 60_000, ["x", *[""] * 60_000, "y"]),
        ([f"{n}-{n % 2}" for n in range(30_000)], [f"{n}-0" for n in range(30_000)]),
    ],
    ids=["two lines in turn", "one more", "both ends", "every second one"],
)
def test_texts_that_would_take_for_ever_are_told_as_one_change(older: list[str], newer: list[str]) -> None:
    lines = told(["first", *older, "last"], ["first", *newer, "last"])
    gone = [line.words for line in lines if line.sign == "-"]
    come = [line.words for line in lines if line.sign == "+"]
    assert (len(older) - len(gone)) == (len(newer) - len(come))  # as many lines stay in the one as in the other
    assert (gone, come) != ([], [])


def test_a_long_text_beside_itself_has_no_change() -> None:
    assert told(["a", "b"] * 30_000, ["a", "b"] * 30_000) == []


def test_one_change_in_the_midst_of_very_long_texts_is_told_with_what_is_around_it() -> None:
    older = ["a", "b"] * 30_000
    lines = told(older, [*older[:100], "new", *older[101:]])
    assert [(line.sign, line.number, line.words) for line in lines[1:]] == [
        (" ", 98, "b"),
        (" ", 99, "a"),
        (" ", 100, "b"),
        ("-", 101, "a"),
        ("+", 101, "new"),
        (" ", 102, "b"),
        (" ", 103, "a"),
        (" ", 104, "b"),
    ]
