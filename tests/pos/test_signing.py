"""On a store's device: bound by a code, signed in with a PIN, locked, revoked. Who must not get in, does not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import clock, devices, pins, stores, users
from core.audit import Doer
from core.devices import Code
from core.user_changes import Wanted, change
from db.database import Database
from db.tables import Device, Store, User
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser
from web import passwords

PIN, DOER = "8306", Doer()
NEW_PASSWORD = {"present": doors.PASSWORD, "password": "a longer password", "again": "a longer password"}


@pytest.fixture
def watch(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Watch:
    hands = Watch(now)
    monkeypatch.setattr(clock, "now", hands)
    return hands


@pytest.fixture
def app(database: Database, watch: Watch) -> Flask:
    """Two stores; ann, bea (Xinyi) and bob (Banqiao) have the same PIN."""
    doors.people(database)
    with database.write() as session:
        users.create(session, "bea", None, "staff", "Xinyi", watch.at)
        for name in ("ann", "bea", "bob"):
            assert pins.put(session, DOER, users.id_of(session, name) or 0, users.hashed(PIN), watch.at) is None
    return doors.application(database)


def number(database: Database, name: str) -> int:
    with database.read() as session:
        return users.id_of(session, name) or 0


def code(database: Database, now: datetime, store: str = "Xinyi") -> Code:
    with database.write() as session:
        made = devices.add(session, DOER, users.ensure_store(session, store).id, "Till", now)
    assert isinstance(made, Code)
    return made


def bound(app: Flask, database: Database, now: datetime, store: str = "Xinyi") -> Browser:
    """A browser that is a device of the store."""
    till = doors.browser(app)
    till.get("/pos/bind")
    answer = till.post("/pos/bind", code=code(database, now, store).code)
    assert (answer.status_code, answer.location) == (303, "/pos/sign-in")
    return till


def signs_in(till: Browser, user_id: int, pin: str = PIN, aim: str = "") -> int:
    till.get(f"/pos/sign-in/{user_id}")
    answer = till.post(f"/pos/sign-in/{user_id}", pin=pin, next=aim)
    if answer.status_code == 303:
        till.get("/pos/")
    return answer.status_code


def is_locked(till: Browser) -> bool:
    """Whether the script is told that it is a store's device all the same."""
    answer = till.client.get("/pos/offline/state", headers={"Accept": "application/json"})
    return bool(answer.get_json()["is_locked"])


def is_out(till: Browser) -> bool:
    """Neither pages nor scripts get anything, and a script is told so."""
    page, script = till.get("/pos/"), till.client.get("/pos/", headers={"Accept": "application/json"})
    if page.status_code == 200:
        return False
    assert page.status_code == 302 and script.status_code == 401 and script.get_json()["outcome"] == "signed_out"
    assert till.get("/console/account").status_code == 302
    return True


def test_a_device_is_bound_by_its_code_once_and_staff_of_its_store_sign_in_on_it(
    app: Flask, database: Database, watch: Watch
) -> None:
    made, till, late = code(database, watch.at), doors.browser(app), doors.browser(app)
    for browser in (till, late):
        assert browser.get("/pos/sign-in").location == "/login"
        assert browser.get("/pos/bind").headers["Cache-Control"] == "no-store"
    answer = till.post("/pos/bind", code=made.code)
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tessera_device=")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=34560000" in cookie
    refused = late.post("/pos/bind", code=made.code)
    assert refused.status_code == 410 and "This code was used" in refused.text
    assert late.get("/pos/sign-in").location == "/login"
    assert till.get("/pos/").location == "/pos/sign-in?next=%2Fpos%2F"
    shown = till.get("/pos/sign-in").text
    assert ">ann</a>" in shown and ">bea</a>" in shown and "bob" not in shown
    assert signs_in(till, number(database, "ann")) == 303
    assert "ann · Xinyi" in till.get("/pos/").text and "Switch / lock" in till.get("/pos/").text
    assert till.get("/pos/sign-in").location == "/pos/"


def test_the_cookie_goes_over_https_alone_where_the_shop_is_there(database: Database, watch: Watch) -> None:
    doors.people(database)
    till = doors.browser(doors.application(database, is_https=True), base="https://localhost")
    till.get("/pos/bind")
    answer = till.post("/pos/bind", code=code(database, watch.at).code)
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("__Host-tessera_device=")]
    assert "Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie


def test_whoever_was_logged_in_on_a_browser_that_becomes_a_device_is_not_any_more(
    app: Flask, database: Database, watch: Watch
) -> None:
    owner = doors.logged_in(app, "oda")
    copied = owner.client.get_cookie("tessera_session")
    owner.get("/pos/bind")
    assert owner.post("/pos/bind", code=code(database, watch.at).code).status_code == 303
    assert owner.get("/console/people/").status_code == 302
    assert copied is not None
    owner.client.set_cookie("tessera_session", copied.value)
    assert owner.get("/console/people/").status_code == 302


