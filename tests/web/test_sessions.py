"""Sessions that end, the second step of logging in, and a forgotten password."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from core import clock, user_codes, user_links, user_sessions, users
from core.audit import Doer
from db.database import Database
from db.tables import Mail, User
from tests.web import doors
from tests.web.doors import Browser
from web.services import KEY

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
WRONG_CODE = "That code is not right, or was used before."


@pytest.fixture
def app(database: Database) -> Flask:
    doors.people(database)
    made = doors.application(database)
    made.extensions[KEY] = replace(made.extensions[KEY], sends_mail=True)
    return made


def user_id(database: Database, name: str) -> int:
    with database.read() as session:
        return users.id_of(session, name) or 0


def phone_of(app: Flask, database: Database, name: str) -> tuple[pyotp.TOTP, list[str]]:
    """The user's phone, with codes turned on an hour ago."""
    with database.write() as session:
        found, key = users.id_of(session, name) or 0, str(app.secret_key)
        phone = pyotp.TOTP(user_codes.secret(key, str(user_codes.begin(session, found))))
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        made = user_codes.turn_on(session, Doer(found, name), key, phone.at(hour_ago), hour_ago)
    return phone, list(made or [])


def is_in(visitor: Browser) -> bool:
    return visitor.get("/console/account").status_code == 200


def test_a_session_ends_after_rest_and_after_its_longest_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = doors.logged_in(app, "mia")
    later = datetime.now(UTC) + timedelta(days=7)
    monkeypatch.setattr(clock, "now", lambda: later - timedelta(hours=1))
    assert is_in(visitor)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert not is_in(visitor)  # though it never rested
    monkeypatch.undo()
    resting = doors.logged_in(app, "mia")
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert not is_in(resting)


def test_whatever_ends_a_users_sessions_ends_those_of_other_browsers_too(app: Flask, database: Database) -> None:
    phone, laptop, other = doors.logged_in(app, "mia"), doors.logged_in(app, "mia"), doors.logged_in(app, "oda")
    mia = user_id(database, "mia")
    laptop.get("/console/account")
    new = {"present": doors.PASSWORD, "password": "a longer password", "again": "a longer password"}
    assert laptop.post("/console/account/password", **new).status_code == 303
    assert is_in(laptop) and not is_in(phone) and is_in(other)
    phone = doors.browser(app)
    assert phone.log_in("mia", doors.PASSWORD).status_code == 401
    phone.log_in("mia", "a longer password")
    laptop.get("/console/account")
    laptop.post("/console/account/sessions")
    assert is_in(laptop) and not is_in(phone)
    other.get(f"/console/people/{mia}/log-out")
    other.post(f"/console/people/{mia}/log-out")
    assert not is_in(laptop)
    for planted in ("1", "x.1", f"{mia}.99", "", f"{mia}"):
        with laptop.client.session_transaction() as session:
            session["_user_id"] = planted
        assert not is_in(laptop)


def test_a_copied_cookie_opens_nothing_once_its_owner_has_logged_out_or_in_anew(app: Flask) -> None:
    for leave in ("/logout", "/login"):
        mia, thief, other = doors.logged_in(app, "mia"), doors.browser(app), doors.logged_in(app, "mia")
        copied = mia.client.get_cookie("tessera_session")
        assert copied
        thief.client.set_cookie("tessera_session", copied.value)
        assert is_in(thief)
        mia.post(leave, username="mia", password=doors.PASSWORD)
        assert not is_in(thief) and is_in(other)
        thief.client.set_cookie("tessera_session", copied.value)
        assert not is_in(thief)


