"""What the stand-ins remember, in one SQLite file: several server processes share it and a restart keeps it."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS people (
    id TEXT PRIMARY KEY, channel TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, color TEXT NOT NULL,
    is_friend INTEGER NOT NULL DEFAULT 0, is_blocking INTEGER NOT NULL DEFAULT 0, last_acted_at REAL
);
CREATE TABLE IF NOT EXISTS bubbles (
    number INTEGER PRIMARY KEY, person_id TEXT NOT NULL, is_from_bot INTEGER NOT NULL, body TEXT NOT NULL,
    at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS traffic (
    number INTEGER PRIMARY KEY, direction TEXT NOT NULL, channel TEXT NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, request TEXT NOT NULL, answer TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS reply_tokens (
    token TEXT PRIMARY KEY, person_id TEXT NOT NULL, at REAL NOT NULL, is_used INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS retry_keys (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, request_id TEXT NOT NULL, sent TEXT NOT NULL, at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS faults (
    number INTEGER PRIMARY KEY, platform TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL,
    status INTEGER NOT NULL, code INTEGER NOT NULL, message TEXT NOT NULL, seconds REAL NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name)
);
CREATE TABLE IF NOT EXISTS pictures (name TEXT PRIMARY KEY, content_type TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""


class State:
    """The file, opened once a thread; every change is one transaction."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connection()
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(SCHEMA)

    @contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is kept at the end of the block, or dropped when it raises."""
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """What a SELECT finds."""
        return [dict(row) for row in self._connection().execute(statement, values)]

    def row(self, statement: str, *values: object) -> dict[str, Any] | None:
        """The first thing that a SELECT finds."""
        found = self.rows(statement, *values)
        return found[0] if found else None

    def setting(self, name: str, default: float) -> float:
        """A number that was set, or the default."""
        found = self.row("SELECT value FROM settings WHERE name = ?", name)
        return float(found["value"]) if found else default

    def set(self, name: str, value: float) -> None:
        """Set a number."""
        with self.change() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def keep(self, kind: str, name: str, body: Any) -> None:  # noqa: ANN401 (any JSON)
        """Keep a thing of a kind under its name, such as a menu; the newest stands."""
        with self.change() as connection:
            values = (kind, name, json.dumps(body, ensure_ascii=False))
            connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", values)

    def kept(self, kind: str) -> dict[str, Any]:
        """All things of a kind, by name, in the order of their keeping."""
        found = self.rows("SELECT name, body FROM kept WHERE kind = ? ORDER BY rowid", kind)
        return {row["name"]: json.loads(row["body"]) for row in found}

    def one(self, kind: str, name: str) -> Any:  # noqa: ANN401 (any JSON)
        """A thing of a kind by its name, or None."""
        found = self.row("SELECT body FROM kept WHERE kind = ? AND name = ?", kind, name)
        return json.loads(found["body"]) if found else None

    def drop(self, kind: str, name: str) -> bool:
        """Forget a thing; whether it was there."""
        with self.change() as connection:
            return connection.execute("DELETE FROM kept WHERE kind = ? AND name = ?", (kind, name)).rowcount == 1

    def keep_picture(self, name: str, content_type: str, content: bytes) -> None:
        """Keep a picture under its name."""
        with self.change() as connection:
            connection.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)", (name, content_type, content))

    def has_picture(self, name: str) -> bool:
        """Whether there is a picture of that name."""
        return self.row("SELECT 1 FROM pictures WHERE name = ?", name) is not None

    def picture(self, name: str) -> tuple[str, bytes] | None:
        """A picture's type and bytes, or None."""
        found = self.row("SELECT content_type, content FROM pictures WHERE name = ?", name)
        return (found["content_type"], found["content"]) if found else None

    def drop_picture(self, name: str) -> None:
        """Forget a picture."""
        with self.change() as connection:
            connection.execute("DELETE FROM pictures WHERE name = ?", (name,))

    def note_traffic(self, entry: dict[str, Any]) -> None:
        """Keep what was received or sent; bodies as JSON text."""
        columns = ("direction", "channel", "method", "path", "status", "request", "answer", "at")
        values = [json.dumps(entry[c], ensure_ascii=False) if c in {"request", "answer"} else entry[c] for c in columns]
        with self.change() as connection:
            connection.execute(f"INSERT INTO traffic ({', '.join(columns)}) VALUES (?,?,?,?,?,?,?,?)", values)  # noqa: S608 (fixed names)

    def say(self, person_id: str, body: dict[str, Any], at: float, *, is_from_bot: bool) -> None:
        """Put a bubble into a person's chat."""
        with self.change() as connection:
            connection.execute(
                "INSERT INTO bubbles (person_id, is_from_bot, body, at) VALUES (?, ?, ?, ?)",
                (person_id, is_from_bot, json.dumps(body, ensure_ascii=False), at),
            )

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=15, isolation_level=None)
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return connection
