"""An owner makes, changes and revokes the keys of POS machines."""

import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import api_keys
from core.api_keys import Key
from core.audit import Doer
from db.database import Database
from db.tables import ApiKey, AuditEntry
from tests.deeds import deeds
from tests.pos.api import till
from tests.pos.api.till import Till
from tests.web import doors
from tests.web.doors import Browser

SECRET = re.compile(r'data-testid="secret">(tessera_[0-9a-f]{8}_[\w-]{43})<')


@pytest.fixture
def oda(app: Flask) -> Browser:
    return doors.logged_in(app, "oda")


def keys(database: Database) -> list[Key]:
    with database.read() as session:
        return api_keys.all_of(session)


def test_a_key_is_shown_once_and_lets_its_machine_in_until_it_is_revoked(
    app: Flask, oda: Browser, database: Database
) -> None:
    assert "There is no key yet." in oda.get("/console/api-keys/").text
    oda.get("/console/api-keys/new")
    store = till.store_id(database, "Xinyi")
    page = oda.post("/console/api-keys/new", name="till 1", store=store, scopes=["verify", "lookup"])
    (secret,) = SECRET.findall(page.text)
    (key,) = keys(database)
    assert (key.name, key.scopes, key.store_name, key.created_by) == ("till 1", ("lookup", "verify"), "Xinyi", "oda")
    for path in ("/console/api-keys/", f"/console/api-keys/{key.key_id}", "/console/audit/"):
        shown = oda.get(path).text
        assert key.prefix in shown and secret not in shown
    with database.read() as session:
        assert secret[17:] not in str(session.execute(select(ApiKey.__table__)).all())
        assert secret[17:] not in str(session.scalars(select(AuditEntry.detail)).all())
    assert Till(app, secret).get("/key").status_code == 200
    assert oda.get(f"/console/api-keys/{key.key_id}/rotate").status_code == 200
    assert oda.post(f"/console/api-keys/{key.key_id}/rotate", hours="5").status_code == 400
    (newer,) = SECRET.findall(oda.post(f"/console/api-keys/{key.key_id}/rotate", hours="24").text)
    assert "counts until" in oda.get(f"/console/api-keys/{key.key_id}").text
    assert [Till(app, one).get("/key").status_code for one in (secret, newer)] == [200, 200]
    (newest,) = SECRET.findall(oda.post(f"/console/api-keys/{key.key_id}/rotate", hours="0").text)
    assert [Till(app, one).get("/key").status_code for one in (secret, newer, newest)] == [401, 401, 200]
    oda.get(f"/console/api-keys/{key.key_id}/revoke")
    assert oda.post(f"/console/api-keys/{key.key_id}/revoke").status_code == 303
    assert "It lets nobody in any more." in oda.get(f"/console/api-keys/{key.key_id}").text
    assert Till(app, newest).get("/key").status_code == 401
    assert oda.post(f"/console/api-keys/{key.key_id}/revoke").status_code == 409
    assert oda.get(f"/console/api-keys/{key.key_id}/rotate").status_code == 409
    assert [action for _, action, _ in deeds(database, "api_key")] == [
        "api_key.made",
        "api_key.rotated",
        "api_key.rotated",
        "api_key.revoked",
    ]


def test_what_cannot_be_a_key_is_said_at_its_field(oda: Browser, database: Database) -> None:
    oda.get("/console/api-keys/new")
    good = {"name": "till 1", "store": "", "scopes": ["verify"]}
    for change, field in (
        ({"name": " "}, "name"),
        ({"name": "a\u200bb"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"store": "999"}, "store"),
    ):
        page = oda.post("/console/api-keys/new", **good | change)
        assert page.status_code == 409 and f'id="{field}-error"' in page.text
    assert keys(database) == [] and deeds(database) == []
    assert oda.get("/console/api-keys/999").status_code == 404


def test_a_secret_from_before_the_last_change_ends_at_once(database: Database, now: datetime) -> None:
    first = till.key(database, now, store=None)
    with database.write() as session:
        second = api_keys.rotate(session, Doer(), first.key_id, timedelta(days=1), now)
        api_keys.rotate(session, Doer(), first.key_id, timedelta(days=1), now)
    assert isinstance(second, api_keys.Made)
    with database.read() as session:
        assert api_keys.known(session, first.secret, now) is None
        assert api_keys.known(session, second.secret, now) is not None
