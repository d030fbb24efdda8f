"""`flask backup` and `flask restore`, on both databases."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, inspect, make_url, select, text
from sqlalchemy.exc import OperationalError

from core import invariants, undo
from db import backup, backup_postgres, backup_sqlite, schema
from db.database import Database
from db.tables import Coupon, Redemption
from tests import cast, doors
from tests.databases import Postgres, programs
from tests.doors import House

Rows = dict[str, list[tuple[Any, ...]]]


def opened(database: Database, url: str, folder: Path, bin_folder: Path | str = "") -> House:
    """An application that finds PostgreSQL's programs in `bin_folder` (the wheel's where none is given)."""
    found = str(bin_folder or programs())
    return doors.make(database, url, folder, lambda given: replace(given, postgres_bin=found))


@pytest.fixture
def shop(database: Database, database_url: str, tmp_path: Path) -> Iterator[House]:
    house = opened(database, database_url, tmp_path)
    yield house
    close(house)


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[House]:
    """Another machine, whose database of the same kind has not a single table."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    server = None if database_url.startswith("sqlite") else request.getfixturevalue("postgres")
    url = server.empty() if server else f"sqlite:///{folder / 'tessera.sqlite3'}"
    house = opened(Database(url), url, folder)
    yield house
    close(house)
    if server:
        server.drop(url)


def close(house: House) -> None:
    """Nobody has the database open any more."""
    house.database.dispose()
    house.app.extensions["tessera"].database.dispose()


def run(house: House, *words: str | Path) -> Result:
    return house.app.test_cli_runner().invoke(args=[str(word) for word in words])


def restore(house: House, *words: str | Path) -> Result:
    close(house)
    return run(house, "restore", *words)


def rows(database: Database) -> Rows:
    """All that a database has."""
    with database.read() as session:
        names = inspect(session.connection()).get_table_names()
        found = {name: session.execute(text(f'SELECT * FROM "{name}"')).all() for name in names}  # noqa: S608
    return {name: sorted((tuple(row) for row in some), key=repr) for name, some in found.items()}


def trade(database: Database, now: datetime) -> str:
    """Customers, a redeemed coupon, one taken back, one that nobody has redeemed: the last one's token."""
    with database.write() as session:
        cast.campaign(session, now, codes=300)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX, cast.EVE)]
    for token in tokens[:2]:
        cast.redeem(database, token, now)
    with database.write() as session:
        mistaken = session.scalars(select(Coupon.id).where(Coupon.token == tokens[1])).one()
        undo.undo_redemption(session, mistaken, "a\ttab, a \\ and\na line", None, now)
    return tokens[2]


def is_refused(house: House, words: str, *command: str | Path) -> None:
    """The command ends with `words`, and the database is as it was."""
    before = rows(house.database)
    result = restore(house, *command)
    assert result.exit_code == 1, result.output
    assert words in result.output
    assert result.output.endswith("Nothing is changed.\n")
    assert rows(house.database) == before
    folder = Path(str(command[0])).parent
    assert [path for path in folder.iterdir() if path.name.startswith(".")] == []


def test_what_was_backed_up_comes_back_and_the_shop_goes_on(shop: House, tmp_path: Path, now: datetime) -> None:
    token = trade(shop.database, now)
    before = rows(shop.database)
    made = run(shop, "backup", tmp_path / "backup")
    assert made.exit_code == 0, made.output
    assert made.output == f"{tmp_path / 'backup'}: {(tmp_path / 'backup').stat().st_size:,} bytes.\n"
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    cast.redeem(shop.database, token, now)
    result = restore(shop, "--force", tmp_path / "backup")
    assert result.exit_code == 0, result.output
    assert f"Restored from {tmp_path / 'backup'}.\n" in result.output
    assert f"All {len(invariants.INVARIANTS)} hold." in result.output
    assert rows(shop.database) == before
    cast.redeem(shop.database, token, now)
    with shop.database.write() as session:
        cast.sent(session, ("line", "U" + "b" * 32), now)
    assert schema.differences(shop.database) == []


