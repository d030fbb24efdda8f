"""Writers of SQLite stand in a line instead of trying again and again."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from db import database
from db.database import Database
from tests.databases import Sqlite


def test_a_writer_waits_for_its_turn_however_long_another_takes(
    sqlite: Sqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SQLITE_WAIT", 0)  # SQLite itself waits for nobody: "database is locked"
    url = sqlite.fresh(tmp_path)
    first, second = Database(url), Database(url)
    order: list[str] = []

    def write() -> None:
        with second.write() as session:
            session.execute(text("SELECT 1"))
            order.append("second")

    waiting = threading.Thread(target=write)
    with first.write() as session:
        session.execute(text("SELECT 1"))
        waiting.start()
        while "->" not in Path("/proc/locks").read_text(encoding="utf-8"):  # the kernel marks who waits for a lock
            assert waiting.is_alive()
        order.append("first")
    waiting.join(10)
    for one in (first, second):
        one.dispose()
    assert order == ["first", "second"]
