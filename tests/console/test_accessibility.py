"""axe-core on every page for people who log in: whatever the application's map of addresses has, there is no list."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from core import clock, devices, hook_deliveries, hooks
from core.audit import Doer
from core.hooks import KINDS, Wanted
from db.tables import Contact, Coupon
from tests import cast, release
from tests.accessibility import violations
from tests.console.conftest import TEXT
from tests.doors import House
from tests.pos.api import till
from tests.web import doors

pytestmark = pytest.mark.any_database

# What stands for the variable part of an address. A page whose part is not here is not looked at, and the test fails.
STANDS_FOR = {
    "slug": "summer-tea",
    "name": "tea",
    "number": 1,
    "act": "archive",
    "deed": "disable",
    "state": "close",
    "step": "revoke",
    "store_id": 1,
    "device_id": 1,
    "pack_id": 1,
    "import_id": 1,
    "user_id": 1,
    "endpoint_id": 1,
    "delivery_id": 1,
    "token": "sample",
    "key_id": 1,
    "coupon_id": 1,
}
FOR_PEOPLE = ("/console", "/pos", "/login", "/api")
SIZES = (({"width": 360, "height": 740}, "light"), ({"width": 1600, "height": 1000}, "dark"))


@pytest.fixture
def address(house: House, tmp_path: Path) -> Iterator[str]:
    """A shop in which something has happened, served."""
    file = tmp_path / "tea.yaml"
    file.write_text(TEXT, encoding="utf-8")
    doors.people(house.database)
    with house.database.write() as session:
        cast.campaign(session, clock.now())
        release.publish(session, file, clock.now())
        token = cast.sent(session, cast.MEI, clock.now())
        devices.add(session, Doer(), 1, "Till 1", clock.now())
        wanted = Wanted("pos", "https://pos.example/hooks", KINDS)
        endpoint_id = hooks.add(session, Doer(), wanted, clock.now(), is_inside_allowed=False)
        assert isinstance(endpoint_id, int)
        hook_deliveries.test(session, endpoint_id, clock.now())
    till.key(house.database, clock.now())
    house.client().post(f"/c/{token}/redeem")
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def paths(app: Flask, house: House) -> list[str]:
    """The address of every page that can be opened by a GET."""
    with house.database.read() as session:
        known = {
            **STANDS_FOR,
            "contact_id": session.scalars(select(Contact.id)).first(),
            "reference": session.scalars(select(Coupon.reference)).first(),
        }
    found = []
    for rule in app.url_map.iter_rules():
        is_page = "GET" in (rule.methods or ()) and rule.rule.startswith(FOR_PEOPLE)
        if is_page and not rule.endpoint.endswith("static"):
            unknown = rule.arguments - known.keys()
            assert not unknown, f"{rule.rule}: what stands for {', '.join(unknown)} is missing here"
            _, path = rule.build({name: known[name] for name in rule.arguments}) or ("", "")
            found.append(path)
    return sorted(found)


def test_every_page_for_people_who_log_in_can_be_used_by_everybody(
    browser: Browser, house: House, address: str
) -> None:
    people = {"oda": doors.logged_in(house.app, "oda"), "ann": doors.logged_in(house.app, "ann")}
    shown = []
    for path in paths(house.app, house):
        reader = people["ann" if path.startswith("/pos") else "oda"]
        if reader.client.get(path).mimetype == "text/html":
            shown.append(path)
    assert "/console/flows/tea/edit" in shown
    page = browser.new_context(locale="en").new_page()
    page.set_default_timeout(60_000)
    found = []
    for who, ways in (("oda", "/console"), ("ann", "/pos"), ("", "/login"), ("", "/api")):
        page.context.clear_cookies()
        if who:
            cookie = people[who].client.get_cookie("tessera_session")
            assert cookie is not None
            page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])
        for path in (path for path in shown if path.startswith(ways)):
            page.goto(address + path)
            assert page.url.startswith(address + ways)
            found += looked_at(page)
    page.context.close()
    assert found == []


def looked_at(page: Page) -> list[str]:
    """What is wrong with a page on a phone in the light, and on a desk in the dark."""
    found = []
    for size, scheme in SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a size
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a scheme
        found += violations(page)
    return found