def test_a_backup_is_restored_on_another_machine(shop: House, elsewhere: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "backup")
    result = restore(elsewhere, tmp_path / "backup")
    assert result.exit_code == 0, result.output
    assert rows(elsewhere.database) == rows(shop.database)
    assert schema.differences(elsewhere.database) == []


def test_a_backup_of_an_open_shop_is_of_one_moment(
    shop: House, elsewhere: House, tmp_path: Path, now: datetime
) -> None:
    with shop.database.write() as session:
        cast.campaign(session, now, codes=300)
        tokens = [cast.sent(session, ("line", f"U{number:032x}"), now) for number in range(300)]
    is_over, redeemed = threading.Event(), []

    def serve() -> None:
        for token in tokens:
            if is_over.is_set():
                return
            cast.redeem(shop.database, token, now)
            redeemed.append(token)

    customers = threading.Thread(target=serve)
    customers.start()
    while len(redeemed) < 5 and customers.is_alive():
        is_over.wait(0.01)
    least = len(redeemed)
    result = run(shop, "backup", tmp_path / "backup")
    most = len(redeemed) + 1
    is_over.set()
    customers.join()
    assert result.exit_code == 0, result.output
    restored = restore(elsewhere, tmp_path / "backup")
    assert restored.exit_code == 0, restored.output
    with elsewhere.database.read() as session:
        assert least <= (session.scalar(select(func.count()).select_from(Redemption)) or 0) <= most


def test_an_older_schema_is_upgraded(shop: House, elsewhere: House, tmp_path: Path, now: datetime) -> None:
    oldest = schema.revisions()[0]
    schema.upgrade(elsewhere.database, oldest)
    assert run(elsewhere, "backup", tmp_path / "old").exit_code == 0
    trade(shop.database, now)
    result = restore(shop, "--force", tmp_path / "old")
    assert result.exit_code == 0, result.output
    assert f"Upgraded from {oldest} to {schema.newest()}." in result.output
    assert schema.current(shop.database) == schema.newest()
    assert schema.differences(shop.database) == []
    assert rows(shop.database)["coupons"] == []


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    shop: House, elsewhere: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema.upgrade(elsewhere.database, schema.revisions()[0])
    run(elsewhere, "backup", tmp_path / "old")
    trade(shop.database, now)

    def fails(*_: object) -> None:
        raise OperationalError("ALTER TABLE", None, Exception("it does not fit"))

    monkeypatch.setattr("alembic.command.upgrade", fails)
    is_refused(shop, "it does not fit", tmp_path / "old", "--force")


