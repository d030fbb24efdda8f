"""A store's device in a real browser: bound by the console's link, signed in on by hand and by keyboard, locked."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from core import clock, pins, users
from core.audit import Doer
from db.database import Database
from tests.accessibility import assert_accessible
from tests.web import doors

pytestmark = pytest.mark.any_database

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1600, "height": 1000}
PIN = "8306"


@pytest.fixture
def app(database: Database) -> Flask:
    doors.people(database)
    with database.write() as session:
        users.create(session, "bea", None, "staff", "Xinyi", clock.now())
        for name in ("ann", "bea"):
            pins.put(session, Doer(), users.id_of(session, name) or 0, users.hashed(PIN), clock.now())
    return doors.application(database)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def can_be_used(page: Page) -> None:
    """By everybody, on a phone and on a desk."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a dict
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert_accessible(page)


def code_from_the_console(browser: Browser, address: str) -> str:
    """An owner on a phone without scripts adds a device."""
    owner = browser.new_context(viewport=PHONE, locale="en", java_script_enabled=False).new_page()  # type: ignore[arg-type]  # a dict
    owner.goto(f"{address}/login")
    owner.fill("#username", "oda")
    owner.fill("#password", doors.PASSWORD)
    owner.press("#password", "Enter")
    owner.get_by_role("link", name="Settings", exact=True).click()
    owner.get_by_role("link", name="Stores", exact=True).click()
    owner.get_by_role("link", name="Xinyi").click()
    owner.get_by_label("Add a device").fill("Till 1")
    owner.get_by_role("button", name="Add and show the QR code").click()
    assert owner.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    code = owner.get_by_test_id("code").inner_text()
    owner.context.close()
    return code


def test_a_till_is_bound_signed_in_on_by_two_people_and_locks_by_itself(browser: Browser, address: str) -> None:
    code, complaints, asked = code_from_the_console(browser, address), list[str](), list[str]()
    till = browser.new_context(viewport=PHONE, locale="en", has_touch=True).new_page()  # type: ignore[arg-type]  # a dict
    till.clock.install()
    till.on("pageerror", lambda one: complaints.append(str(one)))
    till.on("console", lambda one: complaints.append(one.text) if "script-src" in one.text else None)
    till.on("request", lambda one: asked.append(one.url))
    till.goto(f"{address}/pos/bind#{code}")
    expect(till.get_by_label("Code")).to_have_value(code)
    assert till.url == f"{address}/pos/bind" and not any(code in url for url in asked[1:])
    expect(till.get_by_role("button", name="Bind this device")).to_be_focused()
    can_be_used(till)
    till.keyboard.press("Enter")

    expect(till.get_by_role("heading", name="Who are you?")).to_be_visible()
    can_be_used(till)
    till.get_by_role("link", name="ann", exact=True).tap()
    expect(till.get_by_label("ann's PIN")).to_be_focused()
    for digit in "8307":
        till.get_by_role("button", name=digit, exact=True).tap()
    till.get_by_role("button", name="Delete the last digit").tap()
    expect(till.get_by_role("status")).to_have_text("3 digits entered")
    till.get_by_role("button", name="7", exact=True).tap()
    till.get_by_role("button", name="Sign in").tap()
    expect(till.get_by_role("alert")).to_have_text("That PIN is not right. Try again.")
    can_be_used(till)
    for digit in PIN:
        till.get_by_role("button", name=digit, exact=True).tap()
    till.get_by_role("button", name="Sign in").tap()
    expect(till.locator(".who")).to_have_text("ann · Xinyi")
    can_be_used(till)

    till.get_by_role("button", name="Switch / lock").click()
    till.get_by_role("link", name="bea", exact=True).focus()
    till.keyboard.press("Enter")
    expect(till.get_by_label("bea's PIN")).to_be_focused()
    till.keyboard.type(PIN)  # by keyboard alone
    till.keyboard.press("Enter")
    expect(till.locator(".who")).to_have_text("bea · Xinyi")
    till.wait_for_load_state()  # idle time counts from when the script ran

    till.clock.fast_forward("04:00")
    with till.expect_response("**/pos/sign-in/awake") as told:
        till.mouse.click(5, 5)
    assert told.value.status == 204
    till.clock.fast_forward("04:00")
    expect(till.locator(".who")).to_have_text("bea · Xinyi")
    till.clock.fast_forward("01:05")
    expect(till.get_by_role("heading", name="Who are you?")).to_be_visible()
    till.goto(f"{address}/pos/")
    expect(till.get_by_role("heading", name="Who are you?")).to_be_visible()
    assert complaints == []
    till.context.close()
