"""`/metrics`: for whoever has the token, true whatever is away, and about nobody in particular."""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from structlog.testing import CapturingLogger
from werkzeug.test import TestResponse

import app as application
from commands.running import SETTINGS_KEY
from core import inbox, outgoing, quotas
from core.inbox import Arrival, Delivery
from core.reasons import Reason
from db import schema
from db.database import Database
from tests import cast, doors
from tests.workers.conftest import Valkey
from web import metrics
from web.services import KEY
from workers import queues

TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ALWAYS = ("tessera_build_info", "tessera_database_up", "tessera_redis_up", "tessera_channel_warnings")

Values = Mapping[tuple[str, ...], float]  # (metric, values of its labels by their names in order) -> value


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path)
    yield made
    made.stop()


@contextmanager
def shop(database: Database, url: str, folder: Path, **changes: Any) -> Iterator[Flask]:  # noqa: ANN401 (any setting)
    """The application, watched."""
    given: dict[str, Any] = {"metrics_token": TOKEN, **changes}
    app = application.create_app(replace(doors.make(database, url, folder).app.extensions[SETTINGS_KEY], **given))
    yield app
    app.extensions[KEY].database.dispose()


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is held."""
    monkeypatch.setattr(metrics, "FRESH", 0.0)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    """What the operator reads in the log."""
    kept = CapturingLogger()
    monkeypatch.setattr(metrics, "log", kept)
    return kept


def logged(log: CapturingLogger) -> list[tuple[str, str]]:
    """What could not be read, and why."""
    assert {call.args for call in log.calls} <= {("metrics_not_read",)}
    return [(call.kwargs["source"], call.kwargs["error"]) for call in log.calls]


def ask(app: Flask, **headers: str) -> TestResponse:
    return app.test_client().get("/metrics", headers={**BEARER, **headers})


def scrape(app: Flask) -> Values:
    """What Prometheus reads."""
    answer = ask(app)
    assert answer.status_code == 200
    return {
        (sample.name, *[sample.labels[name] for name in sorted(sample.labels)]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_a_token_in_the_settings_there_is_no_such_page(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with shop(database, database_url, tmp_path, metrics_token="") as app:
        assert ask(app).status_code == 404
        assert ask(app, Authorization="Bearer ").status_code == 404


@pytest.mark.parametrize(
    "given",
    [None, "", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"],
)
def test_without_the_right_token_nothing_is_told_or_read(
    database: Database, database_url: str, tmp_path: Path, given: str | None
) -> None:
    with shop(database, database_url, tmp_path) as app:
        app.extensions[KEY].database.dispose()
        headers = {} if given is None else {"Authorization": given}
        answer = app.test_client().get("/metrics", headers={**headers, "Accept-Language": "en"})
        assert app.extensions[KEY].database.engine.pool.checkedin() == 0
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json == {
        "error": "Unauthorized",
        "detail": "Send METRICS_TOKEN as `Authorization: Bearer`.",
        "reason": "metrics_token_wrong",
    }


def test_an_answer_is_prometheus_own_text_and_stays_in_no_cache(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with shop(database, database_url, tmp_path) as app:
        answer = ask(app)
        other = ask(app, Accept="application/openmetrics-text;version=1.0.0")
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert other.content_type.startswith("application/openmetrics-text; version=1.0.0")
    read = openmetrics.text_string_to_metric_families(other.text)  # type: ignore[no-untyped-call]
    names = {family.name for family in read}
    assert names == {family.name for family in text_string_to_metric_families(answer.text)}


@pytest.mark.usefixtures("fresh")
def test_a_shop_that_is_used_tells_every_metric_and_names_nobody(
    database: Database, database_url: str, tmp_path: Path, valkey: Valkey
) -> None:
    now = datetime.now(UTC)
    with shop(database, database_url, tmp_path, redis_url=valkey.url) as app:
        before = scrape(app)
        with database.write() as session:
            campaign_id = cast.campaign(session, now).id
            token = cast.sent(session, cast.MEI, now)
            mei = cast.contact(session, cast.MEI, now)
            mei.name = "小美"
            outgoing.store(session, outgoing.rows(mei.id, [{"text": "x"}], now, None, None, batch_size=1))
            arrivals = [Arrival(f"e{number}", cast.MEI[1], now, {}) for number in range(2)]
            inbox.store(session, [Delivery("line", arrivals, now)])
            inbox.give_up(session, 1, Reason.FLOW_BROKE, "", now)
            quotas.note(session, "line", 200, 57, now)
        app.extensions[KEY].wake("claims", str(campaign_id))
        after, answer = scrape(app), ask(app)
    assert before["tessera_inbox_waiting_events", "line"] == before["tessera_queue_jobs", "redemption"] == 0
    changed = {name for name, value in after.items() if before.get(name) != value and "seconds" not in name[0]}
    assert changed >= {
        ("tessera_campaigns_running",),
        ("tessera_campaign_serials_left", "summer-tea"),
        ("tessera_inbox_failed_events", "line", "flow_broke"),
        ("tessera_inbox_waiting_events", "line"),
        ("tessera_outbox_first_messages", "line", "pending"),
        ("tessera_queue_jobs", "redemption"),
        ("tessera_quota_left_messages", "line"),
    }
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    expected = {f"tessera_{name}" for name in metrics.FAMILIES if database.is_sqlite or name != "disk_free_bytes"}
    assert families == expected
    for secret in (token, TOKEN, cast.MEI[1], "小美", "TEA-0001"):
        assert secret not in answer.text


@pytest.mark.usefixtures("fresh")
def test_a_redis_that_is_killed_is_told_and_so_is_the_database(
    database: Database, database_url: str, tmp_path: Path, valkey: Valkey, log: CapturingLogger
) -> None:
    with shop(database, database_url, tmp_path, redis_url=valkey.url) as app:
        assert scrape(app)["tessera_redis_up",] == 1
        valkey.kill()
        found = scrape(app)
        valkey.start()
        again = scrape(app)
    assert (found["tessera_redis_up",], found["tessera_database_up",]) == (0, 1)
    assert ("tessera_queue_jobs", "chat") not in found
    assert found["tessera_inbox_waiting_events", "line"] == 0
    assert logged(log) == [("redis", "ConnectionError")]
    assert (again["tessera_redis_up",], again["tessera_queue_jobs", "chat"]) == (1, 0)


def test_a_redis_that_is_silent_keeps_no_scrape_waiting(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "DOOR_WITHIN", 0.05)
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(100)
        with shop(database, database_url, tmp_path, redis_url=f"unix://{path}") as app:
            began = time.monotonic()
            found = scrape(app)
    assert time.monotonic() - began < queues.ANSWER_WITHIN / 2
    assert (found["tessera_redis_up",], found["tessera_database_up",]) == (0, 1)


def test_a_database_that_is_away_is_told_and_so_is_redis(
    database: Database, tmp_path: Path, valkey: Valkey, log: CapturingLogger
) -> None:
    away = "postgresql://postgres@127.0.0.1:1/nobody?connect_timeout=1"
    with shop(database, away, tmp_path, redis_url=valkey.url) as app:
        found = scrape(app)
    assert (found["tessera_database_up",], found["tessera_redis_up",]) == (0, 1)
    assert found["tessera_queue_jobs", "chat"] == 0
    assert {name[0] for name in found} >= set(ALWAYS)
    assert not [name for name in found if name[0].startswith("tessera_inbox")]
    assert logged(log) == [("database", "OperationalError")]


def test_a_database_that_is_silent_keeps_no_scrape_waiting(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: CapturingLogger
) -> None:
    monkeypatch.setattr(metrics, "WITHIN", 0.2)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(100)
        silent = f"postgresql://postgres@127.0.0.1:{server.getsockname()[1]}/nobody?connect_timeout=20"
        with shop(database, silent, tmp_path) as app:
            began = time.monotonic()
            found = scrape(app)
            took = time.monotonic() - began
    assert took < 10
    assert found["tessera_database_up",] == 0
    assert ("database", "TookTooLong") in logged(log)


@pytest.mark.usefixtures("fresh")
def test_a_schema_that_is_behind_is_told_and_one_that_is_ahead_is_none(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def stamp(revision: str) -> None:
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})

    with shop(database, database_url, tmp_path) as app:
        assert scrape(app)["tessera_schema_is_behind",] == 0
        assert scrape(app)["tessera_build_info", str(schema.newest())] == 1
        stamp(schema.revisions()[0])
        found = scrape(app)
        stamp("ffffffffffff")  # a newer version has upgraded it, and this one goes on serving
        ahead = scrape(app)
    assert (found["tessera_schema_is_behind",], found["tessera_database_up",]) == (1, 1)
    assert ("tessera_claims_waiting",) not in found
    assert (ahead["tessera_schema_is_behind",], ahead["tessera_claims_waiting",]) == (0, 0)


def test_however_often_it_is_asked_a_process_reads_once_in_a_while(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "FRESH", 60.0)
    with shop(database, database_url, tmp_path) as app:
        assert scrape(app)["tessera_campaigns_running",] == 0
        with database.write() as session:
            cast.campaign(session, datetime.now(UTC))
        threads = [threading.Thread(target=scrape, args=(app,)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert scrape(app)["tessera_campaigns_running",] == 0


def test_a_gauge_without_help_is_a_mistake() -> None:
    with pytest.raises(LookupError, match="nonsense"):
        list(metrics.Shop({}, lambda: {"nonsense": {(): 1}}).collect())
