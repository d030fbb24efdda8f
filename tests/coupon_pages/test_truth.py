"""The page's script in a browser: whatever happens around it, what it shows is what is so."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from core import clock, undo, verification
from core.verification import Actor
from db.tables import Coupon, Redemption
from tests import cast
from tests.coupon_pages.conftest import Phone
from tests.coupon_pages.test_page import sent
from tests.doors import House
from web import limits

Phones = Callable[..., Phone]


def shows(page: Page, state: str) -> None:
    expect(page.locator(f"body[data-state={state}]")).to_be_attached()


def redemptions(house: House) -> int:
    with house.database.read() as session:
        return session.scalar(select(func.count()).select_from(Redemption)) or 0


def turn_to(page: Page) -> None:
    """The phone's owner comes back to the page: headless tabs are never hidden, so the event is made."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_network_lost_in_the_middle_of_a_redeem_is_said_and_the_page_goes_on_by_itself(
    house: House, address: str, phone: Phones
) -> None:
    token = sent(house)
    page = phone().open(f"{address}/c/{token}")
    lost: list[str] = []

    def lose_the_answer(route: Route) -> None:
        """The tap reaches the shop; its answer does not reach the phone."""
        route.fetch()
        lost.append(route.request.method)
        page.context.set_offline(True)
        route.abort("internetdisconnected")

    page.route("**/redeem", lose_the_answer, times=1)
    page.get_by_test_id("redeem").click()
    expect(page.get_by_role("status").first).to_contain_text("the page goes on by itself")
    expect(page.get_by_test_id("redeem")).to_be_disabled()
    assert (lost, redemptions(house)) == (["POST"], 1)
    page.context.set_offline(False)
    expect(page.get_by_test_id("serial")).to_have_text("TEA-0001")
    expect(page.locator("#away")).to_be_empty()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert redemptions(house) == 1
    page.context.set_offline(True)
    turn_to(page)
    expect(page.locator("#away")).to_contain_text("cannot reach the shop")
    expect(page.get_by_test_id("serial")).to_be_visible()  # a counter without a network still sees it
    page.context.set_offline(False)
    expect(page.locator("#away")).to_be_empty()


def test_a_tap_that_found_no_network_for_two_minutes_begins_no_countdown_later(
    house: House, address: str, phone: Phones
) -> None:
    token = sent(house, cast.GIFT)
    mei = phone()
    page = mei.context.new_page()
    page.clock.install()
    page.goto(f"{address}/c/{token}")
    mei.context.set_offline(True)
    page.get_by_test_id("redeem").click()
    expect(page.locator("#away")).not_to_be_empty()
    page.clock.fast_forward(121_000)
    mei.context.set_offline(False)
    expect(page.get_by_test_id("redeem")).to_be_enabled()
    expect(page.locator("#away")).to_be_empty()
    assert redemptions(house) == 0


def test_a_shop_that_cannot_answer_or_answers_late_is_waited_for(
    house: House, address: str, phone: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "minute", lambda: 7)
    token = sent(house)
    house.answers = False
    page = phone().open(f"{address}/c/{token}")
    page.route("**/redeem", lambda route: route.fulfill(status=503, body="away"), times=1)
    page.get_by_test_id("redeem").dblclick()
    shows(page, "waiting")
    page.route("**/status", lambda route: route.fulfill(status=503, body="away"), times=1)
    expect(page.locator("#away")).not_to_be_empty()
    house.answers = True
    shows(page, "redeemed")
    expect(page.locator("#away")).to_be_empty()
    assert redemptions(house) == 1


def test_two_tabs_the_back_button_and_a_reload_show_the_same(house: House, address: str, phone: Phones) -> None:
    token = sent(house)
    mei = phone()
    first, second = mei.open(f"{address}/c/{token}"), mei.open(f"{address}/c/{token}")
    first.get_by_test_id("redeem").dblclick()
    for page in (first, second):
        expect(page.get_by_test_id("serial")).to_have_text("TEA-0001")
    first.goto(f"{address}/healthz")
    first.go_back()
    expect(first.get_by_test_id("serial")).to_have_text("TEA-0001")
    first.reload()
    expect(first.get_by_test_id("serial")).to_have_text("TEA-0001")
    with house.database.write() as session:
        coupon_id = session.scalars(select(Coupon.id)).one()
        verification.verify(session, coupon_id, "TEA-0001", Actor("page"), clock.now())
    for page in (first, second):
        shows(page, "verified")  # by itself, within seconds, when a till has verified it
    with house.database.write() as session:
        undo.undo_verification(session, coupon_id, "a slip", None, clock.now())
    turn_to(first)
    shows(first, "redeemed")
    second.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    shows(second, "redeemed")
    assert redemptions(house) == 1


