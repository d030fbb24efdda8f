"""What differs between two texts, line by line, for a page that does not rest on colour alone."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

AROUND = 3  # lines that stay the same are shown before and after each change


@dataclass(frozen=True)
class Line:
    """A line with its sign: '-' only in the older text, '+' only in the newer one, ' ' in both; '…': some are left out.

    `number` is the line's in the text that has it: the newer, or the older where it is gone.
    """

    sign: str
    number: int
    words: str


def lines(older: str, newer: str) -> list[Line]:
    """The changes with a few lines around; nothing where the texts are the same."""
    return list(_lines(older.splitlines(), newer.splitlines()))


def _lines(older: list[str], newer: list[str]) -> Iterator[Line]:
    matcher = difflib.SequenceMatcher(None, older, newer, autojunk=False)
    for group in matcher.get_grouped_opcodes(AROUND):
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
