"""Records in a real browser, on a phone and on a desk: an undo by keyboard alone, and pages that fit."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from werkzeug.serving import make_server

from core import clock, verification
from core.verification import Actor
from db.database import Database
from db.tables import Coupon, UndoneRedemption
from tests import cast
from tests.core.test_records_counting import count
from tests.system.test_flow_room import PHONE, Desk
from tests.web import doors

pytestmark = pytest.mark.any_database


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    """The doors, served, with two coupons of which one was verified."""
    doors.people(database)
    now = clock.now() - timedelta(hours=2)
    with database.write() as session:
        cast.campaign(session, now)
        token, _ = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
    cast.redeem(database, token, now)
    with database.write() as session:
        verification.verify(session, 1, "TEA-0001", Actor("pos", 1, 1), now)
    count(database, now)
    server = make_server("127.0.0.1", 0, doors.application(database), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/console/campaigns/summer-tea/records"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_marketer_finds_a_record_and_undoes_it_on_a_phone(browser: Browser, address: str, database: Database) -> None:
    desk = Desk(browser, address, PHONE)
    page = desk.page
    page.fill("#q", "tea-0001")
    page.press("#q", "Enter")
    expect(page.get_by_test_id("found")).to_contain_text("Found: 1", timeout=30_000)
    page.get_by_test_id("records").get_by_role("link").first.click()
    for what, told in (("verification", "can be verified again"), ("redemption", "limit is as before")):
        page.get_by_text(f"Undo the {what}…").focus()
        page.keyboard.press("Enter")
        if what == "redemption":
            page.get_by_label("is burnt, because").check()
        page.get_by_label("Reason").fill(f"wrong {what}")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("done")).to_contain_text(told, timeout=30_000)
    expect(page.get_by_test_id("history")).to_contain_text("serial TEA-0001 burnt · mia")
    root = address.removesuffix("/records")
    for path in ("/records", "/records?status=opened", "/records/refused", "/statistics", "/statistics?by=hour"):
        page.goto(root + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0], path
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.startswith("summer-tea-records-")
    assert desk.complaints == []
    desk.context.close()
    with database.read() as session:
        undone = session.scalars(select(UndoneRedemption)).one()
        assert (undone.reason, undone.is_burnt, undone.user_id) == ("wrong redemption", True, 3)
        assert session.scalars(select(Coupon.id).order_by(Coupon.id)).all() == [1, 2]
