"""An owner manages outgoing webhooks; nobody else comes near them."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import clock, hook_deliveries, hook_signing, hooks
from core.hooks import KINDS
from db.database import Database
from db.tables import WebhookDelivery, WebhookEndpoint
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser

NEW = {"name": "POS", "url": "https://pos.example/hooks", "kind": ["redeemed", "verified"]}


@pytest.fixture
def oda(app: Flask) -> Browser:
    return doors.logged_in(app, "oda")


@pytest.fixture
def page(oda: Browser) -> str:
    """The address of an endpoint's page, with its token in hand."""
    oda.get("/console/webhooks/new")
    address = oda.post("/console/webhooks/new", **NEW).location
    assert address
    oda.get(address)
    return address


def test_an_owner_adds_one_whose_page_shows_the_secret_and_changes_what_it_hears_of(
    app: Flask, oda: Browser, database: Database
) -> None:
    assert "There is no webhook yet." in oda.get("/console/webhooks/").text
    oda.get("/console/webhooks/new")
    for change, words, field in (
        ({"name": ""}, "A name has 1 to 64 characters.", "name-error"),
        ({"url": "http://pos.example"}, "must begin with https", "url-error"),
        ({"url": "https://10.0.0.1/<script>"}, "within a private network", "url-error"),
        ({"kind": []}, "Choose at least one kind", "kinds-error"),
    ):
        again = oda.post("/console/webhooks/new", **NEW | change)
        assert again.status_code == 409 and words in again.text and f'id="{field}"' in again.text
        assert "<script>" not in again.text
    assert deeds(database, "webhook") == []
    address = oda.post("/console/webhooks/new", **NEW).location
    shown = oda.get(address).text
    with database.read() as session:
        endpoint = session.scalars(select(WebhookEndpoint)).one()
    assert hook_signing.secret(str(app.secret_key), endpoint.secret_salt) in shown.replace("&#43;", "+")
    assert endpoint.kinds == ["redeemed", "verified"]
    assert oda.post(address, **NEW | {"kind": list(KINDS), "name": "Till"}).location == address
    assert "Saved." in oda.get(address).text and "Till" in oda.get("/console/webhooks/").text
    assert deeds(database, "webhook") == [("oda", "webhook.added", "1"), ("oda", "webhook.changed", "1")]
    told = oda.get("/console/audit/").text
    assert "pos.example" in told and "pos.example/hooks" not in told  # its path may be a secret


def test_graver_deeds_ask_first_and_are_kept(app: Flask, oda: Browser, database: Database, page: str) -> None:
    before = secret(oda, page)
    for deed in ("rotate", "disable", "enable", "delete", "replay"):
        assert oda.get(f"{page}/{deed}").status_code == 200
    assert secret(oda, page) == before
    assert oda.post(f"{page}/rotate").location == page
    assert secret(oda, page) != before and "The one before counts as well until" in oda.get(page).text
    oda.post(f"{page}/disable")
    assert "Disabled since" in oda.get(page).text and oda.post(f"{page}/test").status_code == 409
    oda.post(f"{page}/enable")
    assert "Disabled since" not in oda.get(page).text
    done = [action.removeprefix("webhook.") for _, action, _ in deeds(database, "webhook")]
    assert done == ["added", "secret_changed", "disabled", "enabled"]
    for path in ("/console/webhooks/99", f"{page}/nothing", f"{page}/deliveries/99"):
        assert oda.get(path).status_code == 404
    mia = doors.logged_in(app, "mia")
    for path in ("/console/webhooks/", "/console/webhooks/new", page, f"{page}/rotate"):
        assert mia.get(path).status_code == 403
    for path in (page, f"{page}/rotate", f"{page}/test", f"{page}/replay"):
        assert mia.post(path, **NEW).status_code in (400, 403)
    assert len(deeds(database, "webhook")) == 4
    assert oda.post(f"{page}/delete").location == "/console/webhooks/"
    listed = oda.get("/console/webhooks/").text
    assert "POS is deleted." in listed and "There is no webhook yet." in listed
    assert oda.get(page).status_code == oda.post(f"{page}/enable").status_code == 404


def test_an_owner_alone_is_told_on_every_page_of_one_that_was_disabled_by_its_answer(
    app: Flask, oda: Browser, database: Database, page: str
) -> None:
    oda.post(f"{page}/test")
    with database.write() as session:
        hooks.is_gone(session, 1, "", clock.now())
    assert "It said that it is gone: 410" in oda.get(page).text
    assert oda.post(f"{page}/deliveries/1/replay").location == page
    assert "Disabled: nothing is sent until it is enabled." in oda.get(page).text
    told = oda.get("/console/contacts/").text
    assert f'<a href="{page}">POS</a>' in told and "was disabled: it answered that it is gone (410)" in told
    assert "it is gone" not in doors.logged_in(app, "mia").get("/console/contacts/").text


def test_deliveries_are_listed_by_what_became_of_them_and_sent_again(
    oda: Browser, database: Database, page: str
) -> None:
    test = oda.post(f"{page}/test").location
    assert test == f"{page}/deliveries/1" and "evt_" in oda.get(test).text
    now = clock.now()
    with database.write() as session:
        (parcel,) = hook_deliveries.take(session, 1, 9, now)
        hook_deliveries.settle(session, parcel, hook_deliveries.Answer(403, "<b>bad key</b>"), now)
        for _ in range(hook_deliveries.PAGE):
            hook_deliveries.test(session, 1, now)
        session.execute(update(WebhookDelivery).where(WebhookDelivery.id == 1).values(due_at=None))
    first = oda.get(page).text
    assert "bad key" not in first and 'rel="next"' in first
    (after,) = re.findall(r"after=(\d+)", first)
    assert "&lt;b&gt;bad key&lt;/b&gt;" in oda.get(f"{page}?after={after}").text
    failed = oda.get(f"{page}?state=failed").text
    assert failed.count("<tr>") == 2 and "&lt;b&gt;bad key&lt;/b&gt;" in failed and "given up 1" in failed
    assert "There is none of these." in oda.get(f"{page}?state=delivered").text
    assert oda.get(f"{page}?state=lost&after=x&before=-1").status_code == 200
    assert oda.post(f"{page}/replay", since="yesterday").status_code == 400
    local = now.astimezone(doors.TAIPEI)
    assert replayed(oda, page, local + timedelta(minutes=2)) == "0 are sent again."
    assert replayed(oda, page, local - timedelta(minutes=2)) == "1 are sent again."
    assert oda.post(f"{page}/deliveries/2/replay").location == page
    assert oda.post(f"{page}/deliveries/99/replay").status_code == 404
    done = [action for _, action, _ in deeds(database, "webhook")]
    assert done == ["webhook.added", *["webhook.replayed"] * 3]
    with database.read() as session:
        assert hook_deliveries.count(session, 1, "failed") == 0


def replayed(oda: Browser, page: str, since: datetime) -> str:
    assert oda.post(f"{page}/replay", since=since.strftime("%Y-%m-%dT%H:%M")).location == page
    (told,) = re.findall(r"\d are sent again\.", oda.get(page).text)
    return str(told)


def secret(oda: Browser, page: str) -> str:
    (found,) = re.findall(r'data-testid="secret">([^<]+)<', oda.get(page).text)
    return str(found)
