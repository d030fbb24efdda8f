"""The counter's app in a real browser: it scans, and goes on without a network."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from sqlalchemy import select

from core import clock, devices, pins, users
from core.audit import Doer
from core.devices import Code
from db.database import Database
from db.tables import Redemption, Serial, User, Verification, VerificationAttempt, VerificationConflict
from pos import shell
from tests import cast
from tests.accessibility import assert_accessible
from tests.doors import House
from tests.pos.conftest import Net, at_counter, ready, scan, signs_in

pytestmark = pytest.mark.any_database
PHONE = {"width": 360, "height": 740}
PIN = "8306"


def redeemed(database: Database, customers: int) -> str:
    """As many customers with TEA-0001, TEA-0002, ...; returns the first one's token."""
    at = clock.now() - timedelta(minutes=1)
    with database.write() as session:
        cast.campaign(session, at, codes=customers)
        tokens = [cast.sent(session, ("line", f"U{number:032x}"), at) for number in range(customers)]
    for token in tokens:
        cast.redeem(database, token, at)
    cast.count(database, clock.now())
    return tokens[0]


def verified(database: Database) -> dict[str, tuple[datetime, bool]]:
    statement = (
        select(Serial.code, Verification.verified_at, Verification.is_offline)
        .join(Redemption, Redemption.id == Verification.redemption_id)
        .join(Serial, (Serial.pack_id == Redemption.pack_id) & (Serial.position == Redemption.position))
    )
    with database.read() as session:
        return {code: (at, is_offline) for code, at, is_offline in session.execute(statement)}


@pytest.fixture
def profile(browser: Browser, tmp_path: Path) -> Iterator["Profile"]:
    made = Profile(browser, tmp_path / "profile")
    yield made
    made.close()


class Profile:
    """A device's browser, which can be closed and opened again."""

    def __init__(self, browser: Browser, directory: Path) -> None:
        self._browser, self._directory = browser, directory
        self.context: BrowserContext | None = None

    def open(self) -> BrowserContext:
        self.context = self._browser.browser_type.launch_persistent_context(
            self._directory,
            executable_path="/usr/bin/chromium",
            args=["--disable-dev-shm-usage"],
            viewport=PHONE,  # type: ignore[arg-type]  # a size
            locale="en",
        )
        return self.context

    def close(self) -> None:
        if self.context:
            self.context.close()
            self.context = None


def counts(page: Page, code: str) -> str:
    """Scan a coupon and verify it; returns the time by the device at which it was offered."""
    scan(page, code)
    shown = unicodedata.normalize("NFKC", code)
    expect(page.get_by_test_id("coupon")).to_contain_text(shown)
    before = str(page.evaluate("new Date().toISOString()"))
    page.get_by_test_id("verify").click()
    expect(page.get_by_test_id("verified")).to_contain_text(shown)
    return before