def test_staff_switch_and_each_is_who_they_are(app: Flask, database: Database, watch: Watch) -> None:
    till = bound(app, database, watch.at)
    assert signs_in(till, number(database, "ann")) == 303
    till.get("/pos/")
    assert till.post("/logout").location == "/pos/sign-in"
    assert is_out(till)
    assert signs_in(till, number(database, "bea")) == 303
    assert "bea · Xinyi" in till.get("/pos/").text
    assert signs_in(till, number(database, "ann")) == 303  # without locking before
    assert "ann · Xinyi" in till.get("/pos/").text
    with database.read() as session:
        assert session.scalar(select(User.logged_in_at).where(User.username == "bea")) == watch.at


def test_nobody_of_another_store_or_without_a_pin_or_by_password_alone_signs_in_on_a_device(
    app: Flask, database: Database, watch: Watch
) -> None:
    till = bound(app, database, watch.at)
    with database.write() as session:
        users.create(session, "ben", doors.PASSWORD, "staff", "Xinyi", watch.at)  # who has no PIN yet
    for name in ("ben", "bob", "mia", "oda"):
        assert till.get(f"/pos/sign-in/{number(database, name)}").status_code == 404
        till.get(f"/pos/sign-in/{number(database, 'ann')}")
        assert till.post(f"/pos/sign-in/{number(database, name)}", pin=PIN).status_code == 404
    assert till.post("/pos/sign-in/999", pin=PIN).status_code == 404
    for entered in ("8307", "", "12", "8306 0", PIN + "00000"):
        assert signs_in(till, number(database, "ann"), entered) in (400, 401)
    nobody = doors.browser(app)
    nobody.get("/login")
    assert nobody.post(f"/pos/sign-in/{number(database, 'ann')}", pin=PIN).location == "/login"
    nobody.client.set_cookie("tessera_device", "a guess")
    assert nobody.post(f"/pos/sign-in/{number(database, 'ann')}", pin=PIN).location == "/login"
    assert is_out(till) and nobody.get("/pos/").location == "/login?next=/pos/"


def test_a_device_locks_once_nobody_has_touched_it_and_a_page_by_itself_does_not_keep_it_awake(
    app: Flask, database: Database, watch: Watch
) -> None:
    till, ann = bound(app, database, watch.at), number(database, "ann")
    signs_in(till, ann)
    for _ in range(3):
        watch.at += timedelta(minutes=4)
        assert till.post("/pos/sign-in/awake").status_code == 204
        assert not is_out(till)
    watch.at += timedelta(minutes=4)
    assert till.get("/pos/", X_Background="1").status_code == 200
    copied = till.client.get_cookie("tessera_session")
    watch.at += timedelta(minutes=1)
    assert is_out(till)
    assert till.post("/pos/sign-in/awake").status_code in (400, 401)
    with database.write() as session:
        session.execute(update(Store).values(idle_minutes=60))
    assert copied is not None
    till.client.set_cookie("tessera_session", copied.value)
    assert is_out(till)  # it was ended, not only found too old
    assert is_locked(till)  # and keeps what it needs without a network
    assert signs_in(till, ann) == 303
    watch.at += timedelta(minutes=59)
    assert not is_out(till)


@pytest.mark.parametrize("how", ["revoked", "bound anew", "moved", "shut out", "made marketer", "new pin", "no cookie"])
def test_whatever_ends_somebodys_right_to_a_device_ends_it_with_the_next_request(
    app: Flask, database: Database, watch: Watch, how: str
) -> None:
    till, ann = bound(app, database, watch.at), number(database, "ann")
    assert signs_in(till, ann) == 303
    with database.write() as session:
        device = session.scalars(select(Device.id)).one()
        if how == "revoked":
            devices.revoke(session, DOER, device, watch.at)
        elif how == "bound anew":
            made = devices.new_code(session, DOER, device, watch.at)
            assert made is not None
            devices.bind(session, made.code, watch.at)
        elif how in ("moved", "made marketer"):
            role, store = ("staff", "Banqiao") if how == "moved" else ("marketer", "")
            change(session, DOER, ann, Wanted("ann", role, store), watch.at)  # type: ignore[arg-type]  # a literal
        elif how == "shut out":
            session.execute(update(User).where(User.id == ann).values(disabled_at=watch.at))
        elif how == "new pin":
            pins.put(session, DOER, ann, users.hashed("9147"), watch.at)
    if how == "no cookie":
        till.client.delete_cookie("tessera_device")
    assert is_out(till)
    assert is_locked(till) is (how not in ("revoked", "bound anew", "no cookie"))
    assert ('data-testid="was-device"' in till.get("/login").text) is (how in ("revoked", "bound anew"))
    assert till.post("/pos/verify", coupon_id=1).status_code in (302, 400)
    if how != "no cookie":
        assert signs_in(till, ann) != 303