def test_whoever_logs_out_while_the_database_is_away_is_out_here_and_is_told_that_something_is_wrong(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    mia = doors.logged_in(app, "mia")
    monkeypatch.setattr(user_sessions, "end", is_away)
    assert mia.post("/logout").status_code == 503
    assert not is_in(mia)


def test_with_codes_the_password_alone_opens_nothing(app: Flask, database: Database) -> None:
    phone, recovery = phone_of(app, database, "mia")
    visitor = doors.browser(app)
    with visitor.client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    assert visitor.log_in("mia", aim="/console/flows/").location == "/login/code?next=/console/flows/"
    assert not is_in(visitor)
    wrong = visitor.post("/login/code", code="000000")
    assert wrong.status_code == 401 and WRONG_CODE in wrong.text and not is_in(visitor)
    code = phone.now()
    answer = visitor.post("/login/code", code=code, next="//evil.example")
    assert answer.location == "/console/" and is_in(visitor)
    with visitor.client.session_transaction() as session:
        assert "planted" not in session and "half" not in session
    thief = doors.browser(app)
    thief.log_in("mia")
    assert WRONG_CODE in thief.post("/login/code", code=code).text and not is_in(thief)  # seen over a shoulder
    assert thief.post("/login/code", code=recovery[0]).status_code == 302 and is_in(thief)


def test_a_code_is_asked_of_nobody_who_has_not_just_told_the_password(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, _ = phone_of(app, database, "mia")
    stranger, slow = doors.browser(app), doors.browser(app)
    stranger.get("/login")
    assert stranger.post("/login/code", code=phone.now()).location == "/login"
    slow.log_in("mia")
    six_minutes_on = datetime.now(UTC) + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: six_minutes_on)
    assert slow.post("/login/code", code=phone.at(six_minutes_on)).location == "/login"


def test_codes_are_guessed_ten_times_an_hour_from_wherever_and_passwords_of_whoever_sits_there(
    app: Flask, database: Database
) -> None:
    phone, _ = phone_of(app, database, "mia")
    tries = []
    for number in range(11):
        guesser = doors.browser(app, f"192.0.2.{number}")
        guesser.log_in("mia")
        tries.append(guesser.post("/login/code", code=f"{number:06}").status_code)
    assert tries == [401] * 10 + [429]
    assert guesser.post("/login/code", code=phone.now()).status_code == 429
    oda = doors.logged_in(app, "oda")
    oda.get("/console/account")
    tries = [oda.post("/console/account/password", present="guess").status_code for _ in range(11)]
    assert tries == [401] * 10 + [429]


def test_who_guesses_at_a_name_does_not_lock_its_owner_out_of_their_own_browser(app: Flask) -> None:
    own = doors.logged_in(app, "ann")
    own.get("/pos/")
    own.post("/logout")
    guesses = [doors.browser(app, f"192.0.2.{number}").log_in("ann", "wrong").status_code for number in range(21)]
    assert guesses == [401] * 20 + [429]
    assert doors.browser(app, "192.0.2.99").log_in("ann").status_code == 429  # a browser that nobody knows
    assert own.log_in("ann").status_code == 302


def test_whether_a_name_is_known_makes_no_difference_to_what_is_answered_or_done(
    app: Flask, database: Database
) -> None:
    with database.write() as session:
        session.execute(update(User).where(User.username == "mia").values(email="mia@example.com"))
    answers = []
    for number, asked in enumerate(("mia", "mia@example.com", "nobody", "bob")):
        visitor = doors.browser(app, f"192.0.2.{number}")
        visitor.get("/forgotten")
        answer = visitor.post("/forgotten", asked=asked)
        answers.append((answer.status_code, answer.text))
    assert len(set(answers)) == 1 and "a mail is on its way" in answers[0][1]
    with database.read() as session:  # one row each; a job finds out who it is
        rows = session.execute(select(Mail.asked, Mail.user_id, Mail.state)).all()
    assert sorted(rows) == [(one, None, "pending") for one in ("bob", "mia", "mia@example.com", "nobody")]


def test_nobody_is_sent_more_than_three_mails_an_hour(app: Flask, database: Database) -> None:
    for number in range(4):
        visitor = doors.browser(app, f"192.0.2.{number}")
        visitor.get("/forgotten")
        last = visitor.post("/forgotten", asked=f" MI{chr(0) * number}A ").status_code
    assert last == 429
    with database.read() as session:
        assert len(session.scalars(select(Mail.id)).all()) == 3


def test_without_a_mail_server_the_page_says_to_ask_an_owner(app: Flask, database: Database) -> None:
    app.extensions[KEY] = replace(app.extensions[KEY], sends_mail=False)
    visitor = doors.browser(app)
    assert "Ask an owner of the shop" in visitor.get("/forgotten").text
    visitor.get("/login")
    assert "Ask an owner of the shop" in visitor.post("/forgotten", asked="mia").text
    with database.read() as session:
        assert session.scalars(select(Mail)).all() == []


def test_a_link_chooses_a_password_once_and_does_not_log_in(app: Flask, database: Database) -> None:
    phone_of(app, database, "mia")
    old = doors.browser(app)
    with database.write() as session:
        token = user_links.make(session, users.id_of(session, "mia") or 0, user_links.BY_HAND, None, datetime.now(UTC))
    for _ in range(2):  # mail programs look at links first
        page = old.get(f"/password/{token}")
        assert page.status_code == 200 and page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
    new = {"password": "a longer password", "again": "a longer password"}
    assert old.post(f"/password/{token}", csrf_token="", **new).status_code == 400
    old.get(f"/password/{token}")
    assert old.post(f"/password/{token}", password="short", again="short").status_code == 409
    assert old.post(f"/password/{token}", password="a longer password", again="another").status_code == 409
    assert old.post(f"/password/{token}", **new).location == "/login?chosen=1"
    assert not is_in(old)
    assert old.get(f"/password/{token}").status_code == 410
    old.get("/login")
    assert old.post(f"/password/{token}", **new).status_code == 410
    assert old.log_in("mia", "a longer password").location == "/login/code"  # a stolen link opens nothing by itself
    with database.read() as session:
        assert session.scalars(select(Mail.kind)).all() == ["changed"]