def test_a_coupon_that_begins_or_expires_while_its_page_is_open_turns_into_that(
    house: House, address: str, phone: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.now()
    token = sent(house, replace(cast.TEA, sends_from=at - timedelta(hours=1)))
    with house.database.write() as session:
        cast.campaign(session, at, replace(cast.TEA, sends_from=at + timedelta(minutes=5)), codes=0)
    page = phone().context.new_page()
    page.clock.install()

    def pass_time(seconds: int) -> None:
        """Move the shop's clock, and the time that the phone counts."""
        moved = clock.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moved)
        page.clock.fast_forward(seconds * 1000)

    page.goto(f"{address}/c/{token}")
    expect(page.get_by_role("heading", name="Not open yet")).to_be_visible()
    pass_time(301)
    shows(page, "open")
    pass_time(14 * 86_400)
    expect(page.get_by_role("heading", name="This coupon has expired")).to_be_visible()
    page.goto(f"{address}/c/{sent(house, cast.GIFT)}")
    page.get_by_test_id("redeem").click()
    expect(page.locator("#left")).to_contain_text(re.compile(r"Time left (30:00|29:\d\d)"))
    pass_time(1801)
    shows(page, "refused")


def test_a_serial_is_copied_with_the_old_way_where_there_is_no_new_one(
    house: House, address: str, phone: Phones
) -> None:
    token = sent(house)
    house.client().post(f"/c/{token}/redeem")
    one = phone(permissions=["clipboard-read", "clipboard-write"])
    page = one.open(f"{address}/c/{token}")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "TEA-0001"
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("document.execCommand = () => false")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_contain_text("press and hold")
    assert page.evaluate("String(getSelection())").strip() == "TEA-0001"


def test_the_screen_is_kept_awake_while_the_code_is_shown_and_no_longer(
    house: House, address: str, phone: Phones
) -> None:
    token = sent(house)
    mei = phone()
    mei.context.add_init_script("""
        const say = (word) => { document.documentElement.dataset.awake = word; };
        const request = async () => { say("yes"); return { released: false, release: () => say("no") }; };
        Object.defineProperty(navigator, "wakeLock", { value: { request } });
    """)
    page = mei.open(f"{address}/c/{token}")
    expect(page.locator("html[data-awake]")).not_to_be_attached()
    page.get_by_test_id("redeem").click()
    expect(page.locator("html[data-awake=yes]")).to_be_attached()
    page.get_by_test_id("for-staff").click()
    page.get_by_test_id("verify").click()
    shows(page, "verified")
    expect(page.locator("html[data-awake=no]")).to_be_attached()


def test_without_a_script_everything_works_by_plain_forms(house: House, address: str, phone: Phones) -> None:
    token = sent(house, replace(cast.TEA, products_url="https://shop.example/tea?x=1"))
    page = phone(java_script_enabled=False).open(f"{address}/c/{token}")
    page.get_by_test_id("products").click()
    leaving = page.get_by_role("link", name="Go on to shop.example")
    assert leaving.get_attribute("href") == "https://shop.example/tea?x=1"
    house.answers = False
    page.get_by_test_id("redeem").click()
    expect(page.get_by_role("heading", name="Redeeming your coupon")).to_be_visible()
    house.answers = True
    house.wake("claims", "1")
    expect(page.get_by_test_id("serial")).to_have_text("TEA-0001")  # the page has asked again by itself
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_test_id("for-staff").click()
    page.get_by_test_id("verify").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Used")


def test_the_page_is_there_before_anything_else_is_answered(house: House, address: str, phone: Phones) -> None:
    """On a slow network each request costs half a second and more: the page is whole with its first answer."""
    token = sent(house)
    mei = phone()
    asked: list[str] = []

    def hold(route: Route) -> None:
        if asked:
            asked.append(route.request.url)  # never answered
            return
        asked.append(route.request.url)
        route.continue_()

    mei.context.route("**/*", hold)
    page = mei.context.new_page()
    page.goto(f"{address}/c/{token}", wait_until="commit")
    expect(page.get_by_test_id("redeem")).to_be_visible()
    page.get_by_test_id("redeem").click()
    expect(page.get_by_test_id("redeem")).to_have_text("Redeeming your coupon…")
    assert set(asked) == {f"{address}/c/{token}{path}" for path in ("", "/opened", "/redeem")}