def test_a_session_copied_from_a_device_opens_nothing_elsewhere(app: Flask, database: Database, watch: Watch) -> None:
    till, thief = bound(app, database, watch.at), bound(app, database, watch.at)
    signs_in(till, number(database, "ann"))
    copied = till.client.get_cookie("tessera_session")
    assert copied is not None
    thief.client.set_cookie("tessera_session", copied.value)
    assert is_out(thief)


def test_a_session_of_a_device_stays_one_when_its_others_are_ended(
    app: Flask, database: Database, watch: Watch
) -> None:
    till = bound(app, database, watch.at)
    signs_in(till, number(database, "ann"))
    till.get("/console/account")
    assert till.post("/console/account/password", **NEW_PASSWORD).status_code == 303
    assert not is_out(till)
    with database.write() as session:
        devices.revoke(session, DOER, session.scalars(select(Device.id)).one(), watch.at)
    assert is_out(till)


def test_pins_are_guessed_five_times_and_then_wait_and_the_right_one_waits_too(
    app: Flask, database: Database, watch: Watch
) -> None:
    till, ann, bea = bound(app, database, watch.at), number(database, "ann"), number(database, "bea")
    assert [signs_in(till, ann, guess) for guess in ("", "abc", "0000", "1357", "9999", "2468", "8305")] == (
        [400] * 2 + [401] * 5
    )
    refused = till.post(f"/pos/sign-in/{ann}", pin=PIN)
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "60"
    assert "Too many wrong PINs. Wait 1 minute." in refused.text
    assert signs_in(till, bea) == 303  # nobody else waits for it
    till.post("/logout")
    watch.at += timedelta(seconds=60)
    assert signs_in(till, ann, "1234") == 401
    watch.at += timedelta(seconds=60)
    assert signs_in(till, ann) == 429
    watch.at += timedelta(seconds=60)
    assert signs_in(till, ann) == 303


def test_of_many_pins_sent_at_once_five_are_looked_at(
    app: Flask, database: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, tills, looked_at = number(database, "ann"), [bound(app, database, watch.at) for _ in range(3)], list[str]()
    for till in tills:
        till.get(f"/pos/sign-in/{ann}")

    def look(_hash: str, entered: str) -> bool:
        looked_at.append(entered)
        return False

    monkeypatch.setattr(users, "is_right", look)

    def guess(one: int) -> list[int]:
        path = f"/pos/sign-in/{ann}"
        return [tills[one].post(path, pin=f"{one}{again:03}").status_code for again in range(6)]

    with ThreadPoolExecutor(3) as pool:
        answers = [status for found in pool.map(guess, range(3)) for status in found]
    assert (len(looked_at), answers.count(401), answers.count(429)) == (5, 5, 13)


def test_a_pin_takes_its_turn_as_a_password_does_and_is_not_counted_where_too_many_wait(
    app: Flask, database: Database, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    till, ann = bound(app, database, watch.at), number(database, "ann")
    monkeypatch.setattr(passwords, "_turns", passwords.Turns(0, 0))
    assert signs_in(till, ann, "1357") == 503
    with database.read() as session:
        assert session.scalar(select(User.pin_tries).where(User.id == ann)) == 0


def test_forms_need_their_token_and_lead_on_to_no_other_room(app: Flask, database: Database, watch: Watch) -> None:
    till, ann = bound(app, database, watch.at), number(database, "ann")
    assert till.post("/pos/bind", csrf_token="", code=code(database, watch.at).code).status_code == 400
    assert till.post(f"/pos/sign-in/{ann}", csrf_token="", pin=PIN).status_code == 400
    script = {"X-CSRFToken": "old", "Accept": "application/json"}
    told = till.client.post("/pos/verify", headers=script)
    assert told.status_code == 401 and told.get_json()["outcome"] == "signed_out"
    for aim in ("//evil.example", "/console/people/", "https://evil.example/pos/"):
        till.get(f"/pos/sign-in/{ann}")
        assert till.post(f"/pos/sign-in/{ann}", pin=PIN, next=aim).location == "/pos/"
        till.get("/pos/")
        till.post("/logout")


def test_a_closed_store_says_so_where_its_staff_sign_in(app: Flask, database: Database, watch: Watch) -> None:
    till = bound(app, database, watch.at)
    with database.write() as session:
        stores.close(session, DOER, session.scalars(select(Device.store_id)).one(), watch.at)
    assert "This store is closed" in till.get("/pos/sign-in").text
    assert signs_in(till, number(database, "ann")) == 303  # what was done without a network can be told all the same


@pytest.mark.usefixtures("watch")
def test_bindings_are_guessed_twenty_times_a_minute_from_one_address(app: Flask) -> None:
    guesser = doors.browser(app, "192.0.2.1")
    guesser.get("/pos/bind")
    assert [guesser.post("/pos/bind", code=f"guess{one}").status_code for one in range(21)] == [410] * 20 + [429]
