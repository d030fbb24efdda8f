"""What every page has: protection, headers, a language, an answer for what went wrong."""

import pytest
from flask import Flask
from structlog.testing import CapturingLogger

from db.database import Database
from tests.web import doors

pytestmark = pytest.mark.any_database


@pytest.fixture
def app(database: Database) -> Flask:
    doors.people(database)
    return doors.application(database)


def test_every_answer_carries_the_headers_that_protect_it(app: Flask) -> None:
    for answer in (doors.browser(app).get("/login"), doors.browser(app).get("/nowhere")):
        policy = answer.headers["Content-Security-Policy"]
        for part in ("script-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'self'"):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers


def test_a_header_that_a_view_has_set_stays(app: Flask) -> None:
    assert doors.browser(app).get("/own").headers["Content-Security-Policy"] == "default-src 'none'"


def test_over_https_cookies_are_bound_to_it_and_forms_work_without_a_referrer(database: Database) -> None:
    doors.people(database)
    visitor = doors.browser(doors.application(database, is_https=True), base="https://shop.example")
    answer = visitor.log_in("ann")
    assert answer.status_code == 302
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["__Host-tessera_known", "__Host-tessera_session"]
    for cookie in cookies:
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Expires="):
            assert part in cookie
        assert "Domain=" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_pages_behind_the_log_in_are_kept_by_no_cache(app: Flask) -> None:
    visitor = doors.logged_in(app, "ann")
    assert visitor.get("/pos/").headers["Cache-Control"] == "no-store"
    with visitor.get("/pos/static/counter.css") as script:
        assert script.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [("/nowhere", 404, "There is no such page"), ("/logout", 405, "This address does something else")],
)
def test_what_went_wrong_is_said_as_a_page_or_as_json(app: Flask, path: str, status: int, title: str) -> None:
    visitor = doors.browser(app)
    assert (visitor.get(path).status_code, title in visitor.get(path).text) == (status, True)
    answer = visitor.get(path, Accept="application/json")
    assert answer.status_code == status
    assert answer.json is not None and set(answer.json) == {"error", "detail"}


def test_a_page_speaks_the_language_of_the_browser_and_chinese_otherwise(app: Flask) -> None:
    visitor = doors.browser(app)
    for language, tag, word in (
        ("en-GB,en;q=0.9", "en", "Log in"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant", "登入"),
        ("fr", "zh-Hant", "登入"),
    ):
        text = visitor.get("/login", Accept_Language=language).text
        assert f'<html lang="{tag}">' in text and word in text


def test_a_request_that_is_too_large_is_refused(app: Flask) -> None:
    answer = doors.logged_in(app, "ann").post("/pos/find", entered="9" * 2_100_000)
    assert answer.status_code == 413
    assert "That is too much" in answer.text


def test_a_broken_page_says_so_even_when_the_database_is_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = doors.logged_in(app, "ann")

    def away(*_: object) -> None:
        raise ConnectionError("the database is away")

    kept = CapturingLogger()
    monkeypatch.setattr("web.errors.log", kept)
    monkeypatch.setattr("web.login.users.of_session", away)
    for path in ("/broken", "/pos/"):
        answer = visitor.get(path)
        assert (answer.status_code, "Something broke here" in answer.text) == (500, True)
        assert "away" not in answer.text and "Traceback" not in answer.text
    assert [(call.args, call.kwargs["path"]) for call in kept.calls] == [
        (("request_broke",), "/broken"),
        (("request_broke",), "/pos/"),
    ]
