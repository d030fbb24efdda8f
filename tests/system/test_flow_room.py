"""The room for flows in a real browser, under the shop's content policy: the editor, its checks, the chat beside it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from core import clock, contacts, drafts, flow_history
from db.database import Database
from tests import cast, release
from tests.console.conftest import TEXT
from tests.web import doors

pytestmark = pytest.mark.any_database

PHONE, DESK = (360, 740), (1600, 1000)


@pytest.fixture
def address(database: Database, tmp_path: Path) -> Iterator[str]:
    """The doors, served, with a flow that is published."""
    doors.people(database)
    file = tmp_path / "tea.yaml"
    file.write_text(TEXT, encoding="utf-8")
    with database.write() as session:
        cast.campaign(session, clock.now())
        release.publish(session, file, clock.now())
    server = make_server("127.0.0.1", 0, doors.application(database), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/console/flows/"
    server.shutdown()
    thread.join()
    server.server_close()


class Desk:
    """Mia at her desk; `complaints` are what the browser says of the page: errors, and what the policy stopped."""

    def __init__(
        self, browser: Browser, address: str, size: tuple[int, int] = DESK, *, has_scripts: bool = True
    ) -> None:
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en", java_script_enabled=has_scripts
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda one: self.complaints.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)
        self.page.fill("#username", "mia")
        self.page.fill("#password", doors.PASSWORD)
        self.page.press("#password", "Enter")
        self.page.wait_for_url(address)

    def type_after(self, line: str, words: str) -> None:
        """Type at the end of a line in the editor."""
        self.page.locator(".cm-line", has_text=line).first.click()
        self.page.keyboard.press("End")
        self.page.keyboard.type(words)


def test_the_editor_marks_a_mistake_as_one_types_and_saves_with_the_keyboard(
    browser: Browser, address: str, database: Database
) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("No mistakes: it can be published.")
    desk.type_after("campaign: summer-tea", "s")
    expect(verdict).to_contain_text("did you mean 'summer-tea'?")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    verdict.get_by_role("link", name="Line 14").click()
    expect(page.locator(".cm-content")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    expect(verdict).to_contain_text("No mistakes: it can be published.")
    desk.type_after("title: Tea for two", ", or three")
    page.keyboard.press("Control+s")
    expect(page.locator("#saved")).to_contain_text("Draft saved")
    with database.read() as session:
        saved = drafts.load(session, "tea")
    assert saved is not None
    assert saved.source == TEXT.replace("Tea for two", "Tea for two, or three")
    page.get_by_role("button", name="Save, and on to publishing").click()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_role("status")).to_contain_text("Published.")
    with database.read() as session:
        assert flow_history.of_flow(session, "tea")[0].username == "mia"
    assert desk.complaints == []


def test_the_chat_talks_to_what_is_being_written_and_marks_the_step(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    page.locator(".cm-line", has_text="words:").click()
    for key in ("End", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.type(", chai")
    page.locator("#write").fill("chai")
    page.locator("#write").press("Enter")
    expect(page.locator(".theirs")).to_contain_text("想喝什麼？")
    expect(page.locator("[data-here]")).to_have_attribute("data-step", "0")
    expect(page.locator("#heard")).to_contain_text("想喝什麼？")
    expect(page.locator("#write")).to_be_focused()
    page.get_by_role("button", name="紅茶").click()
    page.get_by_role("button", name="3 days").click()
    expect(page.locator(".chat .lines")).to_contain_text("別忘了您的券喔。")
    expect(page.locator(".cm-editor")).to_be_visible()
    assert desk.complaints == []


def test_a_chat_that_a_mistake_has_stopped_begins_once_it_is_mended(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    desk.type_after("campaign: summer-tea", "s")
    expect(page.locator("#verdict")).to_contain_text("did you mean 'summer-tea'?")
    page.get_by_role("button", name="tea", exact=True).click()
    expect(page.locator("#try")).to_contain_text("There are mistakes in the text")
    page.locator(".cm-line", has_text="campaign:").first.click()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    expect(page.locator("#try")).to_contain_text("Nothing has been said.")
    assert desk.complaints == []


def test_the_chat_offers_what_starts_the_text_as_it_now_is(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    page.get_by_role("button", name="tea", exact=True).click()
    expect(page.locator(".theirs")).to_contain_text("想喝什麼？")
    page.locator("#after").fill("2 hours")
    desk.type_after("title: Tea for two", ", or three")
    expect(page.locator("#verdict")).to_contain_text("No mistakes: it can be published.")
    expect(page.locator(".theirs")).to_contain_text("想喝什麼？")
    page.locator(".cm-line", has_text="words:").click()
    for key in ("End", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.type(", chai")
    page.get_by_role("button", name="chai", exact=True).wait_for()
    expect(page.locator("[data-step='-1']")).to_contain_text("chai")
    expect(page.locator("#try .lines")).to_contain_text("The flow has changed, so this begins anew.")
    expect(page.locator(".cm-content")).to_be_focused()
    expect(page.locator("#after")).to_have_value("2 hours")
    assert desk.complaints == []


def test_the_first_mistake_is_told_above_the_editor_and_read_out(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    judged = page.locator("#judged")
    expect(judged).to_have_attribute("role", "status")
    expect(judged).to_have_text("No mistakes: it can be published.")
    desk.type_after("campaign: summer-tea", "s")
    expect(judged).to_contain_text("1 mistake to mend")
    expect(judged).to_contain_text("did you mean 'summer-tea'?")
    judged.get_by_role("link", name="Line 14").click()
    expect(page.locator(".cm-content")).to_be_focused()
    assert desk.complaints == []


def test_a_step_to_begin_with_is_put_in_below_the_cursors_line(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    page.locator(".cm-line", has_text="steps:").click()
    page.get_by_text("How it is written").click()
    page.get_by_role("button", name="Say something").click()
    expect(page.locator(".cm-content")).to_be_focused()
    expect(page.locator("#source")).to_have_value(
        TEXT.replace(
            "steps:\n",
            'steps:\n  - say:\n      zh-Hant: "{{ contact.name }}您好！"\n      en: "Hi {{ contact.name }}!"\n',
        )
    )
    assert desk.complaints == []


def test_enter_lets_the_time_pass_that_was_written(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}tea/edit")
    page.get_by_role("button", name="tea", exact=True).click()
    page.get_by_role("button", name="紅茶").click()
    expect(page.locator("#try .lines")).to_contain_text("這是您的券。")
    page.locator("#after").fill("2 days")
    page.locator("#after").press("Enter")
    expect(page.locator("#try .lines")).to_contain_text("別忘了您的券喔。")
    assert desk.complaints == []


def test_without_scripts_a_text_is_saved_and_talked_to(browser: Browser, address: str, database: Database) -> None:
    page = Desk(browser, address, has_scripts=False).page
    page.goto(f"{address}tea/edit")
    page.locator("textarea").fill(TEXT.replace("Tea for two", "Plain tea"))
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#saved")).to_contain_text("Draft: mia")
    with database.read() as session:
        saved = drafts.load(session, "tea")
    assert saved is not None
    assert saved.source == TEXT.replace("Tea for two", "Plain tea")
    page.goto(f"{address}tea/try")
    page.locator("#write").fill("tea")
    page.locator("#write").press("Enter")
    expect(page.locator(".theirs")).to_contain_text("想喝什麼？")


XMAS = """\
flow: xmas
languages: [en]
starts: [{at: 2099-12-24 10:00, with: {tag: vip}}]
steps:
  - say: Merry Christmas
