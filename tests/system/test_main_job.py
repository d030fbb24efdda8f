"""The main job in a real browser, against the demo as `make demo` starts it: chat, coupon, page, serial, verified."""

import csv
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Page, ViewportSize, expect

from tests.system.shop import BIN, ROOT, Shop, free_port

JUDGE = ROOT.parent / "shared" / "tools" / "line_schema.py"
PHONE = ViewportSize(width=412, height=839)


@dataclass
class Demo:
    """The demo under test: where it is, its files, and the passwords it has printed."""

    url: str
    directory: Path
    environment: dict[str, str]
    passwords: dict[str, str]

    def records(self, campaign: str) -> list[dict[str, str]]:
        """`flask records CAMPAIGN --csv`."""
        words = [str(BIN / "flask"), "records", campaign, "--csv"]
        done = subprocess.run(words, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True)
        return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    directory = Path(tempfile.mkdtemp(prefix="tessera-"))
    port = free_port()
    environment = {**os.environ, "PORT": str(port), "VAR_DIR": str(directory / "var")}
    for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
        environment.pop(name, None)
    with (directory / "printed").open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / "flask"), "demo"], cwd=ROOT, env=environment, stdout=output, stderr=output
        )

    def printed() -> str:
        return (directory / "printed").read_text(encoding="utf-8")

    try:
        Shop.until(lambda: "is open. Ctrl-C" in printed() or process.poll() is not None, 60, "the demo is open")
        passwords = dict(re.findall(r"user name (\w+), password (\S+)", printed()))
        yield Demo(f"http://localhost:{port}", directory, environment, passwords)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


class Customer:
    """A person with the demo's phone."""

    def __init__(self, browser: Browser, demo: Demo, channel: str, name: str) -> None:
        context = browser.new_context(viewport={"width": 1280, "height": 1000}, device_scale_factor=2)
        self.page = context.new_page()
        self.page.goto(f"{demo.url}/simulator/")
        self.page.get_by_test_id(f"channel-{channel}").click()
        self.page.get_by_test_id("person").filter(has_text=name).click()

    def write(self, text: str) -> None:
        self.page.get_by_test_id("message-input").fill(text)
        self.page.get_by_test_id("send").click()

    def tap_reply(self, label: str) -> None:
        self.page.get_by_test_id("quick-reply").filter(has_text=label).click()

    def open_coupon(self) -> FrameLocator:
        self.page.get_by_test_id("message-button").last.click()
        return self.page.frame_locator("[data-testid=browser-page]")

    def coupon(self, word: str, answer: str) -> FrameLocator:
        """Ask for a coupon, answer the flow's question, and open it."""
        self.write(word)
        return self.answered(answer)

    def answered(self, answer: str) -> FrameLocator:
        """Answer the flow's question, and open the coupon that comes."""
        before = self.page.get_by_test_id("message-button").count()
        self.tap_reply(answer)
        expect(self.page.get_by_test_id("message-button")).to_have_count(before + 1)
        return self.open_coupon()


def redeem(coupon: FrameLocator) -> str:
    coupon.get_by_test_id("redeem").click()
    serial = coupon.get_by_test_id("serial")
    expect(serial).to_be_visible(timeout=10_000)
    return serial.inner_text()


def verify(browser: Browser, demo: Demo, serial: str) -> Page:
    """Log in as staff on a phone and verify a serial with the keyboard alone, as a scanner types."""
    page = browser.new_context(viewport=PHONE, locale="en").new_page()
    page.goto(f"{demo.url}/pos/")
    page.fill("#username", "staff")
    page.fill("#password", demo.passwords["staff"])
    page.press("#password", "Enter")
    page.get_by_test_id("serial-input").fill(serial)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("verify")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("verified")).to_be_visible()
    return page


def times_of(record: dict[str, str]) -> list[datetime]:
    return [datetime.fromisoformat(record[f"{step}_at"]) for step in ("sent", "opened", "redeemed", "verified")]


