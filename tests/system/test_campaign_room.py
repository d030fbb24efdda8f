"""The room for campaigns in a real browser, under the shop's content policy: from nothing to a published campaign."""

import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from core import campaigns, clock, images
from core.audit import Doer
from core.campaigns import Spec
from db.database import Database
from tests import cast
from tests.core.test_images import written
from tests.doors import House
from tests.system.test_flow_room import DESK, PHONE, Desk
from tests.web import doors

pytestmark = pytest.mark.any_database

FACES = {
    "Open": ("兌換", "Redeem"),
    "Waiting": ("正在為您兌換", "Redeeming your coupon"),
    "Redeemed": ("SAMPLE-0001", "SAMPLE-0001"),
    "Verified": ("核銷完成", "Verified on"),
    "Expired": ("過期", "expired"),
    "Sold out": ("兌換完畢", "All coupons have been redeemed"),
}
# The phone's page runs nothing, as it must; the browser mentions its script.
KNOWN = (
    "Blocked script execution",
    "Refused to execute the redirect",
)  # a page that waits, and its script, which may not run in the frame


@pytest.fixture
def address(house: House, database: Database) -> Iterator[str]:
    """The whole application, served."""
    doors.people(database)
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    expect.set_options(timeout=30_000)  # each word typed is a page drawn by the server: a busy machine takes its time
    yield f"http://127.0.0.1:{server.port}/console/campaigns/"
    expect.set_options(timeout=5_000)
    server.shutdown()
    thread.join()
    server.server_close()


def stored(database: Database, slug: str) -> Spec:
    with database.read() as session:
        campaign = campaigns.by_slug(session, slug)
        assert campaign is not None
        return campaigns.spec_of(campaign)


def complaints(desk: Desk) -> list[str]:
    return [one for one in desk.complaints if not any(known in one for known in KNOWN)]


def test_from_nothing_to_a_published_campaign_that_was_seen_in_every_state(
    browser: Browser, address: str, database: Database, tmp_path: Path
) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.get_by_role("link", name="Add the first campaign").click()
    phone = page.frame_locator("#phone iframe:not(.coming)").locator("body")
    expect(phone).to_contain_text("(no name yet)")
    page.get_by_label("Name (Traditional Chinese) needed").fill("奶茶買一送一")
    expect(phone).to_contain_text("奶茶買一送一")
    page.locator("details[data-language=en] > summary").click()
    page.locator("[id='name.en']").fill("Two teas for one")
    for face, (zh, en) in FACES.items():
        page.get_by_role("radio", name=face, exact=True).check()
        page.get_by_label("Language", exact=True).select_option("zh-TW")
        expect(phone).to_contain_text(zh)
        page.get_by_label("Language", exact=True).select_option("en")
        expect(phone).to_contain_text(en)
    page.locator("#button_color").fill("#F97316")
    weak = page.get_by_test_id("weak")
    expect(weak).to_contain_text("contrast of 2.8:1")
    weak.get_by_role("button", name="Make the button color #").click()
    expect(weak).to_have_count(0)
    tall = Pillow.new("RGB", (400, 800), "#00ff00")
    tall.paste("#ff0000", (0, 0, 400, 400))
    (tmp_path / "tall.png").write_bytes(written(tall, "PNG"))
    page.locator("#picture").set_input_files(tmp_path / "tall.png")
    canvas = page.locator("#crop canvas")
    expect(canvas).to_be_focused()
    for _ in range(40):
        page.keyboard.press("ArrowDown")  # the picture moves down: its upper half comes into the square
    page.get_by_role("button", name="Use this").click()
    expect(page.locator("#chosen img")).to_be_visible()
    expect(phone.locator("img")).to_be_visible()
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_test_id("done")).to_contain_text("Added.")
    spec = stored(database, "two-teas-for-one")
    assert spec.is_published and spec.translations == {"en": {"name": "Two teas for one"}}
    with database.read() as session:
        kept = images.load(session, spec.image_id or "")
    assert kept is not None
    square = Pillow.open(io.BytesIO(kept[1])).convert("RGB")
    assert square.size == (960, 960)
    assert all(square.getpixel((480, y)) == (255, 0, 0) for y in (5, 480, 950))
    assert complaints(desk) == []


