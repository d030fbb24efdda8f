import itertools

import pytest

from core import colors

PAIRS = list(itertools.product(("#ffffff", "#000000", "#c2410c", "#f97316", "#777777", "#00ff00", "#1d4ed8"), repeat=2))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#abc123", "#abc123", 1),
    ],
)
def test_the_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert colors.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert colors.contrast(other, one) == colors.contrast(one, other)


@pytest.mark.parametrize(("color", "beside"), PAIRS)
def test_the_nearest_colour_passes_and_what_passes_already_stays(color: str, beside: str) -> None:
    found = colors.nearest(color, beside)
    assert colors.contrast(found, beside) >= colors.ENOUGH
    if colors.contrast(color, beside) >= colors.ENOUGH:
        assert found == color


def test_the_nearest_colour_is_of_the_same_hue_and_no_darker_than_it_must_be() -> None:
    found = colors.nearest("#f97316", "#ffffff")
    red, green, blue = (int(found[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue
    assert colors.contrast(found, "#ffffff") < colors.ENOUGH + 0.1


def test_a_campaigns_colours_are_told_with_what_either_could_be() -> None:
    assert colors.weaknesses("#C2410C", "#FFFFFF") == []
    (weak,) = colors.weaknesses("#F97316", "#FFFFFF")
    assert (weak.over, weak.under) == ("button_text_color", "button_color")
    assert weak.contrast == pytest.approx(2.8, abs=0.01)
    assert colors.contrast(weak.instead["button_color"], "#FFFFFF") >= colors.ENOUGH
    assert colors.contrast("#F97316", weak.instead["button_text_color"]) >= colors.ENOUGH
