"""`/healthz`: true whatever is away, silent or full, and soon enough for whoever waits for it."""

import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

import app as application
from commands.running import SETTINGS_KEY
from db import schema
from db.database import Database
from tests import doors
from web import health
from web.health import Unhealthy
from web.services import KEY
from workers import health as background
from workers import queues


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis that takes connections and says nothing, as one does whose machine hangs."""
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(100)
        yield f"unix://{path}"


@contextmanager
def shop(database: Database, url: str, folder: Path, **changes: Any) -> Iterator[Flask]:  # noqa: ANN401 (any setting)
    """The application with its own bell."""
    app = application.create_app(replace(doors.make(database, url, folder).app.extensions[SETTINGS_KEY], **changes))
    yield app
    app.extensions[KEY].database.dispose()


def test_a_silent_redis_is_named_and_keeps_no_door_waiting(
    database: Database, database_url: str, tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "DOOR_WITHIN", 0.05)
    asked, ask = list[Redis](), background.living

    def living(redis: Redis) -> Mapping[str, int] | None:
        asked.append(redis)
        return ask(redis)

    monkeypatch.setattr(background, "living", living)
    with shop(database, database_url, tmp_path, redis_url=silent) as app:
        began = time.monotonic()
        answer = app.test_client().get("/healthz")
        app.extensions[KEY].wake("claims", "1")
    assert time.monotonic() - began < queues.ANSWER_WITHIN / 2
    assert len(asked) == 1  # each asking of a silent Redis takes a second
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["queue"] == "Redis is not reachable"
    assert answer.json["workers"] == "Redis is not reachable, so nobody can say"


def test_a_database_that_is_away_is_named_and_the_log_says_why(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = "postgresql://postgres@127.0.0.1:1/nobody?connect_timeout=1"
    with shop(database, away, tmp_path) as app:
        answer = app.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "not reachable (OperationalError); the log says why"
    assert "disk" not in answer.json
    printed = capsys.readouterr()
    assert "Connection refused" in printed.out + printed.err


@pytest.mark.parametrize(
    ("free", "word"),
    [(10**9, "ok"), (120_500_000, "ok, but only 120 MB are left in VAR_DIR"), (10**6, "ok, but only 1 MB are left")],
)
def test_a_disk_that_fills_up_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, word: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    assert health.room(tmp_path).startswith(word)


def test_a_disk_that_is_full_or_not_there_is_unhealthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unhealthy, match="VAR_DIR cannot be read: No such file"):
        health.room(tmp_path / "nowhere")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=10**6 - 1))
    with pytest.raises(Unhealthy, match="full: nothing can be stored until there is room"):
        health.room(tmp_path)


def test_a_silent_database_is_named_and_keeps_nobody_waiting(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "WITHIN", 0.2)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(100)
        silent = f"postgresql://postgres@127.0.0.1:{server.getsockname()[1]}/nobody?connect_timeout=20"
        with shop(database, silent, tmp_path) as app:
            began = time.monotonic()
            answer = app.test_client().get("/healthz")
            took = time.monotonic() - began
    assert took < 10
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "no answer within 0.2 seconds"


def test_a_schema_that_is_behind_is_unhealthy_and_one_that_a_newer_version_made_is_well(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def said() -> str:
        answer = app.test_client().get("/healthz")
        assert answer.json is not None
        return str(answer.json["database"])

    def stamp(revision: str) -> None:
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})

    with shop(database, database_url, tmp_path) as app:
        assert said() == "ok"
        stamp(schema.revisions()[0])
        assert said() == "its schema is not the newest: run `flask db upgrade`"
        stamp("ffffffffffff")  # `flask db upgrade` of the next version; this one goes on serving
        assert said() == "ok"
        with database.write() as session:
            session.execute(text("DELETE FROM alembic_version"))
        assert said() == "its schema is not the newest: run `flask db upgrade`"
