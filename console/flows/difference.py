"""What differs between two texts, line by line, for a page that does not rest on colour alone."""

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

AROUND = 3  # lines that stay the same are shown before and after each change
# Comparing takes up to as many steps as there are pairs of equal lines, times the lines: two lines in turn for a whole
# file would hold a process up for hours. So much is about a second; 600 lines of a flow take a fortieth of it.
MOST = 100_000_000

Group = Sequence[tuple[str, int, int, int, int]]  # changes that are near one another, as `difflib` tells them


@dataclass(frozen=True)
class Line:
    """A line with its sign: '-' only in the older text, '+' only in the newer one, ' ' in both; '…': some are left out.

    `number` is the line's in the text that has it: the newer, or the older where it is gone.
    """

    sign: str
    number: int
    words: str


def lines(older: str, newer: str) -> list[Line]:
    """The changes with a few lines around; nothing where the texts are the same.

    Of texts that would take too long to compare, all from the first change to the last is told as one change.
    """
    return list(_lines(older.splitlines(), newer.splitlines()))


def _lines(older: list[str], newer: list[str]) -> Iterator[Line]:
    for group in _groups(older, newer):
        if group[0][1] > 0:
            yield Line("…", 0, "")
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                yield from (
                    Line(" ", new_from + place + 1, newer[new_from + place]) for place in range(new_to - new_from)
                )
            else:
                yield from (Line("-", place + 1, older[place]) for place in range(old_from, old_to))
                yield from (Line("+", place + 1, newer[place]) for place in range(new_from, new_to))


def _groups(older: list[str], newer: list[str]) -> Iterable[Group]:
    there = Counter(newer)
    pairs = sum(count * there[line] for line, count in Counter(older).items())
    if (pairs + len(older)) * min(len(older), len(newer)) <= MOST:
        return difflib.SequenceMatcher(None, older, newer, autojunk=False).get_grouped_opcodes(AROUND)
    return [] if older == newer else [_whole(older, newer)]


def _whole(older: list[str], newer: list[str]) -> Group:
    """All between what both texts begin with and what both end with, as one change."""
    first = _alike(older, newer)
    same = _alike(older[first:][::-1], newer[first:][::-1])
    old_end, new_end = len(older) - same, len(newer) - same
    before, after = min(first, AROUND), min(same, AROUND)
    return [
        ("equal", first - before, first, first - before, first),
        ("replace", first, old_end, first, new_end),
        ("equal", old_end, old_end + after, new_end, new_end + after),
    ]


def _alike(some: list[str], others: list[str]) -> int:
    """How many lines both begin with."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(some), len(others)))
