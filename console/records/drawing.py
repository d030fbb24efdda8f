"""Bars over time, one small picture for each kind of figure, drawn here: no script, and printed as they are seen.

A library would be 50 KB and more of script to draw what is a row of rectangles; the same numbers stand in a table.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, FOOT = 720, 96, 4  # of the coordinates; the page scales them


def bars(labels: Sequence[str], numbers: Sequence[int], kind: str) -> Markup:
    """A rectangle for each number that is not 0; the largest reaches the top, the least can still be seen.

    Written here at once: a template takes five times as long for the 3,000 of a month by the hour.
    """
    highest, step = max([*numbers, 1]), WIDTH / max(len(numbers), 1)
    gap, drawn = min(2.0, step / 5), []
    for place, (label, number) in enumerate(zip(labels, numbers, strict=True)):
        if number:
            height = max(1.5, number / highest * (HEIGHT - FOOT))
            drawn.append(
                f'<rect class="bar {kind}" x="{place * step + gap / 2:.2f}" y="{HEIGHT - height:.2f}"'
                f' width="{step - gap:.2f}" height="{height:.2f}"><title>{escape(label)}: {number:,}</title></rect>'
            )
    return Markup("".join(drawn))  # noqa: S704 (numbers and escaped labels)
