import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from redis.exceptions import ConnectionError as NoConnectionError

from db.database import Database
from tests.web import doors
from web import limits

pytestmark = pytest.mark.any_database

WRONG = {"password": "wrong"}


@pytest.fixture(params=["memory://", doors.NO_REDIS], ids=["redis", "redis-away"])
def app(request: pytest.FixtureRequest, database: Database) -> Flask:
    """The limits, counted where they should be and, with Redis away, in this process."""
    doors.people(database)
    return doors.application(database, redis_url=request.param)


def test_one_address_fails_to_log_in_ten_times_a_minute_and_no_more(app: Flask) -> None:
    guesser = doors.browser(app, "192.0.2.1")
    assert [guesser.log_in(f"user{number}", "wrong").status_code for number in range(10)] == [401] * 10
    refused = guesser.log_in("ann")
    assert refused.status_code == 429
    assert "Too many tries" in refused.text
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert guesser.get("/pos/").status_code == 302
    assert doors.browser(app, "192.0.2.2").log_in("ann").status_code == 302


def test_one_user_name_is_tried_twenty_times_an_hour_from_wherever_however_it_is_written(app: Flask) -> None:
    tries = [
        doors.browser(app, f"192.0.2.{number}").log_in(f" A{chr(0) * number}NN ", "wrong").status_code
        for number in range(20)
    ]
    assert tries == [401] * 20
    assert doors.browser(app, "192.0.2.99").log_in("ann").status_code == 429
    assert doors.browser(app, "192.0.2.99").log_in("bob").status_code == 302


def test_logging_in_rightly_counts_for_nothing(app: Flask) -> None:
    assert [doors.browser(app).log_in("ann").status_code for _ in range(22)] == [302] * 22


def test_each_coupon_has_a_limit_of_its_own(app: Flask) -> None:
    customer = doors.browser(app)
    assert [customer.get("/c/first/verify").status_code for _ in range(20)] == [200] * 20
    refused = customer.get("/c/first/verify", Accept="application/json")
    assert (refused.status_code, refused.json["error"]) == (429, "Too Many Requests")  # type: ignore[index]  # it is JSON
    assert int(refused.headers["Retry-After"]) > 0
    assert customer.get("/c/first/status").status_code == 200
    assert customer.get("/c/second/verify").status_code == 200


def test_redis_lost_by_several_requests_at_once_fails_none_of_them(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.people(database)
    app = doors.application(database, redis_url="memory://")
    (limiter,) = app.extensions["limiter"]

    def lost(*_: object, **__: object) -> bool:
        limiter._storage_dead = True  # noqa: SLF001 (another request has found out just before)
        raise ConnectionError

    monkeypatch.setattr(limiter.limiter, "hit", lost)
    assert doors.browser(app).get("/c/first/status").status_code == 200


def test_that_redis_was_lost_is_logged_without_a_traceback_and_any_other_failure_with_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    doors.people(database)
    app = doors.application(database, redis_url="memory://")
    (limiter,) = app.extensions["limiter"]

    def fails(*_: object, **__: object) -> bool:
        limiter._storage_dead = True  # noqa: SLF001 (another request has found out just before)
        raise NoConnectionError

    monkeypatch.setattr(limiter.limiter, "hit", fails)
    doors.browser(app).get("/c/first/status")
    logging.getLogger("flask-limiter").error("broken", exc_info=ValueError("broken"))
    lost, other = [record for record in caplog.records if record.levelname == "ERROR"]
    assert (lost.getMessage(), lost.exc_info) == ("Failed to rate limit. Swallowing error (ConnectionError)", None)
    assert other.exc_info
    assert other.exc_info[0] is ValueError


def test_of_two_taps_in_the_same_instant_both_are_counted() -> None:
    together = Barrier(2)

    class Token(str):
        """Whoever looks it up waits for the other one, who may come no further while the first is counted."""

        __slots__ = ()

        def __hash__(self) -> int:
            with suppress(BrokenBarrierError):
                together.wait(timeout=0.5)
            return super().__hash__()

    allowed = limits.PerMinute(1)
    assert allowed("another")
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(allowed, (Token("tea"), Token("tea")))) == [False, True]