"""


@pytest.fixture
def xmas(database: Database, tmp_path: Path) -> str:
    """A flow that begins at a time; the path of its question whether to stop it."""
    file = tmp_path / "xmas.yaml"
    file.write_text(XMAS, encoding="utf-8")
    with database.write() as session:
        release.publish(session, file, clock.now())
        contacts.tag(session, cast.contact(session, cast.MEI, clock.now()).id, "vip", clock.now())
    return "xmas/stop?at=2099-12-24T02:00:00%2B00:00"


@pytest.mark.usefixtures("xmas")
def test_a_start_is_stopped_and_taken_back_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}xmas")
    page.get_by_role("link", name="Stop… 2099-12-24 10:00").press("Enter")
    expect(page.locator("h1")).to_have_text("Stop the start of 2099-12-24 10:00?")
    expect(page.locator("form.card")).to_contain_text("it would begin with 1 people")
    page.get_by_role("button", name="Stop it").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Stopped.")).to_be_visible()
    page.get_by_role("link", name="Let it begin… 2099-12-24 10:00").press("Enter")
    page.get_by_role("button", name="Let it begin").press("Enter")
    expect(page.get_by_role("status").filter(has_text="The stop is taken back")).to_be_visible()
    expect(page.get_by_role("link", name="Stop… 2099-12-24 10:00")).to_be_visible()
    assert desk.complaints == []


def test_no_page_is_wider_than_a_phone(browser: Browser, address: str, xmas: str) -> None:
    desk = Desk(browser, address, PHONE)
    for path in ("", "new", "tea", "tea/edit", "tea/try", "tea/versions/1", "tea/difference?from=1&to=1", "xmas", xmas):
        desk.page.goto(address + path)
        expect(desk.page.locator("main h1")).to_be_visible()
        desk.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    desk.page.goto(f"{address}tea")
    expect(desk.page.locator("[data-step='-1'] rect")).to_be_in_viewport(ratio=0.9)
    assert desk.complaints == []
