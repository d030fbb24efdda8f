"""`flask keys`: what the console does with the keys of POS machines, at the command line."""

import re
from datetime import UTC, datetime

import pytest

from core import users
from tests.commands.test_commands import run
from tests.doors import House
from tests.pos.api.till import Till

pytestmark = pytest.mark.any_database


def test_a_key_is_made_listed_changed_and_revoked(house: House) -> None:
    with house.database.write() as session:
        users.create(session, "ann", "long enough password", "staff", "Xinyi", datetime.now(UTC))
    made = run(house, "keys", "create", "till 1", "--store", "Xinyi", "--scope", "verify")
    (secret,) = re.findall(r"shown only now: (\S+)", made.output)
    assert Till(house.app, secret).get("/key").status_code == 200
    prefix = secret[:16]
    assert re.search(rf"{prefix}  till 1  Xinyi  verify  used \d", run(house, "keys", "list").output)
    (newer,) = re.findall(r"shown only now: (\S+)", run(house, "keys", "rotate", prefix, "--overlap", "0").output)
    assert [Till(house.app, one).get("/key").status_code for one in (secret, newer)] == [401, 200]
    assert run(house, "keys", "revoke", prefix).exit_code == 0
    assert Till(house.app, newer).get("/key").status_code == 401
    assert "revoked" in run(house, "keys", "list").output
    for words, sentence in (
        (("revoke", prefix), "revoked, for good"),
        (("rotate", "tessera_nobodys"), "There is no key"),
        (("create", "x"), "A key needs a scope"),
        (("create", "x", "--store", "Nowhere", "--scope", "verify"), "There is no store 'Nowhere'"),
    ):
        ended = run(house, "keys", *words)
        assert ended.exit_code == 1 and sentence in ended.output
