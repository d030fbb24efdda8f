import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier, BrokenBarrierError, Event

import pyotp
import pytest
from flask import Flask
from redis.exceptions import ConnectionError as NoConnectionError

from core import user_codes, users
from core.audit import Doer
from db.database import Database
from tests.pos.api import till
from tests.web import doors
from tests.web.doors import Browser
from web import limits, passwords

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
    locked = doors.browser(app, "192.0.2.99").log_in("ann")
    assert locked.status_code == 429 and "Try again in an hour." in locked.text
    assert doors.browser(app, "192.0.2.99").log_in("bob").status_code == 302


def test_logging_in_rightly_counts_for_nothing(app: Flask) -> None:
    assert [doors.browser(app).log_in("ann").status_code for _ in range(22)] == [302] * 22


def test_each_coupon_has_a_limit_of_its_own(app: Flask) -> None:
    customer = doors.browser(app)
    answers = [customer.get("/c/first/verify") for _ in range(20)]
    assert [(answer.status_code, answer.headers.get("Retry-After")) for answer in answers] == [(200, None)] * 20
    refused = customer.get("/c/first/verify", Accept="application/json")
    assert (refused.status_code, refused.json["error"]) == (429, "Too Many Requests")  # type: ignore[index]  # it is JSON
    assert int(refused.headers["Retry-After"]) > 0
    assert customer.get("/c/first/status").status_code == 200
    assert customer.get("/c/second/verify").status_code == 200


def test_one_key_of_a_machine_may_ask_so_often_and_is_told_what_is_left(app: Flask, database: Database) -> None:
    made = till.key(database, datetime.now(UTC))
    other = till.key(database, datetime.now(UTC))
    machine = till.Till(doors.application(database, redis_url="memory://", api_rate=10), made.secret)
    answers = [machine.get("/key") for _ in range(9)] + [machine.post("/coupons/lookup", {"entered": "x"})]
    assert [answer.status_code for answer in answers] == [200] * 9 + [404]
    assert answers[2].headers["RateLimit-Policy"] == '"key";q=10;w=60'
    assert answers[2].headers["RateLimit"].startswith('"key";r=7;t=')
    assert not [name for name, _ in answers[2].headers if name.startswith(("X-RateLimit", "Retry-After"))]
    refused = machine.post("/coupons/lookup", {"entered": "x"})
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert till.told(refused)["code"] == "too_many_requests"
    for spelled in (f"bearer {made.secret}", f"BeaRER   {made.secret}"):
        assert machine.post("/coupons/lookup", {"entered": "x"}, Authorization=spelled).status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert till.Till(machine.app, other.secret).get("/key").status_code == 200
    assert till.Till(app, made.secret).get("/key").status_code == 200  # Redis there or away


def test_keys_are_guessed_sixty_times_a_minute_from_one_address_and_no_more(app: Flask, database: Database) -> None:
    good = till.key(database, datetime.now(UTC))
    guesses = [till.Till(app, f"tessera_00000000_{number}").get("/key").status_code for number in range(61)]
    assert guesses == [401] * 60 + [429]
    assert till.Till(app, good.secret).get("/key").status_code == 429


def test_of_codes_sent_at_the_same_moment_no_more_than_ten_are_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.people(database)
    app, now = doors.application(database), datetime.now(UTC)
    with database.write() as session:
        mia = users.id_of(session, "mia") or 0
        phone = pyotp.TOTP(user_codes.secret(str(app.secret_key), str(user_codes.begin(session, mia))))
        assert user_codes.turn_on(session, Doer(mia, "mia"), str(app.secret_key), phone.at(now), now)
    guessers = [doors.browser(app, f"192.0.2.{number}") for number in range(12)]
    for guesser in guessers:
        assert guesser.log_in("mia").status_code == 302
    together, looked_at = Barrier(12), list[int]()

    def take(*_: object) -> bool:
        looked_at.append(1)
        with suppress(BrokenBarrierError):
            together.wait(timeout=1)
        return False

    monkeypatch.setattr(user_codes, "take", take)
    with ThreadPoolExecutor(12) as pool:
        answers = pool.map(lambda one: one.post("/login/code", code="123456").status_code, guessers)
        assert sorted(answers) == [401] * 10 + [429] * 2
    assert len(looked_at) == 10


def test_passwords_are_looked_at_a_few_at_a_time_and_no_connection_is_held_meanwhile(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.people(database)
    app = doors.application(database)
    guessers = [doors.browser(app, f"192.0.2.{number}") for number in range(20)]
    for guesser in guessers:
        guesser.get("/login")
    held, refused, are_enough_refused = list[int](), list[int](), Event()

    def look(_hash: str, _password: str) -> bool:
        assert are_enough_refused.wait(timeout=60)
        held.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]  # of this kind of pool
        return False

    def guess(guesser: Browser) -> int:
        status = guesser.post("/login", username="ann", password="guess").status_code
        if status == 503:
            refused.append(status)
        if len(refused) == 4:
            are_enough_refused.set()
        return status

    monkeypatch.setattr(users, "is_right", look)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, guessers))
    assert sorted(answers) == [401] * (passwords.AT_ONCE + passwords.WAITING) + [503] * 4
    assert set(held) == {0}


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
