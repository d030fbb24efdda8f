"""A counter; and a served shop whose network can be pulled out and put back."""

import threading
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from db.database import Database
from tests import cast
from tests.doors import House
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser

expect.set_options(timeout=60_000)  # as long as a busy machine needs


@pytest.fixture
def app(database: Database, now: datetime, watch: Watch) -> Flask:
    """A counter with Mei's redeemed coupon of serial TEA-0001."""
    assert watch.at > now
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    return doors.application(database)


@pytest.fixture
def ann(app: Flask) -> Browser:
    return doors.logged_in(app, "ann")


class Net:
    """The way to the shop. Pulled out, nobody answers at its address."""

    def __init__(self, house: House) -> None:
        self._house, self.port = house, 0
        self.plug_in()

    def plug_in(self) -> None:
        self._server: BaseWSGIServer = make_server("127.0.0.1", self.port, self._house.app, threaded=True)
        self.port = self._server.port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def pull_out(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def net(house: House) -> Iterator[Net]:
    doors.people(house.database)
    made = Net(house)
    yield made
    made.pull_out()


def at_counter(context: BrowserContext, net: Net, username: str) -> Page:
    """Staff sign in, and the app has what it needs for when there is no network."""
    context.set_default_timeout(60_000)
    page = context.new_page()
    signs_in(page, net, username)
    ready(page)
    return page


def signs_in(page: Page, net: Net, username: str) -> None:
    page.goto(f"{net.address}/login?next=/pos/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", doors.PASSWORD)
    page.click("main button")


def ready(page: Page) -> None:
    expect(page.get_by_test_id("line")).to_have_attribute("data-state", "online")
    expect(page.locator("#line-list")).to_contain_text("just now")
    assert page.evaluate("navigator.serviceWorker.ready.then((registration) => registration.active !== null)")


def scan(page: Page, code: str) -> None:
    """A keyboard scanner types it, and Enter."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
