"""The page's script while a claim waits for its answer, in a browser."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Route

import coupon_pages

SCRIPT = Path(coupon_pages.__path__[0]) / "static" / "page.js"
TROUBLE = {"error": "Service Unavailable", "detail": "Please wait a moment and try again."}


def test_a_page_that_waits_goes_on_waiting_while_the_shop_cannot_answer(browser: Browser) -> None:
    answers = [(503, TROUBLE), (200, {"state": "waiting"}), (503, TROUBLE), (200, {"state": "redeemed"})]
    loaded: list[str] = []

    def shop(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/status":
            status, body = answers.pop(0)
            route.fulfill(status=status, json=body)
        elif path == "/page.js":
            route.fulfill(path=SCRIPT, content_type="text/javascript")
        elif path == "/":
            loaded.append("waiting" if answers else "redeemed")
            data = f'data-state="{loaded[-1]}" data-opened="/opened" data-status="/status"'
            html = f'<!doctype html><body {data}><script type="module" src="/page.js"></script>'
            route.fulfill(body=html, content_type="text/html")
        else:
            route.fulfill(status=204)

    page = browser.new_page()
    page.route("**/*", shop)
    page.goto("http://shop.test/")
    page.wait_for_selector('body[data-state="redeemed"]', state="attached")
    page.close()
    assert loaded == ["waiting", "redeemed"]
