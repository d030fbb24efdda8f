"""Barcodes as SVG: whole modules, quiet zones, black on white whatever the brand's colours.

Reading a phone's screen, scanners want bars of whole device pixels: the SVG's viewBox counts modules, its own width is
a whole number of CSS pixels a module, and the page's script makes it the most device pixels a module that fit.
"""

from functools import lru_cache

import segno
from barcode.codex import Code39, Code128
from markupsafe import Markup

QUIET = 10  # modules of white on either side of a linear barcode (ISO/IEC 15417 and 16388)
QR_QUIET = 4  # ISO/IEC 18004
HEIGHT = 60  # modules; only the proportion matters
ROOM = 328  # CSS pixels across that the narrowest phone's page (360) has for a linear barcode
QR_ROOM = 264  # a larger one would leave no room for the serial
LONG = 200  # modules from which a linear barcode's bars are thin enough on a phone to be shown sideways as well
LENGTH = 550  # CSS pixels along that a small phone has for a barcode shown sideways


@lru_cache(maxsize=4096)
def svg(symbology: str, code: str) -> Markup:
    """The barcode of `code` as 'qr', 'code39' or 'code128', scaling to whatever holds it.

    The code was checked against the symbology when it was imported (core/symbologies.py).
    """
    if symbology == "qr":
        return _square(code)
    return _linear(modules(symbology, code), code)


@lru_cache(maxsize=4096)
def sideways(symbology: str, code: str) -> Markup:
    """The same bars turned by a quarter, for a page that shows `svg` as well; nothing where there is no need for it."""
    if symbology == "qr":
        return Markup()
    width = len(modules(symbology, code)) + 2 * QUIET
    if width < LONG:
        return Markup()
    return Markup(  # noqa: S704 (numbers)
        f'<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" viewBox="0 0 {HEIGHT} {width}" '
        f'height="{width * max(1, LENGTH // width)}" data-along="{width}" preserveAspectRatio="none" '
        f'shape-rendering="crispEdges"><use href="#bars" transform="matrix(0 1 -1 0 {HEIGHT} 0)"/></svg>',
    )


def modules(symbology: str, code: str) -> str:
    """The bars of a linear barcode, a '1' a dark module and a '0' a light one, without quiet zones."""
    # Code39's own default would append a check character, which no till expects.
    encoder = Code39(code, add_checksum=False) if symbology == "code39" else Code128(code)
    return str(encoder.build()[0])


def _square(code: str) -> Markup:
    # Not a Micro QR, which phones and many scanners do not read; level M mends 15 % of damage or glare. What is not
    # ASCII is UTF-8, which readers try first: segno alone would take Latin-1 or Shift JIS, which they must guess.
    made = segno.make(code, error="m", micro=False, encoding=None if code.isascii() else "utf-8")
    width = made.symbol_size(border=QR_QUIET)[0]
    drawn = made.svg_inline(omitsize=True, border=QR_QUIET, dark="#000", light="#fff")
    size = f'width="{width * (QR_ROOM // width)}" data-modules="{width}"'
    named = f'<svg role="img" aria-label="{_label(code)}" {size} shape-rendering="crispEdges" '
    return Markup(drawn.replace("<svg ", named, 1))  # noqa: S704 (segno draws, _label escapes)


def _linear(bars: str, code: str) -> Markup:
    width = len(bars) + 2 * QUIET
    path = "".join(f"M{QUIET + at} 0h{length}v{HEIGHT}h-{length}z" for at, length in _runs(bars))
    return Markup(  # noqa: S704 (numbers, and _label escapes)
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_label(code)}" '
        f'viewBox="0 0 {width} {HEIGHT}" width="{width * max(1, ROOM // width)}" '
        f'data-modules="{width}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{HEIGHT}H0z"/><path id="bars" d="{path}"/></svg>',
    )


def _runs(bars: str) -> list[tuple[int, int]]:
    """(start, length) of every dark bar."""
    runs, start = [], None
    for at, module in enumerate(bars + "0"):
        if module == "1" and start is None:
            start = at
        elif module == "0" and start is not None:
            runs.append((start, at - start))
            start = None
    return runs


def _label(code: str) -> Markup:
    return Markup("{}").format(code)
