"""Writers of SQLite stand in a line instead of trying again and again."""

import errno
import fcntl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from db import database, turns
from db.database import Database
from tests.databases import Sqlite


def write(through: Database, order: list[str], name: str) -> None:
    with through.write() as session:
        session.execute(text("SELECT 1"))
        order.append(name)


@pytest.mark.parametrize("is_same_process", [True, False])
def test_a_writer_waits_for_its_turn_where_sqlite_would_not_wait(
    sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_same_process: bool
) -> None:
    monkeypatch.setattr(database, "SQLITE_WAIT", 0)  # SQLite itself waits for nobody: "database is locked"
    looked, look = threading.Event(), turns._lock  # noqa: SLF001 (there is no other way to know that it waits)
    first = Database(sqlite.fresh(tmp_path))
    second = first if is_same_process else Database(first.engine.url.render_as_string())
    order: list[str] = []

    def looking(number: int) -> None:
        looked.set()
        look(number)

    waiting = threading.Thread(target=write, args=(second, order, "second"))
    with first.write() as session:
        session.execute(text("SELECT 1"))
        monkeypatch.setattr(turns, "_lock", looking)
        waiting.start()
        assert is_same_process or looked.wait(10)  # threads of one process wait for each other before they look
        order.append("first")
    waiting.join(10)
    for one in {first, second}:
        one.dispose()
    assert order == ["first", "second"]


@pytest.fixture
def line_that_does_not_move(
    sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Database, Database]]:
    """Two processes' ways to one database: one of the second's threads waits for the first's turn to end."""
    monkeypatch.setattr(turns, "PATIENCE", 0.05)
    monkeypatch.setattr(database, "SQLITE_WAIT", 0)
    stuck, going = (Database(sqlite.fresh(tmp_path)) for _ in range(2))
    looked, look = threading.Event(), turns._lock  # noqa: SLF001 (there is no other way to know that it waits)

    def looking(number: int) -> None:
        looked.set()
        look(number)

    order: list[str] = []
    waiting = threading.Thread(target=write, args=(going, order, "waiting"))
    with stuck._turn():  # noqa: SLF001 (a writer that has its turn, and never begins)
        monkeypatch.setattr(turns, "_lock", looking)
        waiting.start()
        assert looked.wait(10)
        yield stuck, going
        assert order == []
    waiting.join(10)
    for one in (stuck, going):
        one.dispose()
    assert order == ["waiting"]


def test_a_line_that_does_not_move_holds_up_one_thread_and_no_other_for_longer_than_its_patience(
    line_that_does_not_move: tuple[Database, Database],
) -> None:
    _, going = line_that_does_not_move
    order: list[str] = []
    write(going, order, "going")
    assert order == ["going"]


def test_who_goes_on_without_a_turn_is_told_that_the_database_is_locked(
    line_that_does_not_move: tuple[Database, Database],
) -> None:
    stuck, going = line_that_does_not_move
    order: list[str] = []
    writing = stuck.engine.execution_options(tessera_write=True)
    with writing.begin(), pytest.raises(OperationalError, match="locked"):
        write(going, order, "going")
    assert order == []


def test_a_file_system_without_such_locks_is_done_without(
    sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(_: int, __: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    writer = Database(sqlite.fresh(tmp_path))
    order: list[str] = []
    write(writer, order, "without")
    writer.dispose()
    assert order == ["without"]


def test_a_job_stopped_while_it_comes_to_its_turn_keeps_it_from_nobody(
    sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RQ raises in a job that has run too long, wherever it is."""
    writer = Database(sqlite.fresh(tmp_path))
    order: list[str] = []

    def stopped(*_: object) -> None:
        raise TimeoutError

    with monkeypatch.context() as patch:
        patch.setattr(turns.Line, "_open", stopped)
        with pytest.raises(TimeoutError):
            write(writer, order, "stopped")
    assert writer._line is not None  # noqa: SLF001 (there is no other way to know whether anybody would wait)
    assert not writer._line._first.locked()  # noqa: SLF001 (as above)
    write(writer, order, "next")
    writer.dispose()
    assert order == ["next"]


def test_a_line_that_cannot_be_opened_is_done_without(sqlite: Sqlite, tmp_path: Path) -> None:
    url = sqlite.fresh(tmp_path)
    (tmp_path / "tessera.sqlite3-turn").mkdir(mode=0o000)
    writer = Database(url)
    order: list[str] = []
    write(writer, order, "without")
    writer.dispose()
    assert order == ["without"]
