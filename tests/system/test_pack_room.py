"""A campaign's serials in a real browser: an upload with mistakes, watched and left; then the good ones."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from core import clock, serials
from db.database import Database
from tests import cast
from tests.console.test_packs import work
from tests.system.test_flow_room import DESK, PHONE, Desk
from tests.web import doors

pytestmark = pytest.mark.any_database


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    """The doors, served, with a campaign that has one pack."""
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, clock.now(), codes=3)
    server = make_server("127.0.0.1", 0, doors.application(database), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/console/campaigns/summer-tea/packs/"
    server.shutdown()
    thread.join()
    server.server_close()


def upload(page: Page, folder: Path, content: str) -> None:
    file = folder / "a-long-name-of-a-file-with-codes.csv"
    file.write_text(content, encoding="utf-8")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Upload").click()


def left(database: Database) -> int:
    with database.read() as session:
        return serials.stock(session, 1)


def test_a_file_with_mistakes_is_uploaded_watched_and_its_good_rows_taken(
    browser: Browser, address: str, database: Database, tmp_path: Path
) -> None:
    desk = Desk(browser, address)
    page = desk.page
    upload(page, tmp_path, "serial\nA1\nA1\nTEA-0002\n=1+1\nB2\n")
    expect(page.locator("progress")).to_be_visible()
    page.goto(address)  # leaving the page stops nothing
    page.get_by_role("link", name="a-long-name").click()
    expect(page.locator("progress")).to_be_visible()
    work(database, clock.now())
    expect(page.locator("#making")).to_contain_text("Good rows: 2. Rows that cannot be used: 3.")
    expect(page.get_by_role("region", name="Rows that cannot be used")).to_contain_text("'A1' is already in row 2.")
    assert left(database) == 3
    page.get_by_role("button", name="Add the good ones (2)").press("Enter")
    expect(page.locator("#making")).to_contain_text("Serials added: 2. Rows left out: 3.")
    assert left(database) == 5
    page.get_by_role("link", name="To the serials").click()
    expect(page.get_by_role("region", name="Packs", exact=True)).to_contain_text("a-long-name")
    page.evaluate("document.getElementById('upload').dataset.limit = 10")
    upload(page, tmp_path, "serial\nC1\nC2\n")
    expect(page.locator("#told")).to_contain_text("The file must be under 10 MB.")
    assert page.url.startswith(address)
    assert "imports/" not in page.url
    assert desk.complaints == []


def test_no_page_of_serials_is_wider_than_the_screen(
    browser: Browser, address: str, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        serials.add_fixed(session, 1, "FNA@5841", 1_000_000, clock.now())
    for size in (PHONE, DESK):
        desk = Desk(browser, address, size)
        page = desk.page

        def fits(page: Page = page, width: int = size[0]) -> None:
            assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url

        upload(page, tmp_path, "TEA1\nTEA2\n")
        expect(page.get_by_role("button", name="The column's name")).to_be_visible()
        fits()
        page.goto(address)
        upload(page, tmp_path, "serial\nA1\nA1\n=x\n" + "A2" * 40)
        expect(page.locator("progress")).to_be_visible()
        fits()
        work(database, clock.now())
        expect(page.get_by_role("button", name="Discard all")).to_be_visible()
        fits()
        page.goto(address)
        fits()
        page.get_by_role("link", name="Withdraw FNA@5841").click()
        fits()
        assert desk.complaints == []
