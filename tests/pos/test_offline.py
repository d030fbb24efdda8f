"""What the counter's app asks for before the network goes away, and what it tells once it is back."""

import json
import struct
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from core import clock, offline_codes, serials
from db.database import Database
from db.tables import Campaign, CampaignStore, Coupon, Store, User, Verification, VerificationAttempt
from tests import cast
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def app(database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Mei has TEA-0001, Alex TEA-0002, both counted; it is an hour later."""
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, now)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
    for token in tokens:
        cast.redeem(database, token, now)
    cast.count(database, now + MINUTE)
    monkeypatch.setattr(clock, "now", lambda: now + 60 * MINUTE)
    return doors.application(database)


def kept(staff: Browser) -> tuple[dict[str, Any], dict[bytes, tuple[Any, ...]]]:
    """The list's head, and by a serial's digest the reference's, the expiry and the campaign."""
    answer = staff.client.get("/pos/offline/codes")
    assert answer.mimetype == "application/octet-stream" and answer.headers["Cache-Control"] == "no-store"
    length = int.from_bytes(answer.data[:4], "big")
    rows = struct.iter_unpack(">4s4sIH", answer.data[4 + length :])
    return json.loads(answer.data[4 : 4 + length]), {
        serial: (one, expiry, place) for serial, one, expiry, place in rows
    }


def test_the_list_has_what_is_redeemed_and_not_verified_by_digests_alone(
    ann: Browser, database: Database, now: datetime
) -> None:
    with database.read() as session:
        coupons = session.scalars(select(Coupon).order_by(Coupon.id)).all()
    ann.post("/pos/verify", coupon_id=coupons[1].id, reference=coupons[1].reference, entered="TEA-0002")
    head, rows = kept(ann)  # before it is counted
    salt = bytes.fromhex(head["salt"])
    assert rows == {
        offline_codes.digest(salt, "TEA-0001"): (
            offline_codes.digest(salt, coupons[0].reference),
            int((now + 14 * DAY).timestamp()),
            0,
        )
    }
    assert [one["name"] for one in head["campaigns"]] == ["夏日奶茶買一送一"]
    assert (head["at"], head["is_whole"], head["row"]) == ("2026-12-01T05:00:00.000Z", True, 14)
    raw = ann.client.get("/pos/offline/codes").data
    assert not any(code.encode() in raw for code in ("TEA-0001", coupons[0].reference, coupons[0].token))
    again, others = kept(ann)
    assert again["salt"] != head["salt"] and not others.keys() & rows.keys()


def test_the_list_has_no_campaign_of_other_stores_and_no_expired_coupon(
    ann: Browser, app: Flask, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as session:
        campaign = session.scalars(select(Campaign)).one()
        store = session.scalars(select(Store.id).where(Store.name == "Banqiao")).one()
        session.add(CampaignStore(campaign_id=campaign.id, store_id=store))
    head, rows = kept(ann)
    assert (head["campaigns"], rows) == ([], {})
    bob = doors.logged_in(app, "bob")
    assert len(kept(bob)[1]) == 2
    for used_in, is_kept in (("online", 0), ("both", 1)):
        with database.write() as session:
            session.execute(update(Campaign).values(used_in=used_in))
        assert len(kept(bob)[0]["campaigns"]) == is_kept
    monkeypatch.setattr(clock, "now", lambda: now + 14 * DAY)
    bob.log_in("bob")
    assert kept(bob)[1] == {}


@pytest.mark.parametrize(("most", "looked_at", "at_once"), [(1, 9, 1), (9, 1, 9)])
def test_a_list_that_is_not_whole_says_so_and_has_those_redeemed_last(
    ann: Browser,
    database: Database,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    looked_at: int,
    at_once: int,
) -> None:
    assert kept(ann)[0]["is_whole"]
    with database.write() as session:
        token = cast.sent(session, cast.EVE, now)
    cast.redeem(database, token, now + 2 * MINUTE)
    cast.count(database, now + 3 * MINUTE)
    for name, value in {"MOST": most, "LOOKED_AT": looked_at, "AT_ONCE": at_once}.items():
        monkeypatch.setattr(offline_codes, name, value)
    head, rows = kept(ann)
    assert (head["is_whole"], list(rows)) == (False, [offline_codes.digest(bytes.fromhex(head["salt"]), "TEA-0003")])


def test_a_fixed_serial_is_known_as_one_that_says_nothing_of_whose_it_is(
    ann: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        gift = cast.campaign(session, now, replace(cast.GIFT, expires_after_seconds=7200), codes=0)
        serials.add_fixed(session, gift.id, "FREECOOKIE", 9, now)
        token = cast.sent(session, cast.MEI, now, cast.GIFT.slug)
    cast.redeem(database, token, now)
    cast.count(database, now + MINUTE)
    head, rows = kept(ann)
    digest = offline_codes.digest(bytes.fromhex(head["salt"]), "FREECOOKIE")
    assert head["campaigns"][0]["fixed"] == [digest.hex()]
    assert digest not in rows and len(rows) == 3 and bytes(4) in rows


def item(nonce: str, entered: str, at: datetime, **more: object) -> dict[str, object]:
    return {"nonce": nonce * 16, "entered": entered, "at": at.isoformat(), "store_id": 1, **more}


def tell(staff: Browser, *items: object) -> tuple[int, Any]:
    headers = {"Accept": "application/json", "X-CSRFToken": staff.token, "Accept-Language": "en"}
    answer = staff.client.post("/pos/offline/told", json={"items": items}, headers=headers)
    return answer.status_code, answer.get_json()


def test_a_coupon_is_named_by_its_number_only_with_a_code_of_its_own(
    ann: Browser, database: Database, now: datetime
) -> None:
    ann.token = ann.get("/pos/offline/state").get_json()["csrf"]
    with database.read() as session:
        mei, alex = session.scalars(select(Coupon).order_by(Coupon.id)).all()
    link = f"http://localhost/c/{alex.token}"
    numbers = {"a": mei.id, "b": 2**70, "c": -(2**70)}
    guessed = [item(one, "TEA-0002", now + MINUTE, coupon_id=number) for one, number in numbers.items()]
    told = tell(ann, *guessed)[1]["taken"]
    assert [(one["outcome"], one["is_conflict"]) for one in told] == [("unknown_coupon", True)] * 3
    with database.read() as session:
        assert session.scalars(select(Verification)).all() == []
    for number, of, code in ((1, mei, "tea-0001"), (2, mei, mei.reference), (3, alex, link), (4, alex, "TEA-0002")):
        (one,) = tell(ann, item(str(number), code, now + MINUTE, coupon_id=of.id))[1]["taken"]
        assert (one["outcome"], one["coupon_id"]) == ("verified" if number % 2 else "already_verified", of.id)


def test_what_is_told_twice_and_out_of_order_is_one_verification_each_at_the_devices_time(
    ann: Browser, database: Database, now: datetime
) -> None:
    state = ann.get("/pos/offline/state").get_json()
    assert (state["user"], state["store"], state["store_id"]) == ("ann", "Xinyi", 1)
    ann.token = state["csrf"]
    told = [item("a", "TEA-0001", now + MINUTE, user_id=state["user_id"]), item("b", "TEA-0002", now + 2 * MINUTE)]
    first = tell(ann, *told)[1]["taken"]
    again = tell(ann, *told[::-1], told[0])[1]["taken"]
    assert again == [first[1], first[0], first[0]]
    assert [(one["outcome"], one["tone"], one["is_conflict"]) for one in first] == [("verified", "yes", False)] * 2
    with database.read() as session:
        times = session.execute(select(Verification.verified_at, Verification.is_offline)).all()
        attempts = session.scalars(select(VerificationAttempt)).all()
    assert sorted(map(tuple, times)) == [(now + MINUTE, True), (now + 2 * MINUTE, True)]
    assert {(one.device_at, one.attempted_at) for one in attempts} == {
        (now + MINUTE, now + 60 * MINUTE),
        (now + 2 * MINUTE, now + 60 * MINUTE),
    }


def test_what_cannot_be_read_or_is_another_stores_is_left_to_the_device_and_stops_nothing_else(
    ann: Browser, database: Database, now: datetime
) -> None:
    bad: list[object] = [
        item("x", "TEA-0002", now, store_id=2),
        {"nonce": "y" * 16, "entered": "TEA-0002", "at": "yesterday", "store_id": 1},
        {"nonce": "z" * 16, "entered": "TEA-0002", "at": "2026-12-01T12:00:00", "store_id": 1},
        7,
    ]
    status, told = tell(ann, *bad, item("a", "TEA-0001", now))
    assert (status, told["left"]) == (200, ["x" * 16, "y" * 16, "z" * 16, None])
    assert [one["nonce"] for one in told["taken"]] == ["a" * 16]
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt.entered)).all() == ["TEA-0001"]


def test_a_time_outside_of_any_calendar_is_a_fact_all_the_same_and_breaks_no_page(
    ann: Browser, app: Flask, database: Database, now: datetime
) -> None:
    times = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00")
    told = [item(nonce, "TEA-9999", now) | {"at": at} for nonce, at in zip("ab", times, strict=True)]
    assert [one["is_conflict"] for one in tell(ann, *told)[1]["taken"]] == [True, True]
    with database.read() as session:
        assert {at.year for at in session.scalars(select(VerificationAttempt.device_at)) if at} == {1970, 2100}
    assert ann.get("/pos/today/").status_code == 200
    assert doors.logged_in(app, "oda").get("/console/conflicts/").text.count("TEA-9999") == 2


@pytest.mark.parametrize("wrong", [{"items": [{}] * 201}, {"items": "all"}, [], None])
def test_a_request_that_is_none_is_refused_whole(ann: Browser, database: Database, wrong: object) -> None:
    answer = ann.client.post("/pos/offline/told", json=wrong, headers={"X-CSRFToken": ann.token})
    assert answer.status_code == 400
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt)).all() == []


