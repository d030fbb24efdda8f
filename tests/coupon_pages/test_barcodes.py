"""Barcodes as the coupon's page shows them on phones, read back by an independent reader."""

import io
import itertools
import os
import random
import string
from collections.abc import Iterator

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, ViewportSize

from core import symbologies
from coupon_pages import inlined
from coupon_pages.barcodes import svg

ALPHABETS = {
    "qr": string.ascii_letters
    + string.digits
    + string.punctuation
    + " éßñÜ優惠券奶茶クーポンｸｰﾎﾟﾝคูปองкупонκουπόνι쿠폰🎁✓",
    "code39": string.ascii_uppercase + string.digits + "-. $/+%",
    "code128": string.ascii_letters + string.digits + string.punctuation + " ",
}
PHONES = list(itertools.product((360, 412), (2, 2.625, 3)))  # CSS pixels across, device pixels each
AT_ONCE = {"qr": 17, "code39": 84, "code128": 84}  # one picture has at most 16,384 pixels along
LOW = ".barcode.code39 svg, .barcode.code128 svg { height: 24px }"  # a scanner's line needs no more
WHOLE = bool(os.environ.get("PROVE"))  # every code on every phone; else few, each on one of them
CODES = 500 if WHOLE else 60


def accepted(symbology: str) -> list[str]:
    """Codes that import accepts, of every length, the longest among them; the same ones each time."""
    chance = random.Random(symbology)  # noqa: S311 (as said)
    found: dict[str, None] = {}
    while len(found) < CODES:
        longest = symbologies.LONGEST[symbology]
        length = longest if chance.random() < 0.2 else chance.randint(1, longest)
        code = "".join(chance.choices(ALPHABETS[symbology], k=length)).strip()
        if code and symbologies.refusal(symbology, code) is None:
            found[code] = None
    return list(found)


@pytest.mark.parametrize("symbology", list(ALPHABETS))
def test_what_import_accepts_a_reader_reads_off_a_phone_in_bars_of_whole_pixels(
    browser: Browser, symbology: str
) -> None:
    codes, wrong = accepted(symbology), []
    for number, (width, ratio) in enumerate(PHONES):
        theirs = codes if WHOLE else codes[number :: len(PHONES)]
        for code, picture, pixels in pictures(browser, symbology, theirs, width, ratio):
            read = zxingcpp.read_barcode(picture, try_rotate=False)  # a till's scanner takes what it reads first, too
            found = read.text if read else None
            if found != code or not (symbology == "qr" or are_whole(picture, pixels)):
                wrong.append((width, ratio, code, found))
    assert wrong == []


def pictures(
    browser: Browser, symbology: str, codes: list[str], width: int, ratio: float
) -> Iterator[tuple[str, Image.Image, float]]:
    """Each code's barcode as a phone's screen has it, and the device pixels that a module has."""
    view = ViewportSize(width=width, height=740)
    for start in range(0, len(codes), AT_ONCE[symbology]):
        page = browser.new_page(viewport=view, device_scale_factor=ratio)  # in one used before, no script begins anew
        some = codes[start : start + AT_ONCE[symbology]]
        drawn = "".join(f'<div class="barcode {symbology}">{svg(symbology, code)}</div>' for code in some)
        page.set_content(
            f'<style>{inlined.STYLE} {LOW}</style><body data-state="open"><main class="ticket"><div class="body">'
            f'<div class="code">{drawn}</div></div></main><script>{inlined.SCRIPT}</script>'
        )
        boxes = page.evaluate(
            "() => [...document.querySelectorAll('svg')].map((svg) => [svg.getBoundingClientRect(), svg])"
            ".map(([box, svg]) => [box.left, box.top, box.right, box.bottom, Number(svg.dataset.modules)])"
        )
        shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
        for code, (*box, modules) in zip(some, boxes, strict=True):
            left, top, right, bottom = (edge * ratio for edge in box)
            # Without the rows at which the screen blends the bars with what is above and below them.
            yield (
                code,
                shot.crop((round(left), round(top) + 2, round(right), round(bottom) - 2)),
                (right - left) / modules,
            )
        page.close()


def are_whole(picture: Image.Image, pixels: float) -> bool:
    """Whether a module has the same whole number of pixels, two at least, everywhere, and none is grey."""
    module = round(pixels)
    row = picture.crop((0, picture.height // 2, picture.width, picture.height // 2 + 1)).tobytes()
    _, *bars, _ = [len(list(run)) for _, run in itertools.groupby(row)]  # without the quiet zones, where the cut was
    return abs(pixels - module) < 0.02 and module >= 2 and set(row) <= {0, 255} and not any(n % module for n in bars)


def test_code_39_is_refused_what_it_would_silently_change() -> None:
    for code in ("fna5841", "FNA@5841", "A*B", "A$B"):
        assert symbologies.refusal("code39", code) is not None


@pytest.mark.parametrize("code", ["A\u200bB", "A\ufeff", "A\u202eB", "A\x85B", "A\ufffd"])
def test_a_qr_code_is_refused_what_nobody_can_see_or_type(code: str) -> None:
    assert symbologies.refusal("qr", code) is not None
