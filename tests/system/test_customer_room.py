"""The customer at the counter in a real browser, on a phone: B1 to B6 of what staff see and do."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from werkzeug.serving import make_server

from core import serials
from coupon_pages import barcodes
from db.database import Database
from tests import accessibility, cast
from tests.web import doors
from web.services import KEY

pytestmark = pytest.mark.any_database

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1600, "height": 1000}
DAY = timedelta(days=1)


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    now = datetime.now(UTC) - DAY
    doors.people(database)
    here = replace(cast.GIFT, is_at_counter=True, expires_after_seconds=30 * 86_400, instructions="一人一次")
    with database.write() as session:
        cast.campaign(session, now, replace(cast.TEA, products_url="https://shop.example/tea"))
        cast.sent(session, cast.MEI, now)
        cast.contact(session, cast.MEI, now, "王小美")
        for slug, name, values in (
            ("early", "店內早鳥", {"used_in": "store", "sends_from": now - 9 * DAY, "barcode": "code128"}),
            ("later", "下週才開始", {"used_in": "store", "sends_from": now - 5 * DAY, "used_from": now + 8 * DAY}),
            ("web", "網路限定", {"used_in": "online", "products_url": "https://shop.example/web"}),
        ):
            made = cast.campaign(session, now, replace(here, slug=slug, name=name, **values), codes=0)
            serials.import_csv(session, made.id, f"serial\n{slug.upper()}-0001\n".encode(), now)
        first = replace(
            here, slug="first", name="首購折扣", used_in="store", is_first_purchase=True, sends_from=now - DAY
        )
        serials.add_fixed(session, cast.campaign(session, now, first, codes=0).id, "HELLO2026", 100, now)
    app = doors.application(database)
    app.extensions[KEY] = replace(app.extensions[KEY], barcode=barcodes.svg)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def looked_at(page: Page, complaints: list[str]) -> None:
    """Nothing was complained of, nothing has to be scrolled sideways, and axe (noisy itself) finds nothing serious."""
    assert [one for one in complaints if "409" not in one] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    accessibility.assert_accessible(page)
    complaints.clear()


def coupon(page: Page, name: str) -> Locator:
    return page.get_by_test_id("coupon").filter(has=page.get_by_role("heading", name=name, exact=True))


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#username", "ann")
    page.fill("#password", doors.PASSWORD)
    page.press("#password", "Enter")
    page.get_by_role("link", name="Customers", exact=True).click()
    page.get_by_test_id("customer-input").fill("王小美")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="王小美")).to_be_visible()


def test_staff_claim_and_use_a_customers_coupons_on_a_phone(browser: Browser, address: str) -> None:
    """B1 order, B2 details, B3 the three outcomes, B4 warning and barcode, B5 first purchase, B6 stores alone."""
    page = browser.new_context(viewport=PHONE, locale="en").new_page()  # type: ignore[arg-type]  # a dict
    complaints: list[str] = []
    page.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    enter(page, address)
    headings = page.get_by_test_id("coupon").get_by_role("heading")
    expect(headings).to_have_text(["店內早鳥", "下週才開始", "首購折扣", "夏日奶茶買一送一", "網路限定"])
    looked_at(page, complaints)

    web = coupon(page, "網路限定")
    web.get_by_test_id("details").click()
    expect(web).to_contain_text("Online store")
    web.get_by_test_id("products").click()
    expect(web).to_contain_text("You are about to leave the counter for shop.example")
    expect(web.get_by_test_id("leave")).to_have_attribute("href", "https://shop.example/web")
    looked_at(page, complaints)
    web.get_by_test_id("claim").click()
    expect(coupon(page, "網路限定").get_by_test_id("waits")).to_have_text("Online store only")
    coupon(page, "下週才開始").get_by_test_id("claim").click()
    expect(coupon(page, "下週才開始").get_by_test_id("waits")).to_contain_text("Not started yet: good from")
    coupon(page, "店內早鳥").get_by_test_id("claim").click()
    expect(page.get_by_test_id("claimed")).to_contain_text("It can be used now")
    looked_at(page, complaints)

    coupon(page, "店內早鳥").get_by_test_id("use").click()
    expect(page.get_by_test_id("warning")).to_have_text("Once the coupon has been used, it cannot be restored.")
    looked_at(page, complaints)
    page.get_by_test_id("cancel").click()
    coupon(page, "店內早鳥").get_by_test_id("use").click()
    page.get_by_test_id("really-use").dblclick()
    expect(page.get_by_test_id("serial")).to_have_text("EARLY-0001")
    expect(page.get_by_test_id("barcode").get_by_role("img", name="EARLY-0001")).to_be_visible()
    looked_at(page, complaints)
    page.get_by_test_id("profile").click()
    expect(coupon(page, "店內早鳥")).to_have_count(0)

    coupon(page, "首購折扣").get_by_test_id("use").click()
    page.get_by_test_id("really-use").click()
    expect(page.get_by_test_id("serial")).to_have_text("HELLO2026")
    page.get_by_test_id("profile").click()
    expect(coupon(page, "首購折扣")).to_contain_text("First purchase, used")
    coupon(page, "首購折扣").get_by_test_id("use").click()
    page.get_by_test_id("really-use").click()
    expect(page.get_by_test_id("refused")).to_have_attribute("data-reason", "first_purchase_used")
    expect(coupon(page, "首購折扣")).to_have_count(0)
    looked_at(page, complaints)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a dict
    looked_at(page, complaints)