def test_who_is_signed_out_is_told_so_and_leaves_nothing(app: Flask, database: Database, now: datetime) -> None:
    nobody = doors.browser(app)
    for path in ("state", "codes"):
        answer = nobody.client.get(f"/pos/offline/{path}", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.get_json()["outcome"]) == (401, "signed_out")
        assert answer.get_json()["is_locked"] is False
    assert tell(nobody, item("a", "TEA-0001", now))[0] == 401
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt)).all() == []


def test_a_conflict_is_told_to_the_cashier_and_settled_by_the_owner_with_a_note(
    ann: Browser, app: Flask, database: Database, now: datetime
) -> None:
    oda, mia = doors.logged_in(app, "oda"), doors.logged_in(app, "mia")
    assert 'data-testid="none"' in oda.get("/console/conflicts/").text
    assert mia.get("/console/conflicts/").status_code == 403
    tell(ann, item("a", "TEA-0001", now + MINUTE))
    bob = doors.logged_in(app, "bob")
    (told,) = tell(bob, item("b", "TEA-0001", now, store_id=2))[1]["taken"]
    assert (told["is_conflict"], told["tone"], told["outcome"]) == (True, "no", "already_verified")
    assert (told["first_at"], told["first_store"], told["first_by"]) == ("2026-12-01T04:01:00.000Z", "Xinyi", "ann")
    assert "Offline conflicts to settle: 1" in oda.get("/console/stores/").text
    assert "Offline conflicts" not in mia.get("/console/contacts/").text
    page = oda.get("/console/conflicts/").text
    for words in (
        "TEA-0001",
        "2026-12-01 12:00 · Banqiao · bob",
        "2026-12-01 12:01 · Xinyi · ann",
        "elsewhere",
    ):
        assert words in page
    with database.read() as session:
        number = session.scalars(select(VerificationAttempt.id).order_by(VerificationAttempt.id.desc())).first()
    assert oda.post("/console/conflicts/999/settle", note="?").status_code == 404
    oda.post(f"/console/conflicts/{number}/settle", note="  ")
    assert "Say what came of it" in oda.get("/console/conflicts/").text and deeds(database, "conflict") == []
    oda.post(f"/console/conflicts/{number}/settle", note="Both customers are happy")
    assert 'data-testid="none"' in oda.get("/console/conflicts/").text
    assert "Both customers are happy" in oda.get("/console/conflicts/?settled=yes").text
    oda.post(f"/console/conflicts/{number}/settle", note="again")
    assert "Somebody else has settled it" in oda.get("/console/conflicts/").text
    assert deeds(database, "conflict") == [("oda", "conflict.settled", str(number))]


def test_the_shell_and_the_worker_know_nothing_of_anybody(ann: Browser, database: Database) -> None:
    shell = ann.get("/pos/shell")
    with database.read() as session:
        names = [*session.scalars(select(User.username)), *session.scalars(select(Store.name))]
    assert not any(f">{name}" in shell.text or f" {name} " in shell.text for name in names)
    assert "csrf_token" not in shell.text and "TEA-0001" not in shell.text
    for page in (shell, ann.get("/pos/")):
        assert "camera=(self)" in page.headers["Permissions-Policy"]
        assert "script-src 'self' 'wasm-unsafe-eval';" in page.headers["Content-Security-Policy"]
    worker, manifest = ann.get("/pos/worker.js"), ann.get("/pos/manifest.webmanifest")
    for path in ("/pos/shell", "counter/main.js", "zxing_reader.wasm", "/static/base.css"):
        assert path in worker.text
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-store")
    assert manifest.get_json()["scope"] == "/pos/" and len(manifest.get_json()["icons"]) == 4
    with ann.client.get(manifest.get_json()["icons"][0]["src"]) as icon:
        assert (icon.status_code, icon.mimetype) == (200, "image/png")
        assert "max-age=31536000" in icon.headers["Cache-Control"]