SEEN = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  if (["BODY", "IFRAME"].includes(one.tagName)) return "";
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return top && (one === top || one.contains(top) || top.contains(one)) ? "" : one.id || one.name;
}"""


def test_with_keys_alone_no_field_is_behind_the_bar_and_each_failure_is_where_one_is(
    browser: Browser, address: str
) -> None:
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}new")
    hidden = set[str]()
    for _ in range(65):
        page.keyboard.press("Tab")
        hidden.add(page.evaluate(SEEN))
    assert hidden == {""}
    page.locator("#total_limit").fill("many")
    page.locator("#total_limit").press("Enter")
    failure = page.get_by_test_id("failure")
    expect(failure).to_be_focused()
    expect(failure.get_by_role("link")).to_have_text(["Name (Traditional Chinese)", "Total limit"])
    failure.get_by_role("link", name="Total limit").press("Enter")
    expect(page.locator("#total_limit")).to_be_focused()
    page.locator("#total_limit").fill("5")
    page.locator("#total_limit").press("Enter")
    expect(failure).to_be_focused()
    expect(failure.get_by_role("link")).to_have_count(1)
    desk.context.close()


def test_a_stale_form_shows_what_changed_and_a_picture_that_is_none_is_told_at_its_field(
    browser: Browser, address: str, database: Database, tmp_path: Path
) -> None:
    with database.write() as session:
        cast.campaign(session, clock.now())
    desk = Desk(browser, address)
    page = desk.page
    page.goto(f"{address}summer-tea/edit")
    (tmp_path / "a.png").write_bytes(b"<svg onload=alert(1)>")
    page.locator("#picture").set_input_files(tmp_path / "a.png")
    expect(page.locator("#picture-wrong")).to_contain_text("a.png is not a whole JPEG or PNG picture.")
    page.get_by_label("Redemption limit").fill("3")
    with database.write() as session:
        theirs = replace(cast.TEA, name="Leo's tea")
        campaigns.change(session, "summer-tea", theirs, 1, Doer(None, "leo"), "console", clock.now())
    page.locator("[id='instructions.zh-TW']").fill("Mia's words")
    page.get_by_role("button", name="Save", exact=True).click()
    failure = page.get_by_test_id("failure")
    expect(failure).to_be_focused()
    expect(failure).to_contain_text("somebody changed this campaign")
    expect(failure).to_contain_text("leo")
    expect(page.locator("[id='name.zh-TW']")).to_have_value("Leo's tea")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_test_id("done")).to_contain_text("Saved.")
    assert stored(database, "summer-tea") == replace(theirs, redemption_limit=3, instructions="Mia's words")
    asked = {"the server responded with a status of 409", "the server responded with a status of 422"}
    assert [one for one in complaints(desk) if not any(known in one for known in asked)] == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_without_scripts_the_form_is_whole_and_the_phone_shows_on_request(
    browser: Browser, address: str, size: tuple[int, int], database: Database
) -> None:
    desk = Desk(browser, address, size, has_scripts=False)
    page = desk.page
    page.goto(f"{address}new")
    page.locator("[id='name.zh-TW']").fill("No scripts")
    page.get_by_label("Verified", exact=True).check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.frame_locator("iframe[name=preview]").locator("body")).to_contain_text("No scripts")
    page.locator("#button_color").fill("red")
    page.get_by_role("button", name="Save as a draft").click()
    page.get_by_test_id("failure").get_by_role("link", name="Button color").click()
    assert "button_color" in page.url
    page.locator("#button_color").fill("#F97316")
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_test_id("done")).to_be_visible()
    for path in ("", "no-scripts/edit", "no-scripts/", "no-scripts/archive"):
        page.goto(f"{address}{path}")
        box = page.locator("main").bounding_box()
        assert box is not None and box["width"] <= size[0]
    assert not stored(database, "no-scripts").is_published