def test_a_line_customer_chats_redeems_and_is_verified_and_gets_no_second_one(browser: Browser, demo: Demo) -> None:
    mei = Customer(browser, demo, "line", "王小美")
    first = mei.coupon("優惠", "珍珠奶茶")
    expect(first.get_by_test_id("redeem")).to_be_visible()
    mei.page.get_by_test_id("browser-close").click()
    mei.page.get_by_test_id("menu").get_by_role("button", name="奶茶優惠").click()
    second = mei.answered("四季春茶")  # two coupons, before either is redeemed
    serial = redeem(second)
    shot = Image.open(io.BytesIO(second.get_by_test_id("barcode").screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(shot)] == [serial]

    page = verify(browser, demo, serial)
    page.get_by_test_id("serial-input").fill(serial.lower())
    page.keyboard.press("Enter")
    expect(page.locator("[data-reason=already_verified]")).to_be_visible()

    mei.page.get_by_test_id("browser-close").click()
    mei.page.get_by_test_id("message-button").first.click()
    frame = mei.page.frame_locator("[data-testid=browser-page]")
    expect(frame.get_by_role("heading", name="您已達兌換上限")).to_be_visible()
    mei.page.get_by_test_id("browser-close").click()
    mei.write("優惠")
    mei.tap_reply("珍珠奶茶")
    expect(mei.page.get_by_test_id("bot-message").last).to_contain_text("您已經領過這張優惠券囉")

    (record,) = [one for one in demo.records("summer-tea") if one["serial"] == serial]
    assert times_of(record) == sorted(times_of(record))
    assert (record["status"], record["store"], record["staff"]) == ("verified", "信義店 Xinyi", "staff")
    assert (record["contact"], record["channel"], record["flow"]) == ("王小美", "line", "summer-tea")


def test_a_messenger_customer_does_the_same_in_english(browser: Browser, demo: Demo) -> None:
    emma = Customer(browser, demo, "messenger", "Emma")
    emma.page.get_by_test_id("ice-breaker").filter(has_text="What is on offer?").click()
    serial = redeem(emma.answered("Four seasons tea"))
    verify(browser, demo, serial)
    (record,) = [one for one in demo.records("summer-tea") if one["serial"] == serial]
    assert times_of(record) == sorted(times_of(record))
    assert (record["contact"], record["channel"]) == ("Emma Lee", "messenger")


def test_a_fixed_serial_is_shown_as_a_qr_code_and_counts_down(browser: Browser, demo: Demo) -> None:
    alex = Customer(browser, demo, "line", "Alex")
    alex.page.get_by_test_id("add-friend").click()
    alex.tap_reply("Yes, please")
    expect(alex.page.get_by_test_id("message-button")).to_have_count(1)
    coupon = alex.open_coupon()
    assert redeem(coupon) == "COOKIE@5841"
    expect(coupon.locator("#left")).to_contain_text(re.compile(r"Time left (30:00|29:\d\d)"))
    shot = Image.open(io.BytesIO(coupon.get_by_test_id("barcode").screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(shot)] == ["COOKIE@5841"]


def test_the_marketer_sees_the_records_and_nothing_of_the_counter(browser: Browser, demo: Demo) -> None:
    page = browser.new_context(locale="en").new_page()
    page.goto(f"{demo.url}/console/")
    page.fill("#username", "marketer")
    page.fill("#password", demo.passwords["marketer"])
    page.press("#password", "Enter")
    page.get_by_role("link", name="夏日奶茶買一送一").click()
    page.get_by_role("link", name="Records", exact=True).first.click()
    expect(page.get_by_role("cell", name="王小美").first).to_be_visible()
    answer = page.goto(f"{demo.url}/pos/")
    assert answer is not None
    assert answer.status == 403


def test_a_marketer_answers_a_question_on_a_small_screen_and_the_customer_reads_it(
    browser: Browser, demo: Demo
) -> None:
    ming = Customer(browser, demo, "messenger", "林志明")
    ming.write("禮物")
    ming.tap_reply("我有問題")
    expect(ming.page.get_by_test_id("bot-message").last).to_contain_text("請直接留言")
    ming.write("<b>可以外送嗎？</b>")

    page = browser.new_context(viewport=ViewportSize(width=360, height=740), locale="zh-TW").new_page()
    page.goto(f"{demo.url}/console/contacts/?show=handed_over")
    page.fill("#username", "marketer")
    page.fill("#password", demo.passwords["marketer"])
    page.press("#password", "Enter")
    page.get_by_role("link", name="顧客", exact=True).click()
    page.get_by_role("link", name="由店員接手").click()
    page.get_by_role("link", name="林志明").click()
    expect(page.get_by_test_id("bubble").last).to_contain_text("<b>可以外送嗎？</b>")
    expect(page.get_by_test_id("window-open")).to_contain_text("還可以傳訊 23 小時")
    page.get_by_label("訊息", exact=True).fill("可以，滿三杯外送。")
    page.get_by_test_id("send").click()
    expect(page.get_by_test_id("told")).to_be_visible()
    expect(ming.page.get_by_test_id("bot-message").last).to_contain_text("可以，滿三杯外送。")
    page.get_by_label("活動").select_option("summer-tea")
    page.get_by_test_id("send-coupon").click()
    expect(ming.page.get_by_test_id("message-button").last).to_contain_text("打開優惠券")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_test_id("give-back").click()
    expect(page.get_by_test_id("answers")).to_have_text("機器人回答中")


def test_a_command_runs_with_the_demos_settings(demo: Demo) -> None:
    words = [str(BIN / "flask"), "demo", "messenger", "profile", "apply", "flows/menus/messenger.yaml"]
    done = subprocess.run(words, cwd=ROOT, env=demo.environment, capture_output=True, text=True, check=True)
    assert done.stdout == "Nothing to change.\n"


def test_no_secret_and_no_whole_token_is_in_any_log(demo: Demo) -> None:
    logs = "".join(path.read_text(errors="replace") for path in (demo.directory / "var" / "log").iterdir())
    assert "messages_sent" in logs
    with sqlite3.connect(demo.directory / "var" / "tessera.sqlite3") as database:
        tokens = [row[0] for row in database.execute("SELECT token FROM coupons")]
    secrets = [*tokens, *demo.passwords.values()]
    assert tokens
    assert [secret for secret in secrets if secret in logs] == []


if JUDGE.exists():  # LINE's own description of its API, where it is at hand

    def test_every_body_sent_to_line_fits_lines_own_description(demo: Demo) -> None:
        import jsonschema_rs  # noqa: PLC0415 (only here)

        spec = importlib.util.spec_from_file_location("line_schema", JUDGE)
        assert spec is not None and spec.loader is not None
        judge = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = judge
        spec.loader.exec_module(judge)
        with sqlite3.connect(demo.directory / "var" / "simulator.sqlite3") as database:
            rows = database.execute("SELECT path, request FROM traffic WHERE channel = 'line' AND method = 'POST'")
            bodies = [(path.rsplit("/", 1)[-1], json.loads(body)) for path, body in rows if "/message/" in path]
        assert bodies
        models = {"reply": "ReplyMessageRequest", "push": "PushMessageRequest"}
        for kind, body in bodies:
            validator = jsonschema_rs.validator_for(judge.for_model(models[kind]))
            assert [str(error) for error in validator.iter_errors(body)] == []
