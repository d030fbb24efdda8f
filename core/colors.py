"""Colours that can be read: WCAG 2.2's contrast, and the nearest colour that has enough of it. Pure.

The contrast is WCAG's (success criterion 1.4.3); how near two colours look is told by their distance in OKLab
(bottosson.github.io/posts/oklab), in which equal steps look equal.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

ENOUGH = 4.5  # level AA, text of a usual size
STEPS = 200  # of lightness that are tried between black and white

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Weak:
    """Two colours of a campaign that are hard to tell apart.

    `over` and `under` are fields of its settings, `instead` has for either the nearest colour that would do.
    """

    over: str
    under: str
    contrast: float
    instead: dict[str, str]


def weaknesses(button: str, button_text: str) -> list[Weak]:
    """Where text of a campaign's page has less contrast than AA asks for.

    That is on its button alone: all else is written on the page's own card, whatever the background around it.
    """
    if contrast(button_text, button) >= ENOUGH:
        return []
    instead = {"button_text_color": nearest(button_text, button), "button_color": nearest(button, button_text)}
    return [Weak("button_text_color", "button_color", contrast(button_text, button), instead)]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours such as #c2410c: 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def nearest(color: str, beside: str, least: float = ENOUGH) -> str:
    """The colour that looks most like `color` and has a contrast of at least `least` with `beside`.

    Only its lightness is changed, and where no screen can show that, as little of its strength as must be. Black or
    white has a contrast of 4.58 at least with any colour, so that there is always one for 4.5.
    """
    if contrast(color, beside) >= least:
        return color.lower()
    good = [one for one in _lighter_and_darker(color) if contrast(one, beside) >= least]
    return min(good, key=lambda one: math.dist(_oklab(one), _oklab(color)))


def _lighter_and_darker(color: str) -> Iterator[str]:
    _, a, b = _oklab(color)
    for step in range(STEPS + 1):
        lightness = step / STEPS
        strength = 1.0
        while (rgb := _rgb((lightness, a * strength, b * strength))) is None:
            strength = strength - 0.05 if strength > 0.05 else 0.0  # noqa: PLR2004 (the last step)
        yield rgb
    yield "#000000"
    yield "#ffffff"


def _channels(color: str) -> Channels:
    """Red, green and blue as amounts of light, 0 to 1 (IEC 61966-2-1)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _light(red), _light(green), _light(blue)


def _light(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 (the standard's)


def _luminance(color: str) -> float:
    red, green, blue = _channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(color: str) -> Channels:
    red, green, blue = _channels(color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _rgb(lab: Channels) -> str | None:
    """The colour, or None where no screen can show it."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    light = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    if any(not -0.0005 <= one <= 1.0005 for one in light):  # noqa: PLR2004 (less than a step of 255)
        return None
    return "#" + "".join(f"{round(_written(min(1.0, max(0.0, one))) * 255):02x}" for one in light)


def _written(light: float) -> float:
    return light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055  # noqa: PLR2004 (as above)
