"""Bars over time, one small picture for each kind of figure, drawn here: no script, and printed as they are seen.

A library would be 50 KB and more of script to draw what is a row of rectangles; the same numbers stand in a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, FOOT = 720, 96, 4  # of the coordinates; the page scales them


@dataclass(frozen=True)
class Bar:
    """A rectangle and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str


def bars(labels: Sequence[str], numbers: Sequence[int]) -> list[Bar]:
    """A bar for each number that is not 0; the largest reaches the top, the least can still be seen."""
    highest, step = max([*numbers, 1]), WIDTH / max(len(numbers), 1)
    gap = min(2.0, step / 5)
    found = []
    for place, (label, number) in enumerate(zip(labels, numbers, strict=True)):
        if number:
            height = max(1.5, number / highest * (HEIGHT - FOOT))
            x, y = place * step + gap / 2, HEIGHT - height
            found.append(Bar(round(x, 2), round(y, 2), round(step - gap, 2), round(height, 2), f"{label}: {number:,}"))
    return found
