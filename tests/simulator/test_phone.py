"""The phone's menus in a real browser: what is seen, what is read aloud, the keyboard alone, and a narrow screen."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.simulator import test_line_menus as line
from tests.simulator import test_messenger_profile as messenger
from tests.simulator.conftest import StandIns

ACTED = "**/api/act"  # answered once the shop has the webhook
MENU = """
menu: tea
bar: 優惠選單
image: menu.png
grid: 2x2
areas:
  - {say: 優惠}
  - {postback: gift, shows: 我要見面禮, label: 見面禮}
  - {open: "URL/healthz"}
  - {switch: tea-en, label: English}
---
menu: tea-en
bar: Offers
image: menu.png
open: false
areas:
  - {at: [0, 0, 1200, 405], postback: quiet, label: Quiet}
"""


@pytest.fixture
def phone(browser: Browser, stand_ins: StandIns) -> Iterator[Callable[..., Page]]:
    """Opens the phone; whatever it asks of another host, and whatever its policy forbids, fails the test."""
    wrong: list[str] = []
    pages: list[Page] = []

    def opened(width: int = 1280, height: int = 900) -> Page:
        page = browser.new_context(viewport={"width": width, "height": height}, locale="en").new_page()
        page.on("request", lambda request: None if request.url.startswith(stand_ins.url) else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{stand_ins.url}/")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.context.close()
    assert wrong == []


def events(stand_ins: StandIns) -> list[dict[str, Any]]:
    return [event for sent in stand_ins.received for event in sent["body"].get("events", ())]


def test_the_menu_of_line_is_opened_tapped_and_closed_with_the_keyboard_alone(
    phone: Callable[..., Page], stand_ins: StandIns, tmp_path: Path
) -> None:
    page = phone()
    bar, menu = page.get_by_test_id("menu-bar"), page.get_by_test_id("menu")
    expect(page.get_by_test_id("add-friend")).to_be_visible()
    expect(bar).to_be_hidden()
    line.apply(stand_ins, line.written(tmp_path, MENU.replace("URL", stand_ins.url)))
    expect(menu).to_be_visible()  # without a reload
    expect(menu.get_by_role("button")).to_have_count(4)
    expect(bar).to_have_attribute("aria-expanded", "true")

    page.get_by_test_id("send").focus()
    page.keyboard.press("Tab")
    expect(menu.get_by_role("button", name="優惠", exact=True)).to_be_focused()
    with page.expect_response(ACTED):
        page.keyboard.press("Enter")
    expect(page.get_by_test_id("my-message").last).to_contain_text("優惠")
    page.keyboard.press("Tab")
    expect(menu.get_by_role("button", name="見面禮", exact=True)).to_be_focused()
    with page.expect_response(ACTED):
        page.keyboard.press("Space")
    expect(page.get_by_test_id("my-message").last).to_contain_text("我要見面禮")
    assert events(stand_ins)[0]["message"]["text"] == "優惠"
    assert events(stand_ins)[1]["postback"] == {"data": "gift"}

    page.keyboard.press("Escape")
    expect(bar).to_be_focused()
    expect(menu).to_be_hidden()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()


def test_a_part_of_the_picture_opens_an_address_and_another_turns_the_page(
    phone: Callable[..., Page], stand_ins: StandIns, tmp_path: Path
) -> None:
    line.apply(stand_ins, line.written(tmp_path, MENU.replace("URL/healthz", f"{stand_ins.url}/api/people")))
    page = phone()
    menu = page.get_by_test_id("menu")
    menu.get_by_role("button", name=f"{stand_ins.url}/api/people").click()
    expect(page.frame_locator("[data-testid=browser-page]").locator("body")).to_contain_text("Alex Chen")
    page.get_by_test_id("browser-close").click()
    menu.get_by_role("button", name="English").click()
    expect(page.get_by_test_id("menu-bar")).to_have_text("Offers")
    expect(menu.get_by_role("button", name="Quiet")).to_be_focused()  # what was tapped is gone
    with page.expect_response(ACTED):
        menu.get_by_role("button", name="Quiet").click()
    assert events(stand_ins)[-1]["postback"] == {"data": "quiet"}
    expect(page.get_by_test_id("my-message")).to_have_count(0)  # a postback without words is not seen
    page.get_by_test_id("person").filter(has_text="Alex").click()
    expect(page.get_by_test_id("menu-bar")).to_have_text("優惠選單")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_parts_lie_on_the_picture_and_the_chat_keeps_its_place(
    phone: Callable[..., Page], stand_ins: StandIns, tmp_path: Path, width: int
) -> None:
    line.apply(stand_ins, line.written(tmp_path, MENU.replace("URL", stand_ins.url), line.png(1200, 810)))
    page = phone(width, 740)
    menu = page.get_by_test_id("menu")
    expect(menu.get_by_role("button", name="English")).to_be_visible()
    whole, last = menu.bounding_box(), menu.get_by_role("button", name="English").bounding_box()
    assert whole is not None and last is not None
    assert abs(whole["width"] / whole["height"] - 1200 / 810) < 0.01
    assert abs(last["x"] + last["width"] - whole["x"] - whole["width"]) < 1
    assert abs(last["y"] + last["height"] - whole["y"] - whole["height"]) < 1
    assert "/menus/richmenu-" in menu.evaluate("part => part.style.backgroundImage")
    chat = page.get_by_test_id("chat").bounding_box()
    assert chat is not None and chat["height"] > 150
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_new_chat_in_messenger_has_a_greeting_questions_to_tap_and_a_menu(
    phone: Callable[..., Page], stand_ins: StandIns
) -> None:
    page = phone(360, 740)
    page.get_by_test_id("channel-messenger").click()
    page.get_by_test_id("person").filter(has_text="Emma").click()
    expect(page.get_by_test_id("welcome").get_by_role("button")).to_have_text(["Get started"])
    expect(page.get_by_test_id("menu-toggle")).to_be_hidden()
    messenger.apply(stand_ins, messenger.DEMO)
    expect(page.get_by_test_id("welcome")).to_contain_text("Welcome, Emma!")
    expect(page.get_by_test_id("ice-breaker")).to_have_text(["What is on offer?", "Is there a welcome gift?"])
    page.get_by_test_id("ice-breaker").first.click()
    expect(page.get_by_test_id("my-message")).to_contain_text("What is on offer?")
    expect(page.get_by_test_id("welcome")).to_have_count(0)

    toggle = page.get_by_role("button", name="Menu", exact=True)
    toggle.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    with page.expect_response(ACTED):
        page.get_by_test_id("menu").get_by_role("button", name="Welcome gift").press("Enter")
    expect(page.get_by_test_id("my-message").last).to_contain_text("Welcome gift")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(toggle).to_be_focused()
    taps = [sent["body"]["entry"][0]["messaging"][0]["postback"]["payload"] for sent in stand_ins.received]
    assert taps == ["get-tea-coupon", "welcome"]
    assert page.evaluate("document.documentElement.scrollWidth") == 360
