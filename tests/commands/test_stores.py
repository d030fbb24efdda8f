"""`flask stores`, `flask devices` and `flask users pin`: what the console does, from the command line."""

import re

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from core import clock, devices, users
from core.devices import Bound
from db.database import Database
from db.tables import User
from tests.deeds import deeds
from tests.doors import House

pytestmark = pytest.mark.any_database


@pytest.fixture
def runner(house: House) -> FlaskCliRunner:
    return house.app.test_cli_runner()


def says(runner: FlaskCliRunner, *words: str) -> str:
    done = runner.invoke(args=words)
    assert done.exit_code == 0, done.output
    return str(done.output)


def refuses(runner: FlaskCliRunner, *words: str) -> str:
    done = runner.invoke(args=words)
    assert done.exit_code == 1, done.output
    return str(done.output)


def test_stores_are_added_changed_closed_and_opened(runner: FlaskCliRunner, house: House) -> None:
    says(runner, "stores", "add", "Xinyi", "--undo-minutes", "30")
    assert "There is a store 'Xinyi' already." in refuses(runner, "stores", "add", "Xinyi")
    assert "1 to 480" in refuses(runner, "stores", "add", "Daan", "--idle-minutes", "0")
    assert "1 to 100 characters" in refuses(runner, "stores", "add", " ")
    says(runner, "stores", "change", "Xinyi", "--name", "Xin Yi", "--idle-minutes", "2")
    says(runner, "stores", "close", "Xin Yi")
    assert says(runner, "stores", "list") == "Xin Yi  staff: 0  devices: 0  closed\n"
    says(runner, "stores", "open", "Xin Yi")
    assert "closed" not in says(runner, "stores", "list")
    assert "flask stores list" in refuses(runner, "stores", "close", "Nowhere")
    told = ["store.added", "store.changed", "store.closed", "store.opened"]
    assert [action for _, action, _ in deeds(house.database, "store")] == told


def test_a_device_is_added_bound_by_its_link_given_another_and_revoked(runner: FlaskCliRunner, house: House) -> None:
    says(runner, "stores", "add", "Xinyi")
    assert "64 characters" in refuses(runner, "devices", "add", "Xinyi", " ")
    shown = says(runner, "devices", "add", "Xinyi", "Till 1")
    assert "waits to be bound" in says(runner, "devices", "list")
    token = bind(house.database, shown)
    assert says(runner, "devices", "list").startswith("1  Xinyi  Till 1  bound, last seen 20")
    new = bind(house.database, says(runner, "devices", "code", "1"))
    assert (known(house.database, token), known(house.database, new) is None) == (None, False)
    says(runner, "devices", "revoke", "1")
    assert "revoked" in says(runner, "devices", "list") and known(house.database, new) is None
    for command in ("code", "revoke"):
        assert "There is no device 9." in refuses(runner, "devices", command, "9")


def bind(database: Database, shown: str) -> str:
    (code,) = re.findall(r"^http://localhost/pos/bind#(\S+)$", shown, re.MULTILINE)
    with database.write() as session:
        bound = devices.bind(session, code, clock.now())
    assert isinstance(bound, tuple)
    return bound[1]


def known(database: Database, token: str) -> Bound | None:
    with database.read() as session:
        return devices.known(session, token)


def test_a_pin_is_set_made_and_taken_away(runner: FlaskCliRunner, house: House) -> None:
    for name, role in (("ann", "staff"), ("mia", "marketer")):
        says(runner, "users", "create", name, "--role", role, "--store", "Xinyi", "--password", "a long password")
    assert "guessed first" in refuses(runner, "users", "pin", "ann", "--pin", "1234")
    assert "4 to 8 digits" in refuses(runner, "users", "pin", "ann", "--pin", "")
    assert "no staff" in refuses(runner, "users", "pin", "mia", "--pin", "8306")
    assert "8306" not in says(runner, "users", "pin", "ann", "--pin", "8306")
    assert users.is_right(pin_hash(house.database), "8306")
    (made,) = re.findall(r"Shown only now: ([0-9]{6})", says(runner, "users", "pin", "ann"))
    assert users.is_right(pin_hash(house.database), made)
    says(runner, "users", "pin", "ann", "--off")
    assert pin_hash(house.database) == ""


def pin_hash(database: Database) -> str:
    with database.read() as session:
        return session.scalars(select(User.pin_hash).where(User.username == "ann")).one()
