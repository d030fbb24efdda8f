"""An owner manages people; everybody manages their own account."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from console.account import overview
from core import user_changes, users
from core.audit import Doer
from core.user_changes import Wanted
from db.database import Database
from db.tables import Mail, Store, User
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser
from web.services import KEY

NEW = {"username": "eve", "role": "marketer", "store": "", "email": ""}


@pytest.fixture
def oda(app: Flask) -> Browser:
    return doors.logged_in(app, "oda")


def number(database: Database, name: str) -> int:
    with database.read() as session:
        return users.id_of(session, name) or 0


def test_an_owner_adds_somebody_who_chooses_a_password_by_a_link_shown_once(
    app: Flask, oda: Browser, database: Database
) -> None:
    oda.get("/console/people/new")
    page = oda.post("/console/people/new", **NEW | {"role": "staff", "store": "Banqiao"})
    (link,) = re.findall(r"http://localhost(/password/[^<\s]+)", page.text)
    eve = number(database, "eve")
    assert link not in oda.get(f"/console/people/{eve}").text
    assert "no password yet" in oda.get("/console/people/").text
    visitor = doors.browser(app)
    assert visitor.log_in("eve", "").status_code == 401  # nobody gets in before
    visitor.get(link)
    visitor.post(link, password="a longer password", again="a longer password")
    assert visitor.log_in("eve", "a longer password").location == "/pos/"
    assert deeds(database) == [
        ("oda", "user.added", "eve"),
        ("oda", "user.link_made", "eve"),
        ("eve", "user.password_chosen", "eve"),
    ]


def test_what_cannot_be_is_said_at_its_field_and_what_was_typed_stays(oda: Browser, database: Database) -> None:
    oda.get("/console/people/new")
    for change, words, field in (
        ({"username": "ann"}, "Somebody has this user name already.", "username"),
        ({"role": "staff"}, "Staff need a store", "store"),
        ({"role": "staff", "store": "Xinyi "[:4]}, "There is no store of this name.", "store"),
        ({"email": "<script>@x"}, "This is no e-mail address.", "email"),
    ):
        page = oda.post("/console/people/new", **NEW | change)
        assert page.status_code == 409 and words in page.text
        assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-error"[^>]*aria-invalid="true"', page.text)
        assert 'value="eve"' in page.text or field == "username"
        assert "<script>@x" not in page.text
    assert oda.post("/console/people/new", **NEW | {"role": "admin"}).status_code == 400
    assert number(database, "eve") == 0
    ann = f"/console/people/{number(database, 'ann')}"
    refused = oda.post(ann, role="staff", store="Nowhere", email="")
    assert refused.status_code == 409 and "There is no store of this name." in refused.text
    with database.read() as session:
        assert set(session.scalars(select(Store.name))) == {"Xinyi", "Banqiao"}


def test_a_mail_goes_out_where_there_is_a_server_and_an_address(app: Flask, oda: Browser, database: Database) -> None:
    app.extensions[KEY] = replace(app.extensions[KEY], sends_mail=True)
    oda.get("/console/people/new")
    answer = oda.post("/console/people/new", **NEW | {"email": "Eve@Example.com"})
    eve = number(database, "eve")
    assert answer.location == f"/console/people/{eve}"
    assert "is on its way" in oda.get(answer.location).text
    assert oda.post(f"/console/people/{eve}/mail").status_code == 303
    assert oda.post(f"/console/people/{number(database, 'ann')}/mail").status_code == 409  # she has no address
    with database.read() as session:
        assert [*session.execute(select(Mail.kind, Mail.user_id))] == [("invitation", eve), ("invitation", eve)]


def test_every_deed_asks_first_is_kept_and_can_be_taken_back(app: Flask, oda: Browser, database: Database) -> None:
    ann, working = number(database, "ann"), doors.logged_in(app, "ann")
    for deed in ("disable", "enable", "log-out", "codes-off", "link", "mail"):
        assert oda.get(f"/console/people/{ann}/{deed}").status_code == 200
    assert deeds(database) == [] and working.get("/pos/").status_code == 200
    assert oda.post(f"/console/people/{ann}/disable").status_code == 303
    assert "Shut out." in oda.get(f"/console/people/{ann}").text
    assert working.get("/pos/").location == "/login?next=/pos/"
    assert oda.post(f"/console/people/{ann}/link").status_code == 409
    assert doors.browser(app).log_in("ann").status_code == 401
    assert oda.post(f"/console/people/{ann}/enable").status_code == 303
    assert doors.browser(app).log_in("ann").status_code == 302
    assert oda.post(f"/console/people/{ann}", role="marketer", store="", email="").status_code == 303
    assert doors.browser(app).log_in("ann").location == "/console/"
    assert [action for _, action, _ in deeds(database)] == ["user.disabled", "user.enabled", "user.changed"]
    assert oda.get("/console/people/999").status_code == oda.get(f"/console/people/{ann}/nothing").status_code == 404


def test_the_last_owner_cannot_end_themselves(oda: Browser, database: Database) -> None:
    me = number(database, "oda")
    oda.get(f"/console/people/{me}")
    for answer in (
        oda.post(f"/console/people/{me}/disable"),
        oda.post(f"/console/people/{me}", role="marketer", store="", email=""),
    ):
        assert answer.status_code == 409 and "This is the last owner, and nothing was changed." in answer.text
    assert oda.get("/console/people/").status_code == 200 and deeds(database) == []


def test_language_and_zone_are_as_the_person_chooses_and_shop_times_stay(app: Flask, database: Database) -> None:
    ann = doors.logged_in(app, "ann")  # her browser says English
    with database.write() as session:
        session.execute(update(User).values(logged_in_at=datetime(2026, 12, 1, 4, tzinfo=UTC)))
    page = ann.get("/console/account").text
    assert "Language and time zone" in page and "in its zone, Asia/Taipei (UTC+08:00)" in page
    assert ann.post("/console/account/reading", language="zh-Hant", time_zone="Europe/Berlin").status_code == 303
    page = ann.get("/console/account").text
    assert 'lang="zh-Hant"' in page and "已儲存。" in page and "您自己的時區：Europe/Berlin" in page
    assert "掃描或輸入序號" in ann.get("/pos/").text
    ann.post("/console/account/reading", language="xx", time_zone="../../etc/passwd")
    assert "Language and time zone" in ann.get("/console/account").text
    oda = doors.logged_in(app, "oda")
    oda.post("/console/account/reading", language="en", time_zone="America/New_York")
    assert "2026-12-01 12:00 (Asia/Taipei)" not in oda.get("/console/people/").text
    assert "2026-11-30 23:00 (America/New_York)" in oda.get(f"/console/people/{number(database, 'ann')}").text


def test_codes_are_turned_on_with_the_phone_and_off_with_the_password(app: Flask, database: Database) -> None:
    mia = doors.logged_in(app, "mia")
    mia.get("/console/account/codes")
    assert mia.post("/console/account/codes/on", code="000000").location == "/console/account/codes"
    assert mia.post("/console/account/codes", password="a guess").status_code == 401
    page = mia.post("/console/account/codes", password=doors.PASSWORD).text
    (secret,) = re.findall(r'data-testid="secret">([A-Z2-7]+)<', page)
    assert "<svg" in page
    for wrong in ("000000", "é", "१२३४५६"):
        again = mia.post("/console/account/codes/on", code=wrong)
        assert (again.status_code, secret in again.text.replace(" ", "")) == (401, True)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in pyotp.TOTP(secret).now())  # as an input method types them
    made = mia.post("/console/account/codes/on", code=f" {wide} ").text
    codes = re.findall(r'class="once">([a-z2-7-]{19})<', made)
    assert len(codes) == 10
    for path in ("/console/account", "/console/account/codes", "/console/account/codes/off"):
        assert not any(one in mia.get(path).text for one in (secret, *codes))
    assert mia.post("/console/account/codes", password=doors.PASSWORD).location == "/console/account"
    assert mia.post("/console/account/codes/off", password="a guess").status_code == 401
    assert doors.browser(app).log_in("mia").location == "/login/code"
    assert mia.post("/console/account/codes/off", password=doors.PASSWORD).status_code == 303
    assert doors.browser(app).log_in("mia").location == "/console/"
    assert [action for _, action, _ in deeds(database)] == ["user.codes_on", "user.codes_off"]


def test_an_address_for_links_is_changed_by_whoever_knows_the_password(app: Flask, database: Database) -> None:
    mia = doors.logged_in(app, "mia")
    mia.get("/console/account")
    thief = {"email": "thief@example.com", "email_password": "a guess"}
    assert mia.post("/console/account/email", **thief).status_code == 401
    own = {"email": "mia@example.com", "email_password": doors.PASSWORD}
    assert mia.post("/console/account/email", **own).status_code == 303
    with database.read() as session:
        assert session.scalar(select(User.email).where(User.username == "mia")) == "mia@example.com"
    assert deeds(database) == [("mia", "user.changed", "mia")]


def test_an_address_of_ones_own_leaves_what_an_owner_changes_meanwhile(
    app: Flask, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia, number_of_mia = doors.logged_in(app, "mia"), number(database, "mia")
    mia.get("/console/account")

    def is_me(_password: str) -> bool:
        """While her password is looked at, which takes its time, an owner puts her at a counter."""
        with database.write() as session:
            return user_changes.change(session, Doer(), number_of_mia, Wanted("mia", "staff", "Banqiao"), now) is None

    monkeypatch.setattr(overview, "is_me", is_me)
    assert mia.post("/console/account/email", email="mia@example.com", email_password="x").status_code == 303
    with database.read() as session:
        columns = select(User.role, Store.name, User.email).join(Store)
        kept = session.execute(columns.where(User.username == "mia")).one()
    assert kept == ("staff", "Banqiao", "mia@example.com")


def test_the_navigation_has_the_rooms_of_the_reader_with_the_present_one_marked(app: Flask) -> None:
    for name, path, rooms in (
        ("ann", "/pos/", ["Counter", "Today", "Customers", "Account"]),
        ("ann", "/pos/today/", ["Counter", "Today", "Customers", "Account"]),
        ("mia", "/console/contacts/", ["Campaigns", "Contacts", "Flows", "Account"]),
        ("oda", "/console/contacts/", ["Campaigns", "Contacts", "Flows", "Conflicts", "Settings", "Account"]),
        ("oda", "/console/webhooks/", ["People", "Stores", "POS keys", "Webhooks"]),
    ):
        page = doors.logged_in(app, name).get(path).text
        nav = re.findall(r'<nav class="rooms[^"]*" aria-label="[^"]+">.*?</nav>', page, re.DOTALL)[-1]
        links = re.findall(r'<li><a href="(/[^"]*)"( aria-current="page")?>([^<]+)</a>', nav)
        assert [words for _, _, words in links if words != "Audit log"] == rooms
        assert [href for href, current, _ in links if current] == [path]
    assert page.count("<nav") == 2 and '<a href="/console/people/" aria-current="true">Settings</a>' in page
