"""Barcodes as a phone's browser draws them, read back by an independent reader."""

import io
import random
import string

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from core import symbologies
from coupon_pages.barcodes import svg

ALPHABETS = {
    "qr": string.ascii_letters + string.digits + "@-_優惠",
    "code39": string.ascii_uppercase + string.digits + "-. $/+%",
    "code128": string.ascii_letters + string.digits + "@-_#!",
}
CODES = 30
# A 360 px wide phone leaves this much for the barcode on the coupon's page.
WIDTH = 276


def drawn(browser: Browser, symbology: str, code: str, ratio: float) -> Image.Image:
    page = browser.new_page(viewport={"width": WIDTH, "height": 260}, device_scale_factor=ratio)
    style = "body{margin:0;background:#fff}svg{width:100%;height:auto}svg[data-modules]{height:92px}"
    page.set_content(f"<style>{style}</style>{svg(symbology, code)}")
    shot = page.screenshot()
    page.close()
    return Image.open(io.BytesIO(shot)).convert("L")


@pytest.mark.parametrize("ratio", [2, 3])
@pytest.mark.parametrize("symbology", list(ALPHABETS))
def test_what_import_accepts_a_reader_reads(browser: Browser, symbology: str, ratio: float) -> None:
    chance = random.Random(f"{symbology}{ratio}")  # noqa: S311 (the same codes each time)
    wrong = []
    for _ in range(CODES):
        length = chance.randint(1, symbologies.LONGEST[symbology])
        code = "".join(chance.choices(ALPHABETS[symbology], k=length)).strip() or "A"
        while symbologies.refusal(symbology, code):
            code = "".join(chance.choices(ALPHABETS[symbology], k=length)).strip() or "A"
        found = [result.text for result in zxingcpp.read_barcodes(drawn(browser, symbology, code, ratio))]
        if found != [code]:
            wrong.append((code, found))
    assert wrong == []


def test_code_39_is_refused_what_it_would_silently_change() -> None:
    for code in ("fna5841", "FNA@5841", "A*B", "A$B"):
        assert symbologies.refusal("code39", code) is not None
