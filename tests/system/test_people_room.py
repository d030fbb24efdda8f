"""The rooms for people in a real browser, under the shop's content policy: without scripts, small and large."""

import threading
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from db.database import Database
from tests.web import doors

pytestmark = pytest.mark.any_database

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1600, "height": 1000}
PASSWORD = "a sentence of my own"


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    doors.people(database)
    app = doors.application(database)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def log_in(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/login")
    page.fill("#username", username)
    page.fill("#password", password)
    page.press("#password", "Enter")


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_an_owner_adds_somebody_on_a_phone_without_scripts_who_then_turns_codes_on(
    browser: Browser, address: str
) -> None:
    owner = browser.new_context(viewport=PHONE, locale="en", java_script_enabled=False).new_page()  # type: ignore[arg-type]  # a dict
    log_in(owner, address, "oda", doors.PASSWORD)
    owner.get_by_role("link", name="Settings", exact=True).click()
    owner.get_by_role("link", name="Add somebody").click()
    owner.get_by_label("User name").fill("eve")
    owner.get_by_label("Role").select_option("staff")
    owner.get_by_role("button", name="Add").click()
    expect(owner.get_by_label("Store")).to_have_accessible_description(
        "Staff need one. Staff need a store: choose one. Where there is none yet, add it under Stores first."
    )
    owner.get_by_label("Store").select_option("Xinyi")
    owner.get_by_role("button", name="Add").click()
    link = owner.get_by_test_id("link").inner_text()

    complaints: list[str] = []
    eve = browser.new_context(viewport=DESK, locale="en").new_page()  # type: ignore[arg-type]  # a dict
    eve.on("console", lambda one: complaints.append(one.text) if one.type == "error" else None)
    eve.goto(address + link.removeprefix("http://localhost"))
    eve.get_by_label("New password").fill(PASSWORD)
    eve.get_by_label("Once more").fill(PASSWORD)
    eve.get_by_role("button", name="Use this password").click()
    log_in(eve, address, "eve", PASSWORD)
    eve.get_by_role("link", name="Account", exact=True).click()
    expect(eve.locator("[aria-current]")).to_have_text("Account")
    eve.get_by_role("link", name="Turn on…").click()
    eve.get_by_label("Present password").fill(PASSWORD)
    eve.get_by_role("button", name="Go on").click()
    secret = eve.get_by_test_id("secret").inner_text()
    eve.get_by_label("The six digits").fill(pyotp.TOTP(secret).now())
    eve.get_by_role("button", name="Turn on").click()
    expect(eve.get_by_test_id("recovery").get_by_role("listitem")).to_have_count(10)
    assert complaints == []

    owner.goto(f"{address}/console/people/")
    row = owner.get_by_test_id("person").filter(has=owner.get_by_role("link", name="eve", exact=True))
    expect(row).to_contain_text("on")
    row.get_by_role("link").click()
    assert fits(owner)
    owner.get_by_role("link", name="Shut out…").click()
    owner.get_by_role("button", name="Shut out").click()
    expect(owner.get_by_role("status")).to_have_text("Shut out.")
    eve.goto(f"{address}/console/account")
    expect(eve.get_by_role("heading", name="Log in")).to_be_visible()
