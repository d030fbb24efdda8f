"""Barcodes as SVG: whole modules, quiet zones, black on white whatever the brand's colours.

Reading a phone's screen, scanners want bars of whole device pixels: the SVG's viewBox counts modules, and the page sets
its width to a whole number of pixels a module.
"""

from functools import lru_cache

import segno
from barcode.codex import Code39, Code128
from markupsafe import Markup

QUIET = 10  # modules of white on either side of a linear barcode (ISO/IEC 15417 and 16388)
HEIGHT = 60  # modules; only the proportion matters


@lru_cache(maxsize=4096)
def svg(symbology: str, code: str) -> Markup:
    """The barcode of `code` as 'qr', 'code39' or 'code128', scaling to whatever holds it.

    The code was checked against the symbology when it was imported (core/symbologies.py).
    """
    if symbology == "qr":
        # Not a Micro QR, which phones and many scanners do not read; level M mends 15 % of damage or glare.
        drawn = segno.make(code, error="m", micro=False).svg_inline(omitsize=True, border=4, dark="#000", light="#fff")
        named = f'<svg role="img" aria-label="{_label(code)}" shape-rendering="crispEdges" '
        return Markup(drawn.replace("<svg ", named, 1))  # noqa: S704 (segno draws, _label escapes)
    return _linear(modules(symbology, code), code)


def modules(symbology: str, code: str) -> str:
    """The bars of a linear barcode, a '1' a dark module and a '0' a light one, without quiet zones."""
    # Code39's own default would append a check character, which no till expects.
    encoder = Code39(code, add_checksum=False) if symbology == "code39" else Code128(code)
    return str(encoder.build()[0])


def _linear(bars: str, code: str) -> Markup:
    width = len(bars) + 2 * QUIET
    path = "".join(f"M{QUIET + at} 0h{length}v{HEIGHT}h-{length}z" for at, length in _runs(bars))
    return Markup(  # noqa: S704 (numbers, and _label escapes)
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{_label(code)}" '
        f'viewBox="0 0 {width} {HEIGHT}" '
        f'data-modules="{width}" preserveAspectRatio="none" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{HEIGHT}H0z"/><path d="{path}"/></svg>',
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
