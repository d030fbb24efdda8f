"""Bars of the statistics."""

import re

from console.records.drawing import FOOT, HEIGHT, bars


def test_the_largest_bar_reaches_the_top_and_the_least_is_still_seen() -> None:
    drawn = bars(["Mon", "<Tue>", "Wed"], [2_000, 1, 0], "sent")
    heights = [float(found) for found in re.findall(r' height="([\d.]+)"', drawn)]
    assert heights == [HEIGHT - FOOT, 1.5]
    assert "<title>Mon: 2,000</title>" in drawn
    assert "<title>&lt;Tue&gt;: 1</title>" in drawn


def test_where_nothing_happened_nothing_is_drawn() -> None:
    assert bars(["Mon"], [0], "sent") == bars([], [], "sent") == ""
