"""What commands say when the database fails them: a sentence with what, where and what to do, and no traceback."""

import subprocess
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core import users
from db.database import Database
from settings import with_environment
from tests import doors
from tests.doors import House
from tests.system.shop import BIN, ROOT


def run(house: House, *words: str) -> Result:
    return house.app.test_cli_runner().invoke(args=list(words))


@pytest.mark.parametrize("words", ["doctor", "campaigns list", "packs list summer-tea"])
def test_tables_that_are_not_there_are_named_with_what_to_do(house: House, words: str) -> None:
    with house.database.write() as session:
        session.execute(text("ALTER TABLE coupons RENAME TO gone"))
        session.execute(text("ALTER TABLE campaigns RENAME TO gone_too"))
    result = run(house, *words.split())
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database has not the tables of this version (")
    assert "run `flask db upgrade`" in result.output


def test_a_database_that_cannot_be_reached_is_named_with_why(database: Database, tmp_path: Path) -> None:
    away = "postgresql://postgres@127.0.0.1:1/nobody?connect_timeout=1"
    result = run(doors.make(database, away, tmp_path), "campaigns", "list")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database did not do it: connection failed")
    assert "Connection refused" in result.output
    assert "DATABASE_URL" in result.output


def test_a_mistake_of_ours_is_not_dressed_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IntegrityError("INSERT", {}, ValueError("twice"))

    monkeypatch.setattr(users, "create", broken)
    result = run(house, "users", "create", "zed", "--role", "marketer")
    assert isinstance(result.exception, IntegrityError)


def test_a_setting_that_cannot_be_right_ends_a_command_with_its_sentence(tmp_path: Path) -> None:
    environment = with_environment({"PORT": "70000", "VAR_DIR": str(tmp_path)})
    words = [str(BIN / "flask"), "campaigns", "list"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Error: PORT is 70000; it must be between 1 and 65535.\n")