def test_a_counter_goes_on_without_a_network_and_tells_everything_once_it_is_back(
    browser: Browser, profile: Profile, house: House, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    redeemed(house.database, 7)
    ann = at_counter(profile.open(), net, "ann")
    bob = at_counter(browser.new_context(locale="en"), net, "bob")
    counts(ann, "TEA-0007")
    expect(ann.get_by_test_id("verified")).to_have_attribute("data-tone", "yes")
    assert ann.evaluate("document.documentElement.dataset.sounded") == "yes"

    net.pull_out()
    times = {code: counts(ann, code) for code in ("TEA-0001", "tea-0002", "ＴＥＡ－０００３", "TEA-0004", "TEA-0005")}
    expect(ann.get_by_test_id("line")).to_have_attribute("data-state", "offline")
    expect(ann.get_by_test_id("line")).to_contain_text("5 waiting to be told")
    assert_accessible(ann)
    scan(ann, "TEA-0002")  # the same once more, on the same device
    expect(ann.get_by_test_id("coupon")).to_have_attribute("data-reason", "already_verified")
    scan(ann, "TEA-0404")
    expect(ann.get_by_test_id("refused")).to_have_attribute("data-reason", "not_listed")
    counts(bob, "TEA-0005")  # the same once more, in another store

    profile.close()
    ann = profile.open().new_page()
    ann.goto(f"{net.address}/pos/")
    expect(ann.get_by_test_id("line")).to_contain_text("5 waiting to be told")
    scan(ann, "TEA-0001")
    expect(ann.get_by_test_id("coupon")).to_have_attribute("data-reason", "already_verified")
    assert set(verified(house.database)) == {"TEA-0007"}

    net.plug_in()
    ann.evaluate("dispatchEvent(new Event('online'))")
    expect(ann.get_by_test_id("line")).to_contain_text("nothing waits")
    kept = verified(house.database)
    assert set(kept) == {f"TEA-000{number}" for number in (1, 2, 3, 4, 5, 7)}
    for (_, before), (at, is_offline) in zip(times.items(), [kept[f"TEA-000{n}"] for n in range(1, 6)], strict=True):
        assert is_offline and timedelta() <= at - datetime.fromisoformat(before) < timedelta(seconds=30)

    bob.evaluate("dispatchEvent(new Event('online'))")
    told = bob.get_by_test_id("conflicts")
    expect(told).to_contain_text("TEA-0005")
    expect(told).to_contain_text("Verified first:")
    expect(told).to_contain_text("Xinyi · ann")
    bob.click("#conflicts-seen")
    expect(told).to_be_hidden()
    with house.database.read() as session:
        assert len(session.scalars(select(VerificationConflict)).all()) == 1
        assert len(session.scalars(select(VerificationAttempt).where(VerificationAttempt.is_offline)).all()) == 6

    monkeypatch.setattr(shell, "VERSION", "the-next-one")
    assert ann.evaluate("caches.keys()") != ["counter-the-next-one"]
    ann.keyboard.press("Escape")
    ann.goto(f"{net.address}/pos/")  # nobody is being served: the new version takes over, and the old one is gone
    ann.wait_for_function("caches.keys().then((names) => names.join() === 'counter-the-next-one')")
    ready(ann)
    logs_out_and_leaves_nothing(ann, net)
    bob.context.close()


def test_what_is_scanned_before_the_shop_has_said_who_is_there_waits_for_that(
    browser: Browser, house: House, net: Net
) -> None:
    redeemed(house.database, 1)
    held: list[Route] = []
    page = browser.new_context(locale="en").new_page()
    page.route("**/offline/state", lambda route: held.append(route))  # noqa: PLW0108 (Playwright takes no built-in)
    with page.expect_request("**/offline/state"):  # before the script runs there is nothing that waits
        signs_in(page, net, "ann")
    scan(page, "TEA-0001")
    page.wait_for_function("() => document.getElementById('entered').value === ''")
    held[0].continue_()
    expect(page.get_by_test_id("coupon")).to_contain_text("TEA-0001")
    page.context.close()


def test_a_device_that_was_locked_when_the_network_went_goes_on_and_the_next_one_tells(
    browser: Browser, house: House, net: Net
) -> None:
    redeemed(house.database, 1)
    with house.database.write() as session:
        ann = users.id_of(session, "ann") or 0
        made = devices.add(session, Doer(), session.get_one(User, ann).store_id or 0, "Till", clock.now())
        assert isinstance(made, Code)
        bound = devices.bind(session, made.code, clock.now())
        assert isinstance(bound, tuple)
        pins.put(session, Doer(), ann, users.hashed(PIN), clock.now())
    context = browser.new_context(viewport=PHONE, locale="en")  # type: ignore[arg-type]  # a size
    context.add_cookies([{"name": "tessera_device", "value": bound[1], "url": net.address}])
    page = context.new_page()
    page.goto(f"{net.address}/pos/sign-in")
    signs_in_with_a_pin(page)
    page.get_by_test_id("switch").click()
    expect(page.get_by_role("heading", name="Who are you?")).to_be_visible()
    net.pull_out()
    page.get_by_test_id("name").click()  # leads to the app, as nobody can sign in
    expect(page.get_by_test_id("line")).to_have_attribute("data-state", "offline")
    counts(page, "TEA-0001")
    expect(page.locator("#queue li")).not_to_contain_text("ann")  # who has gone
    net.plug_in()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_test_id("line")).to_have_attribute("data-state", "signed_out")
    expect(page.locator("#line-list")).not_to_contain_text("no list")
    page.click("#sign-in")
    signs_in_with_a_pin(page)
    expect(page.get_by_test_id("line")).to_contain_text("nothing waits")
    assert verified(house.database)["TEA-0001"][1]
    context.close()


