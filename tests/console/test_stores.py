"""An owner manages stores, their devices and the PINs of their staff."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from core import users
from db.database import Database
from db.tables import Device, Store, User
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser


@pytest.fixture
def oda(app: Flask) -> Browser:
    return doors.logged_in(app, "oda")


def xinyi(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Store.id).where(Store.name == "Xinyi")).one()


def number(database: Database, name: str) -> int:
    with database.read() as session:
        return users.id_of(session, name) or 0


def test_a_store_is_added_changed_closed_after_a_question_and_opened_again(oda: Browser, database: Database) -> None:
    oda.get("/console/stores/new")
    assert "There is a store of this name already." in oda.post("/console/stores/new", name="Xinyi").text
    path = oda.post("/console/stores/new", name="Daan <1>").location
    assert path.startswith("/console/stores/") and "Daan &lt;1&gt;" in oda.get(path).text
    for form, field in (
        ({"name": "", "undo_minutes": "15", "idle_minutes": "5"}, "name"),
        ({"name": "Daan", "undo_minutes": "1441", "idle_minutes": "5"}, "undo_minutes"),
        ({"name": "Daan", "undo_minutes": "15", "idle_minutes": "0"}, "idle_minutes"),
        ({"name": "Daan", "undo_minutes": "15", "idle_minutes": "9" * 5000}, "idle_minutes"),
    ):
        refused = oda.post(path, **form)
        assert refused.status_code == 409
        assert re.search(
            rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-error"[^>]*aria-invalid[^>]* autofocus', refused.text
        )
    assert oda.post(path, name="Daan", undo_minutes="0", idle_minutes="2").status_code == 303
    assert oda.get(f"{path}/close").status_code == 200 and "closed" not in oda.get("/console/stores/").text
    assert oda.post(f"{path}/close").status_code == 303
    assert "nothing is verified here" in oda.get(path).text and "closed" in oda.get("/console/stores/").text
    assert oda.post(f"{path}/open").status_code == 303
    assert [action for _, action, _ in deeds(database)] == [
        "store.added",
        "store.changed",
        "store.closed",
        "store.opened",
    ]
    audit = oda.get("/console/audit/").text
    assert "Changed a store" in audit and "minutes to undo: 15 → 0" in audit
    assert oda.get("/console/stores/999").status_code == oda.get(f"{path}/nothing").status_code == 404


def test_a_device_is_added_with_a_code_shown_once_bound_revoked_and_bound_anew(
    app: Flask, oda: Browser, database: Database
) -> None:
    path = f"/console/stores/{xinyi(database)}"
    oda.get(path)
    assert oda.post(f"{path}/devices", device=" ").status_code == 409
    codes = []
    page = oda.post(f"{path}/devices", device="Till 1").text
    assert "<svg" in page and "http://localhost/pos/bind" in page and page.count(codes_in(page)) == 1
    codes.append(codes_in(page))
    with database.read() as session:
        device = session.scalars(select(Device.id)).one()
    assert "waits to be scanned" in oda.get(path).text and codes[0] not in oda.get(path).text
    till = doors.browser(app)
    till.get("/pos/bind")
    assert till.post("/pos/bind", code=codes[0]).status_code == 303
    assert ">bound " in oda.get(path).text
    assert oda.post(f"/console/stores/devices/{device}/name", name=" ").status_code == 409
    assert oda.post(f"/console/stores/devices/{device}/name", name=" Till <2> ").location == path
    assert "Till &lt;2&gt;" in oda.get(path).text and "Till 1" not in till.get("/pos/sign-in").text
    for step in ("code", "revoke", "name"):
        assert oda.get(f"/console/stores/devices/{device}/{step}").status_code == 200
    assert till.get("/pos/sign-in").status_code == 200
    assert oda.post(f"/console/stores/devices/{device}/revoke").location == path
    assert "revoked" in oda.get(path).text and till.get("/pos/sign-in").location == "/login"
    codes.append(codes_in(oda.post(f"/console/stores/devices/{device}/code").text))
    till.get("/pos/bind")
    assert till.post("/pos/bind", code=codes[1]).status_code == 303
    assert oda.post("/console/stores/devices/999/code").status_code == 404
    assert oda.get("/console/stores/devices/999/revoke").status_code == 404
    told = "device.added device.bound device.renamed device.revoked device.code_made device.bound"
    assert [action for _, action, _ in deeds(database, "device")] == told.split()


def codes_in(page: str) -> str:
    (code,) = re.findall(r'data-testid="code">([a-z2-7]{4}(?:-[a-z2-7]{4}){3})<', page)
    return str(code)


def test_a_pin_is_set_or_made_and_shown_once_and_taken_away(app: Flask, oda: Browser, database: Database) -> None:
    ann, working = number(database, "ann"), doors.logged_in(app, "ann")
    path = f"/console/stores/staff/{ann}"
    assert "4 to 8 digits" in oda.get(f"{path}/pin").text
    for pin, words in (("1234", "guessed first"), ("12", "4 to 8 digits"), ("8306a", "4 to 8 digits")):
        refused = oda.post(f"{path}/pin", pin=pin)
        assert refused.status_code == 409 and words in refused.text
    assert working.get("/pos/").status_code == 200
    assert 'data-testid="pin">8306<' in oda.post(f"{path}/pin", pin="８３０６").text
    assert working.get("/pos/").status_code == 302  # whoever is in under her name is out
    (made,) = re.findall(r'data-testid="pin">([0-9]{6})<', oda.post(f"{path}/pin", pin="").text)
    with database.read() as session:
        kept = session.scalars(select(User.pin_hash).where(User.id == ann)).one()
    assert kept.startswith("$argon2id$") and users.is_right(kept, made) and not users.is_right(kept, "8306")
    store = f"/console/stores/{xinyi(database)}"
    assert made not in oda.get(store).text and ">set" in re.sub(r"\s", "", oda.get(store).text)
    assert oda.post(f"{path}/no-pin").location == store
    assert "ann has no PIN any more" in oda.get(store).text
    for name in ("mia", "oda"):
        assert oda.post(f"/console/stores/staff/{number(database, name)}/pin", pin="8306").status_code == 404
    told = ["user.pin_set", "user.pin_set", "user.pin_removed"]
    assert [action for _, action, _ in deeds(database, "user")] == told
