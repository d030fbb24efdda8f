"""Every state of the coupon's page as people see it: on a phone and on a desk, in the light and in the dark."""

import io
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.accessibility import assert_accessible
from tests.coupon_pages import states

# What is written on no ground of its own, and so on the campaign's background.
ON_BACKGROUND = """() => {
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    let around = texts.currentNode.parentElement
    if (!texts.currentNode.data.trim() || !around.getClientRects().length) continue
    while (around !== document.body && getComputedStyle(around).backgroundColor === "rgba(0, 0, 0, 0)")
      around = around.parentElement
    if (around === document.body) found.push(texts.currentNode.data.trim())
  }
  return found
}"""
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1600, "height": 900}


@pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [("zh-Hant", PHONE, "light"), ("th", PHONE, "dark"), ("en", DESK, "light"), ("ja", DESK, "dark")],
)
def test_every_state_can_be_used_by_everybody(
    browser: Browser, tmp_path: Path, language: str, size: dict[str, int], scheme: Literal["light", "dark"]
) -> None:
    with states.album(browser, language, viewport=size, color_scheme=scheme) as (page, complaints):
        for name in states.looks(language):
            page.goto(f"{states.PLACE}/c/{name}")
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            for details in page.locator("summary").all():
                details.click()
            assert page.evaluate("document.documentElement.scrollWidth") == size["width"], name
            assert page.evaluate(ON_BACKGROUND) == [], f"{name}: the console says that nothing is"
            assert_accessible(page)
            page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert complaints == []


def test_a_long_barcode_is_shown_sideways_larger_and_in_landscape_across_the_screen(browser: Browser) -> None:
    with states.album(browser, "en", viewport=PHONE, device_scale_factor=3) as (page, _):
        page.goto(f"{states.PLACE}/c/redeemed-long")
        across = page.locator(".barcode svg").bounding_box()
        page.get_by_role("link", name="sideways").click()
        along = page.locator(".sideways svg").bounding_box()
        shot = Image.open(io.BytesIO(page.screenshot()))
        assert [found.text for found in zxingcpp.read_barcodes(shot)] == ["FNA-5841-XY"]
        assert across is not None and along is not None
        assert along["height"] > 1.8 * across["width"]
        assert_accessible(page)
        page.get_by_role("link", name="Tap to close").click()
        expect(page.locator(".sideways")).to_be_hidden()
        page.set_viewport_size({"width": 740, "height": 360})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        landscape = page.locator(".barcode svg").bounding_box()
        assert landscape is not None and landscape["width"] > 1.8 * across["width"]
        expect(page.get_by_role("link", name="sideways")).to_be_hidden()