def signs_in_with_a_pin(page: Page) -> None:
    page.get_by_test_id("name").click()
    page.fill("#pin", PIN)
    page.keyboard.press("Enter")
    ready(page)


def logs_out_and_leaves_nothing(page: Page, net: Net) -> None:
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    net.pull_out()
    page.goto(f"{net.address}/pos/")
    expect(page.locator("#line-list")).to_contain_text("no list to verify by")
    net.plug_in()


def film(picture: bytes, path: Path) -> None:
    """A camera's film that shows the picture, in grey."""
    width, height = 1280, 720
    image = Image.open(BytesIO(picture)).convert("L")
    image.thumbnail((width, height))
    frame = Image.new("L", (width, height), 200)
    frame.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    colour = bytes([128]) * (width * height // 2)
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + (b"FRAME\n" + frame.tobytes() + colour) * 3)


def test_the_camera_reads_the_barcode_on_a_customers_phone(
    browser: Browser, house: House, net: Net, tmp_path: Path
) -> None:
    token = redeemed(house.database, 1)
    phone = browser.new_context(viewport=PHONE, device_scale_factor=3, locale="en").new_page()  # type: ignore[arg-type]
    phone.goto(f"{net.address}/c/{token}")
    barcode = phone.locator("[data-testid=barcode]")
    barcode.scroll_into_view_if_needed()
    place = barcode.bounding_box()
    assert place is not None
    clip = {"x": 0, "y": max(0, place["y"] - 20), "width": 360, "height": place["height"] + 60}
    film(phone.screenshot(clip=clip), tmp_path / "film.y4m")  # type: ignore[arg-type]  # a place
    phone.context.close()
    opened = browser.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=[
            "--disable-dev-shm-usage",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={tmp_path / 'film.y4m'}",
        ],
    )
    page = at_counter(opened.new_context(viewport=PHONE, locale="en"), net, "ann")  # type: ignore[arg-type]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_test_id("scan").click()
    expect(page.get_by_test_id("coupon")).to_contain_text("TEA-0001")
    expect(page.locator("#camera")).to_be_hidden()
    page.goto(f"{net.address}/pos/customers/")  # who holds the phone is found by it, too
    page.get_by_test_id("scan").click()
    expect(page).to_have_url(re.compile("/pos/customers/[0-9]+$"))
    page.goto(f"{net.address}/pos/customers/")
    page.get_by_role("button", name="Find", exact=True).focus()
    scan(page, "TEA-0001")  # a scanner's keys go to the field wherever the focus is
    expect(page).to_have_url(re.compile("/pos/customers/[0-9]+$"))
    page.goto(f"{net.address}/pos/")
    ready(page)
    scan(page, "TEA-0001")
    expect(page.get_by_test_id("coupon")).to_contain_text("TEA-0001")
    assert all(url.startswith(net.address) for url in asked)
    page.get_by_test_id("verify").click()
    expect(page.get_by_test_id("verified")).to_contain_text("TEA-0001")
    scan(page, f"U{0:032x}")  # no serial, but somebody
    page.get_by_test_id("whose").click()
    expect(page).to_have_url(re.compile("/pos/customers/[0-9]+$"))
    opened.close()
    assert datetime.now(UTC) - verified(house.database)["TEA-0001"][0] < timedelta(minutes=5)
