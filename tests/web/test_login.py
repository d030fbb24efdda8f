import pytest
from flask import Flask
from structlog.testing import CapturingLogger

from core import users
from db.database import Database
from tests.web import doors

pytestmark = pytest.mark.any_database

FAILURE = "The user name or the password is not right."


@pytest.fixture
def app(database: Database) -> Flask:
    doors.people(database)
    return doors.application(database)


def test_the_role_decides_where_one_lands(app: Flask) -> None:
    assert doors.browser(app).log_in("ann").location == "/pos/"
    assert doors.browser(app).log_in("mia").location == "/console/"


def test_who_is_not_logged_in_is_sent_to_log_in_and_back(app: Flask) -> None:
    visitor = doors.browser(app)
    sent = visitor.get("/console/campaigns/summer-tea/")
    assert (sent.status_code, sent.location) == (302, "/login?next=/console/campaigns/summer-tea/")
    assert visitor.log_in("mia", aim="/console/campaigns/summer-tea/").location == "/console/campaigns/summer-tea/"


@pytest.mark.parametrize(
    "aim",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "pos/",
        "/console/",
        "\t//evil",
    ],
)
def test_nobody_is_sent_on_to_another_site_or_another_room(app: Flask, aim: str) -> None:
    assert doors.browser(app).log_in("ann", aim=aim).location == "/pos/"


def test_each_role_is_let_into_its_own_room_only(app: Flask) -> None:
    staff, marketer = doors.logged_in(app, "ann"), doors.logged_in(app, "mia")
    assert (staff.get("/pos/").status_code, staff.get("/console/campaigns/").status_code) == (200, 403)
    assert (marketer.get("/console/campaigns/").status_code, marketer.get("/pos/").status_code) == (200, 403)
    for path in ("/pos/find", "/pos/verify"):
        assert marketer.post(path, entered="TEA-0001", coupon_id=1).status_code == 403
    refused = staff.get("/console/campaigns/summer-tea/")
    assert refused.status_code == 403
    assert "Log out and log in with an account that may open it." in refused.text


def test_every_failed_log_in_says_the_same_and_lets_nobody_in(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = CapturingLogger()
    monkeypatch.setattr("web.login.log", kept)
    doors.disable(database, "bob")
    for username, password in (("ann", "wrong"), ("nobody", doors.PASSWORD), ("bob", doors.PASSWORD), ("", "")):
        visitor = doors.browser(app)
        answer = visitor.log_in(username, password)
        assert answer.status_code == 401
        assert FAILURE in answer.text
        assert doors.PASSWORD not in answer.text
        assert visitor.get("/pos/").status_code == 302
    assert [call.kwargs for call in kept.calls] == [{"username": name} for name in ("ann", "nobody", "bob", "")]


def test_the_session_is_a_new_one_after_log_in_and_holds_the_user_alone(app: Flask) -> None:
    visitor = doors.browser(app)
    with visitor.client.session_transaction() as planted:
        planted["planted"] = "by somebody else"
    visitor.get("/login")
    before = visitor.token
    visitor.log_in("ann")
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
        assert set(session) <= {"_permanent", "_user_id", "_fresh", "_id", "csrf_token", "began", "key"}
    assert visitor.post("/pos/find", csrf_token=before, entered="TEA-0001").status_code == 400


def test_a_disabled_user_is_out_at_the_next_request(app: Flask, database: Database) -> None:
    visitor = doors.logged_in(app, "ann")
    assert visitor.get("/pos/").status_code == 200
    doors.disable(database, "ann")
    assert visitor.get("/pos/").location == "/login?next=/pos/"
    assert visitor.post("/pos/find", entered="TEA-0001").location == "/login"


def test_what_was_typed_when_the_session_had_ended_comes_back_to_be_sent_again(app: Flask, database: Database) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Accept-Language": "en"}
    typed = {"entered": '1 <b> & "2"'}
    for ended in ("cookie", "everywhere"):
        visitor = doors.logged_in(app, "ann")
        visitor.get("/pos/")
        form = typed | {"csrf_token": visitor.token}
        if ended == "cookie":
            visitor.client.delete_cookie("tessera_session")
        else:
            with database.write() as session:
                users.end_sessions(session, users.id_of(session, "ann") or 0)
        for fetch in (own | {"Sec-Fetch-Site": "cross-site"}, own | {"Sec-Fetch-Dest": "empty"}, {}):
            assert "&lt;b&gt;" not in visitor.client.post("/pos/find", data=form, headers=fetch).text
        kept = visitor.client.post("/pos/find", data=form, headers=own)
        assert kept.status_code in {400, 401} and kept.headers["Cache-Control"] == "no-store"
        assert "Not sent yet" in kept.text and "\n1 &lt;b&gt; &amp; &#34;2&#34;</textarea>" in kept.text
        visitor.log_in("ann")
        again = visitor.client.post("/pos/find", data=form, headers=own)
        assert again.status_code == 400 and "Log in, in a new tab" not in again.text
        sent = typed | {"csrf_token": doors.TOKEN_FIELD.findall(again.text)[-1]}
        assert visitor.client.post("/pos/find", data=sent, headers=own).status_code == 200
    secret = visitor.client.post("/login", data={"username": "ann", "password": doors.PASSWORD}, headers=own)
    assert secret.status_code == 400 and doors.PASSWORD not in secret.text


def test_logging_out_ends_the_session_and_needs_the_token(app: Flask) -> None:
    visitor = doors.logged_in(app, "ann")
    assert visitor.post("/logout", csrf_token="").status_code == 400
    assert visitor.get("/pos/").status_code == 200
    assert visitor.post("/logout").location == "/login"
    assert visitor.get("/pos/").status_code == 302


def test_who_is_logged_in_is_led_from_the_log_in_page_to_their_room(app: Flask) -> None:
    assert doors.logged_in(app, "mia").get("/login").location == "/console/"


def test_a_log_in_without_the_token_is_refused_and_nobody_is_logged_in(app: Flask) -> None:
    visitor = doors.browser(app)
    answer = visitor.post("/login", username="ann", password=doors.PASSWORD)
    assert answer.status_code == 400
    assert "This page is too old" in answer.text
    assert visitor.get("/pos/").status_code == 302
