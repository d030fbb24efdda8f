"""The whole application, served to a real browser, and a phone that notes what the page complains of."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from tests.doors import House

LINE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/131.0.0.0 Mobile Safari/537.36 Line/14.19.1/IAB"
)

expect.set_options(timeout=60_000)  # as long as a busy machine needs


@pytest.fixture
def address(house: House) -> Iterator[str]:
    """Where the house's pages are served."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Phone:
    """A customer's phone. `complaints` are errors of scripts, and what the content policy stopped."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.complaints: list[str] = []
        self.context.set_default_timeout(60_000)

    def open(self, url: str) -> Page:
        """A tab with a page."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda one: self.complaints.append(one.text) if "Content Security" in one.text else None)
        page.goto(url)
        return page


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., Phone]]:
    """Makes phones; none of their pages may complain."""
    made: list[Phone] = []

    def make(width: int = 360, height: int = 740, **options: object) -> Phone:
        named = {"viewport": {"width": width, "height": height}, "user_agent": LINE, "device_scale_factor": 2}
        made.append(Phone(browser.new_context(**{**named, **options})))  # type: ignore[arg-type]  # Playwright's own
        return made[-1]

    yield make
    for one in made:
        with closing(one.context):
            assert one.complaints == []
