"""Every face of the coupon's page, in any language, drawn by the application from looks at coupons that nobody has.

`python -m tests.coupon_pages.states FOLDER` takes pictures of them all, for people to look at.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Response
from playwright.sync_api import Browser, Page, Route, sync_playwright

import app as application
from core import clock
from core.campaigns import Spec
from core.coupon_view import CouponView, State
from core.reasons import Reason
from coupon_pages import views
from db.tables import Campaign
from settings import Settings
from tests.web.doors import NO_REDIS

ROOT = Path(__file__).parent.parent.parent
PLACE = "http://shop.test"
TOKEN = "a-token-of-nobodys-coupon"
TAGS = {"zh-Hant": "zh-TW", "en": "en", "ja": "ja", "th": "th"}
ENGLISH = {
    "name": "Buy one summer milk tea, get one free",
    "instructions": "Buy any large drink and get the same one free.\nOne per person.",
    "sold_out_text": "That was quick! All free teas are gone. The next ones come on Friday.",
    "expired_text": "This tea has gone cold. Say hello in the chat for a new one.",
}
SPEC = Spec(
    slug="summer-tea",
    name="夏日奶茶買一送一",
    instructions="購買任一大杯飲品，結帳時出示本券，即可再送一杯同款飲品。\n每人限用一次，不得與其他優惠併用。",
    expires_from="sending",
    expires_after_seconds=14 * 86_400,
    image_id="a" * 64,
    barcode="code128",
    background_color="#FDE8D3",
    button_color="#B45309",
    has_verify_button=True,
    used_in="store",
    products_url="https://shop.example/collections/tea",
    translations={"en": ENGLISH},
)


def campaign(at: datetime, **changes: object) -> Campaign:
    """A campaign that is in no database."""
    return Campaign(id=1, created_at=at, updated_at=at, **vars(replace(SPEC, **changes)))  # type: ignore[arg-type]


def looks(language: str) -> dict[str, CouponView | None]:
    """A look at a coupon in each state, for a contact who speaks `language`."""
    now = clock.now()
    soon, gone = now + timedelta(minutes=29, seconds=41), now - timedelta(minutes=5)
    ours = campaign(now)
    opened = CouponView(
        coupon_id=1,
        campaign=ours,
        language=TAGS[language],
        reference="96DVGXT2",
        state=State.OPEN,
        reason=None,
        serial=None,
        expires_at=now + timedelta(days=14),
        sent_at=gone,
        redeemed_at=None,
        verified_at=None,
    )
    got: dict[str, Any] = {"state": State.REDEEMED, "redeemed_at": gone, "serial": "TEA-7QK2-9F"}
    used: dict[str, Any] = {**got, "state": State.VERIFIED, "verified_at": now}
    countdown: dict[str, Any] = {"expires_from": "redemption", "expires_after_seconds": 1800}

    def refused(reason: Reason, of: Campaign = ours) -> CouponView:
        return replace(opened, state=State.REFUSED, reason=reason, campaign=of)

    return {
        "open": opened,
        "open-countdown": replace(opened, campaign=campaign(now, **countdown, used_in="both"), expires_at=None),
        "open-undone": replace(opened, undone_at=gone),
        "waiting": replace(opened, state=State.WAITING),
        "redeemed": replace(
            opened, **got, stores=("信義店", "板橋店"), campaign=campaign(now, used_from=now + timedelta(hours=3))
        ),
        "redeemed-qr": replace(
            opened,
            **{**got, "serial": "COOKIE@5841"},
            campaign=campaign(now, barcode="qr", **countdown),
            expires_at=soon,
        ),
        "redeemed-long": replace(
            opened,
            **{**got, "serial": "FNA-5841-XY"},
            campaign=campaign(now, barcode="code39", background_color="#1E1B4B", used_in="both"),
            expires_at=now + timedelta(hours=26),
        ),
        "verified": replace(opened, **used, verified_in="信義店 Xinyi"),
        "verified-page": replace(opened, **used, campaign=campaign(now, used_in="online", products_url=None)),
        "expired": refused(Reason.EXPIRED),
        "expired-own-words": refused(
            Reason.EXPIRED, campaign(now, expired_text="這張券放太久，茶都涼了。歡迎再來聊聊！")
        ),
        "ended": refused(Reason.ENDED),
        "limit-reached": replace(refused(Reason.LIMIT_REACHED), undone_at=gone),
        "sold-out-own-words": refused(Reason.SOLD_OUT, campaign(now, sold_out_text="好快！全部送完了，週五再來一批。")),
        "not-started": refused(Reason.NOT_STARTED, campaign(now, sends_from=now + timedelta(hours=3))),
        "unknown": None,
    }


@contextmanager
def album(browser: Browser, language: str, **options: Any) -> Iterator[tuple[Page, list[str]]]:  # noqa: ANN401 (Playwright's)
    """A page on which `PLACE/c/<name of a look>` opens that state, and what it complained of."""
    drawn = _drawn(language)
    complaints: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{PLACE}/c/").split("#")[0]
        if route.request.url.startswith(f"{PLACE}/images/"):
            route.fulfill(path=ROOT / "demo" / "summer-tea.jpg", content_type="image/jpeg")
        elif name in drawn:
            route.fulfill(body=drawn[name].get_data(as_text=True), headers=dict(drawn[name].headers.items()))
        else:
            route.fulfill(status=204)

    context = browser.new_context(**options)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda one: complaints.append(one.text) if "Content Security" in one.text else None)
    page.route("**/*", answer)
    yield page, complaints
    context.close()


def _drawn(language: str) -> dict[str, Response]:
    """The application's answers; nothing is asked of its database."""
    named = {"secret_key": "for pictures", "redis_url": NO_REDIS, "public_url": PLACE, "shop_name": "日日茶"}
    shop = application.create_app(Settings(**named))  # type: ignore[arg-type]  # words all of them
    answers = {}
    for name, view in looks(language).items():
        with shop.test_request_context(f"/c/{TOKEN}", headers={"Accept-Language": language}):
            answers[name] = shop.process_response(views.page_of(view))
    return answers


def main(folder: Path) -> None:
    """Take the pictures: every state, light and dark, at 360 and 1600 pixels, in four languages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        for language in TAGS:
            for width, scheme in ((360, "light"), (360, "dark"), (1600, "light"), (1600, "dark")):
                size = {"width": width, "height": 740 if width == 360 else 900}
                with album(browser, language, viewport=size, color_scheme=scheme) as (page, _):
                    for name in looks(language):
                        page.goto(f"{PLACE}/c/{name}")
                        page.screenshot(path=folder / f"{width}-{scheme}-{language}-{name}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