def test_a_backup_overwrites_only_when_it_is_told_to(shop: House, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("dear to somebody", encoding="utf-8")
    result = run(shop, "backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert "backup is there already. --force overwrites it. No backup was made." in result.output
    assert (tmp_path / "backup").read_text(encoding="utf-8") == "dear to somebody"
    assert run(shop, "backup", "--force", tmp_path / "backup").exit_code == 0
    result = restore(shop, tmp_path / "backup")
    assert result.exit_code == 0, result.output


def test_a_folder_that_is_not_there_is_named(shop: House, tmp_path: Path) -> None:
    result = run(shop, "backup", tmp_path / "nowhere" / "backup")
    assert result.exit_code == 1
    assert "No such file or directory. No backup was made." in result.output
    is_refused(shop, "No such file or directory.", tmp_path / "nothing")


def test_a_database_that_is_not_empty_is_kept(shop: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "backup")
    is_refused(shop, "The database is not empty. --force replaces all that is in it.", tmp_path / "backup")


@pytest.mark.parametrize("content", [b"", b"serial\nTEA-0001\n"])
def test_a_file_that_is_no_backup_is_refused(shop: House, tmp_path: Path, now: datetime, content: bytes) -> None:
    trade(shop.database, now)
    (tmp_path / "serials.csv").write_bytes(content)
    is_refused(shop, "serials.csv is not a backup of a shop.", tmp_path / "serials.csv", "--force")


def test_a_database_of_something_else_is_refused(
    shop: House, elsewhere: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere.database.write() as session:
        session.execute(text("CREATE TABLE songs (id INTEGER)"))
    with monkeypatch.context() as unasked:
        unasked.setattr(backup, "_refuse_no_shop", lambda _database: None)
        run(elsewhere, "backup", tmp_path / "songs")
    trade(shop.database, now)
    is_refused(shop, "songs is not a backup of a shop.", tmp_path / "songs", "--force")


def test_a_backup_of_the_other_kind_of_database_is_refused(shop: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    kind, start = ("PostgreSQL", b"PGDMP") if shop.database.is_sqlite else ("SQLite", b"SQLite format 3\0")
    (tmp_path / "backup").write_bytes(start + bytes(1000))
    is_refused(shop, f"is a backup of {kind}, and this shop is on the other", tmp_path / "backup", "--force")


def test_a_backup_of_a_newer_version_is_refused(shop: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    with shop.database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
    run(shop, "backup", tmp_path / "newer")
    is_refused(shop, "made by a newer version of Tessera (its schema is ffffffffffff)", tmp_path / "newer", "--force")


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.99])
def test_a_file_that_was_cut_off_is_refused(shop: House, tmp_path: Path, now: datetime, part: float) -> None:
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    (tmp_path / "part").write_bytes(content[: int(len(content) * part)])
    is_refused(shop, "part is damaged", tmp_path / "part", "--force")


def test_a_file_with_a_hole_in_it_is_refused(shop: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "backup")
    content = bytearray((tmp_path / "backup").read_bytes())
    begin = len(content) * 2 // 3
    content[begin : begin + 5000] = bytes(5000)
    (tmp_path / "backup").write_bytes(content)
    is_refused(shop, "backup is damaged", tmp_path / "backup", "--force")


@pytest.fixture
def backed_up(shop: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> House:
    """There is a backup; whoever restores it does not wait long for others to end."""
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "backup")
    for module in (backup_sqlite, backup_postgres):
        monkeypatch.setattr(module, "IN_USE_WAIT", 0.1)
    return shop


def is_told_to_stop_the_shop(house: House, file: Path) -> str:
    """What else the command says."""
    result = run(house, "restore", "--force", file)
    assert result.exit_code == 1
    assert "Stop the web server and the workers first. Nothing is changed." in result.output
    return result.output


def test_a_database_that_is_in_use_is_not_replaced(backed_up: House, tmp_path: Path) -> None:
    before = rows(backed_up.database)
    with backed_up.database.write() as session:
        session.execute(text("UPDATE packs SET name = 'under way'"))
        is_told_to_stop_the_shop(backed_up, tmp_path / "backup")
        session.rollback()
    assert rows(backed_up.database) == before


def test_a_shop_that_is_open_is_not_replaced_though_nothing_is_under_way(backed_up: House, tmp_path: Path) -> None:
    before, live = rows(backed_up.database), tmp_path / "tessera.sqlite3"  # reading them keeps its connection
    inode = live.stat().st_ino if backed_up.database.is_sqlite else None
    said = is_told_to_stop_the_shop(backed_up, tmp_path / "backup")
    if inode:
        assert live.stat().st_ino == inode
    else:
        assert "The shop is open (connections: 1 from this machine)." in said
    assert rows(backed_up.database) == before


def test_where_there_is_no_shop_nothing_is_backed_up_and_no_backup_replaced(
    shop: House, elsewhere: House, tmp_path: Path, now: datetime
) -> None:
    trade(shop.database, now)
    run(shop, "backup", tmp_path / "backup")
    good = (tmp_path / "backup").read_bytes()
    result = run(elsewhere, "backup", "--force", tmp_path / "backup")
    assert result.exit_code == 1
    assert "There is no shop in " in result.output
    assert result.output.endswith("look at DATABASE_URL and VAR_DIR. No backup was made.\n")
    assert (tmp_path / "backup").read_bytes() == good
    if elsewhere.database.is_sqlite:
        assert list((tmp_path / "elsewhere").glob("*.sqlite3*")) == []


def test_what_the_doctor_finds_in_a_backup_is_said(shop: House, tmp_path: Path, now: datetime) -> None:
    trade(shop.database, now)
    with shop.database.write() as session:
        session.execute(text("UPDATE packs SET taken = taken + 1"))
    run(shop, "backup", tmp_path / "backup")
    result = restore(shop, "--force", tmp_path / "backup")
    assert result.exit_code == 1
    assert "BROKEN  taken_is_given" in result.output
    assert f"1 of {len(invariants.INVARIANTS)} do not hold. All of FILE is restored" in result.output


# SQLite alone


@pytest.fixture
def single(sqlite: Any, tmp_path: Path) -> Iterator[House]:  # noqa: ANN401 (as in conftest)
    url = sqlite.fresh(tmp_path)
    house = opened(Database(url), url, tmp_path)
    yield house
    close(house)


def test_the_database_itself_is_neither_backup_nor_overwritten(single: House, tmp_path: Path, now: datetime) -> None:
    trade(single.database, now)
    live = tmp_path / "tessera.sqlite3"
    is_refused(single, "is the shop's database itself.", live, "--force")
    result = run(single, "backup", "--force", live)
    assert result.exit_code == 1
    assert "is the shop's database itself. No backup was made." in result.output


def test_a_damaged_database_overwrites_no_backup_and_is_kept_when_one_is_restored(
    single: House, tmp_path: Path, now: datetime
) -> None:
    trade(single.database, now)
    before = rows(single.database)
    run(single, "backup", tmp_path / "backup")
    good = (tmp_path / "backup").read_bytes()
    close(single)
    live = tmp_path / "tessera.sqlite3"
    live.write_bytes(b"\xff" * 8192)
    Path(f"{live}-wal").write_bytes(b"what was left")
    failed = run(single, "backup", "--force", tmp_path / "backup")
    assert failed.exit_code == 1
    assert "The database itself is damaged: file is not a database." in failed.output
    assert (tmp_path / "backup").read_bytes() == good
    assert "not empty" in restore(single, tmp_path / "backup").output
    result = restore(single, "--force", tmp_path / "backup")
    assert result.exit_code == 0, result.output
    assert "The database that was there is damaged; it is kept in" in result.output
    assert rows(single.database) == before
    kept = sorted(tmp_path.glob("*.damaged-*"))
    assert kept[0].read_bytes() == b"\xff" * 8192


def test_a_log_that_a_removed_database_left_is_not_taken_for_the_restored_ones(
    single: House, tmp_path: Path, now: datetime
) -> None:
    run(single, "backup", tmp_path / "empty")
    trade(single.database, now)
    live, log = tmp_path / "tessera.sqlite3", tmp_path / "tessera.sqlite3-wal"
    left = log.read_bytes()
    assert left
    close(single)
    live.unlink()
    log.write_bytes(left)
    assert restore(single, "--force", tmp_path / "empty").exit_code == 0
    assert rows(single.database)["coupons"] == []


def test_a_full_disk_is_not_taken_for_damage(
    single: House, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade(single.database, now)
    connect = sqlite3.connect

    def small(*given: Any, **named: Any) -> sqlite3.Connection:  # noqa: ANN401 (as sqlite3.connect)
        connection: sqlite3.Connection = connect(*given, **named)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    monkeypatch.setattr(backup_sqlite.sqlite3, "connect", small)  # type: ignore[attr-defined]  # not exported
    result = run(single, "backup", tmp_path / "backup")
    assert result.exit_code == 1
    assert "That cannot be read or written: database or disk is full. No backup was made." in result.output
    assert not (tmp_path / "backup").exists()


def test_the_files_owner_and_rights_stay(single: House, tmp_path: Path) -> None:
    live = tmp_path / "tessera.sqlite3"
    live.chmod(0o664)
    run(single, "backup", tmp_path / "backup")
    assert restore(single, "--force", tmp_path / "backup").exit_code == 0
    assert live.stat().st_mode & 0o777 == 0o664
    with closing(sqlite3.connect(live)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# PostgreSQL alone


@pytest.fixture
def served(postgres: Postgres) -> Iterator[str]:
    url = postgres.fresh()
    yield url
    postgres.drop(url)


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def in_folder(url: str, tmp_path: Path) -> tuple[House, Path]:
    """A shop that looks for PostgreSQL's programs in an empty folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return opened(Database(url), url, tmp_path, folder), folder


def test_a_program_that_is_missing_or_too_old_is_named(served: str, tmp_path: Path) -> None:
    house, folder = in_folder(served, tmp_path)
    missing = run(house, "backup", tmp_path / "backup")
    assert f"pg_dump is not in {folder}. Install PostgreSQL's client programs, or name" in missing.output
    program(folder, "pg_dump", 'echo "pg_dump (PostgreSQL) 9.6.24"')
    old = run(house, "backup", tmp_path / "backup")
    assert f"{folder / 'pg_dump'} is of PostgreSQL 9, the server is " in old.output
    assert [missing.exit_code, old.exit_code] == [1, 1]
    assert list(tmp_path.glob("*backup*")) == []
    close(house)


def test_tables_that_another_program_holds_are_not_replaced(
    served: str, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(Database(served), served, tmp_path)
    trade(house.database, now)
    run(house, "backup", tmp_path / "backup")
    monkeypatch.setattr(backup_postgres, "PATIENCE", 0)
    psql = make_url(served).update_query_dict({"application_name": "psql"})
    other = Database(psql.render_as_string(hide_password=False))
    with other.write() as session:
        session.execute(text("UPDATE packs SET name = 'under way'"))
        is_refused(house, "Somebody uses the database.", tmp_path / "backup", "--force")
    other.dispose()
    assert restore(house, "--force", tmp_path / "backup").exit_code == 0
    close(house)


def test_a_server_that_does_not_answer_is_named(served: str, tmp_path: Path) -> None:
    (tmp_path / "backup").write_bytes(b"PGDMP")
    url = make_url(served).update_query_dict({"host": str(tmp_path)}).render_as_string(hide_password=False)
    house = opened(Database(url), url, tmp_path)
    for words in (["backup", "--force"], ["restore", "--force"], ["restore"]):
        result = run(house, *words, tmp_path / "backup")
        assert result.exit_code == 1
        assert "The database cannot be reached: " in result.output
    assert (tmp_path / "backup").read_bytes() == b"PGDMP"


def test_a_password_is_in_no_command_line_and_in_no_message(served: str, tmp_path: Path) -> None:
    url = make_url(served).set(password="s3cret word").render_as_string(hide_password=False)
    house, folder = in_folder(url, tmp_path)
    version = f'if [ "$1" = --version ]; then exec {programs() / "pg_dump"} --version; fi'
    words, given = tmp_path / "words", tmp_path / "given"
    fails = f'printf "%s\\n" "$@" > {words}; echo "$PGPASSWORD" > {given}; echo no >&2; exit 1'
    program(folder, "pg_dump", f"{version}\n{fails}")
    result = run(house, "backup", tmp_path / "backup")
    assert result.output == "Error: PostgreSQL's program failed: no. No backup was made.\n"
    assert "s3cret" not in words.read_text(encoding="utf-8")
    assert given.read_text(encoding="utf-8") == "s3cret word\n"
    assert list(tmp_path.glob("*backup*")) == []
    close(house)
