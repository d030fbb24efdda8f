"""The demo's customers, with ids in the platforms' own formats."""

import hashlib
from dataclasses import dataclass
from typing import Any

from simulator.state import State

WINDOW_SECONDS = 24 * 3600  # Messenger's standard messaging window


@dataclass(frozen=True)
class Person:
    """A customer in one channel. `language` is as the platform writes it."""

    id: str
    channel: str
    name: str
    language: str
    color: str
    is_friend: bool = False
    is_blocking: bool = False
    last_acted_at: float | None = None


def _line_id(name: str) -> str:
    return "U" + hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


CAST = (
    Person(_line_id("mei"), "line", "王小美", "zh-TW", "#d97706"),
    Person(_line_id("alex"), "line", "Alex Chen", "en", "#2563eb"),
    Person(_line_id("sato"), "line", "佐藤 健", "ja", "#059669"),
    Person("7000000000000001", "messenger", "林志明", "zh_TW", "#7c3aed"),
    Person("7000000000000002", "messenger", "Emma Lee", "en_US", "#db2777"),
    Person("7000000000000003", "messenger", "Somchai P.", "th_TH", "#0891b2"),
)


def settle(state: State) -> None:
    """See that the cast is there."""
    with state.change() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO people (id, channel, name, language, color) VALUES (?, ?, ?, ?, ?)",
            [(p.id, p.channel, p.name, p.language, p.color) for p in CAST],
        )


def find(state: State, person_id: str, channel: str) -> Person | None:
    """The person with this id in this channel."""
    row = state.row("SELECT * FROM people WHERE id = ? AND channel = ?", person_id, channel)
    return _person(row) if row else None


def one(state: State, person_id: str) -> Person | None:
    """The person with this id, in whatever channel."""
    row = state.row("SELECT * FROM people WHERE id = ?", person_id)
    return _person(row) if row else None


def everybody(state: State) -> list[Person]:
    """The whole cast, LINE first."""
    return [_person(row) for row in state.rows("SELECT * FROM people ORDER BY channel, rowid")]


def _person(row: dict[str, Any]) -> Person:
    return Person(**{**row, "is_friend": bool(row["is_friend"]), "is_blocking": bool(row["is_blocking"])})


def change(state: State, person_id: str, **values: object) -> None:
    """Note that a person became a friend, blocks, or acted."""
    for name, value in values.items():
        if name not in {"is_friend", "is_blocking", "last_acted_at"}:
            raise ValueError(name)
        with state.change() as connection:
            connection.execute(f"UPDATE people SET {name} = ? WHERE id = ?", (value, person_id))  # noqa: S608 (fixed names)
