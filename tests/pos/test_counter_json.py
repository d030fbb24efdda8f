"""What the counter's script is told: the same deeds as by the forms, each outcome with its colour and sentence."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from db.database import Database
from db.tables import Campaign, CampaignStore, Coupon, Store, UndoneVerification, Verification, VerificationAttempt
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser

MINUTE = timedelta(minutes=1)


def ask(staff: Browser, act: str, **told: object) -> tuple[int, dict[str, Any]]:
    """What the script is answered."""
    headers = {"Accept": "application/json", "X-CSRFToken": staff.token, "Accept-Language": "en"}
    answer = staff.client.post(f"/pos/{act}", json=told, headers=headers)
    return answer.status_code, answer.get_json()


def verified(staff: Browser) -> dict[str, Any]:
    """Mei's coupon, verified."""
    (coupon,) = ask(staff, "find", entered="TEA-0001")[1]["coupons"]
    status, told = ask(staff, "verify", **coupon, entered="TEA-0001")
    assert (status, told["outcome"]) == (200, "verified")
    return dict(told["coupon"])


def test_what_the_page_asks_by_itself_puts_no_cookie_back(app: Flask) -> None:
    visitor = doors.logged_in(app, "ann")
    for path in ("/pos/offline/state", "/pos/static/lock.js"):
        for headers, is_set in (
            ({"X-Background": "yes"}, False),
            ({"Sec-Fetch-Mode": "cors"}, False),
            ({"Sec-Fetch-Mode": "no-cors"}, False),
            ({"Sec-Fetch-Mode": "navigate"}, True),
            ({}, True),
        ):
            answer = visitor.client.get(path, headers=headers)
            answer.close()
            assert (answer.status_code, bool(answer.headers.get("Set-Cookie"))) == (200, is_set)


def test_a_coupon_is_found_verified_and_undone(ann: Browser, app: Flask, database: Database, watch: Watch) -> None:
    status, told = ask(ann, "find", entered="tea-0001")
    (coupon,) = told["coupons"]
    assert (status, told["outcome"], told["tone"], told["sentence"]) == (200, "found", "yes", "This coupon is good.")
    assert (coupon["serial"], coupon["campaign"], coupon["refusal"]) == ("TEA-0001", "夏日奶茶買一送一", None)
    assert (coupon["redeemed_at"], coupon["verified_at"]) == ("2026-12-01T04:00:00.000Z", None)
    at = (watch.at - MINUTE).isoformat()  # its clock is slow
    status, told = ask(ann, "verify", **coupon, entered="TEA-0001", device_at=at)
    assert (status, told["outcome"], told["tone"], told["sentence"]) == (200, "verified", "yes", "Verified.")
    assert (told["coupon"]["verified_by"], told["coupon"]["verified_in"]) == ("ann", "Xinyi")
    assert (told["coupon"]["verified_at"], told["undo_until"]) == (
        "2026-12-01T04:04:00.000Z",
        "2026-12-01T04:20:00.000Z",
    )
    assert (
        ask(ann, "verify", **coupon, entered="TEA-0001", device_at=at)[1]["outcome"] == "verified"
    )  # the line was bad
    bob = doors.logged_in(app, "bob")
    status, told = ask(bob, "verify", **coupon, entered="TEA-0001")
    assert (status, told["outcome"], told["tone"]) == (409, "already_verified", "no")
    assert told["sentence"].startswith("Already verified on 2026-12-01 12:04 in Xinyi by ann.")
    assert told["undo_until"] is None
    status, told = ask(bob, "undo", **coupon, reason="mine")
    assert (status, told["outcome"], told["sentence"]) == (
        409,
        "other_store_only",
        "It was verified in Xinyi: only that store can undo it.",
    )
    assert ask(ann, "undo", **coupon, reason="  ")[1]["outcome"] == "reason_missing"
    status, told = ask(ann, "undo", **coupon, reason="wrong phone")
    assert (status, told["outcome"], told["tone"], told["coupon"]["refusal"]) == (200, "undone", "yes", None)
    with database.read() as session:
        assert session.scalars(select(Verification)).all() == []
        kept = session.scalars(select(UndoneVerification)).one()
        assert (kept.reason, kept.user_id, kept.undone_at) == ("wrong phone", 1, watch.at)
        times = session.execute(select(VerificationAttempt.outcome, VerificationAttempt.device_at)).all()
    slow = watch.at - MINUTE
    assert [tuple(one) for one in times] == [
        ("verified", slow),
        ("already_verified", slow),
        ("already_verified", None),
    ]
    assert ask(ann, "undo", **coupon, reason="again")[1]["outcome"] == "not_verified"


def test_whoever_counts_ids_verifies_and_undoes_nothing_without_the_coupons_own_reference(
    ann: Browser, database: Database
) -> None:
    with database.read() as session:
        of = session.scalars(select(Coupon)).one()
    for reference in ("", "AAAA-AAAA", str(of.id), None):
        told = ask(ann, "verify", coupon_id=of.id, reference=reference, entered="TEA-0001")
        assert (told[0], told[1]["outcome"], told[1]["coupon"]) == (409, "unknown_coupon", None)
    with database.read() as session:
        assert session.scalars(select(Verification)).all() == []
    coupon = verified(ann)
    assert ask(ann, "undo", **coupon | {"reference": "AAAA-AAAA"}, reason="mine")[1]["outcome"] == "not_verified"
    spoken = f"{of.reference[:4]}-{of.reference[4:]}".lower()
    assert ask(ann, "undo", **coupon | {"reference": spoken}, reason="mine")[1]["outcome"] == "undone"


def test_a_verification_is_undone_at_the_counter_only_in_the_stores_time(ann: Browser, watch: Watch) -> None:
    coupon = verified(ann)
    watch.at += 15 * MINUTE
    status, told = ask(ann, "undo", **coupon, reason="wrong phone")
    assert (status, told["outcome"], told["tone"]) == (409, "undo_too_late", "no")
    assert (told["coupon"]["verified_at"], told["coupon"]["undo_until"]) == (coupon["verified_at"], None)


def test_who_is_not_signed_in_is_told_so_and_nothing_happens(ann: Browser, app: Flask, database: Database) -> None:
    nobody = doors.browser(app)
    for staff in (nobody, ann):
        token, staff.token = staff.token, "another session's"
        for act in ("find", "verify", "undo"):
            status, told = ask(staff, act, entered="TEA-0001", coupon_id=1, reference="x", reason="r")
            assert (status, told["outcome"], told["tone"]) == (401, "signed_out", "no")
        staff.token = token
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt)).all() == []


def test_what_is_no_coupon_is_refused_whatever_is_sent(ann: Browser, database: Database) -> None:
    for made_up in (-1, 0, 10**30, "x", None, [1], {"a": 1}, True):
        status, told = ask(ann, "verify", coupon_id=made_up, entered=made_up, reference=made_up)
        assert (status, told["outcome"], told["coupon"]) == (409, "unknown_coupon", None)
        assert ask(ann, "undo", coupon_id=made_up, reason="r")[1]["outcome"] == "not_verified"
    with database.read() as session:
        assert session.scalars(select(Verification)).all() == []


def change(database: Database, **values: object) -> None:
    with database.write() as session:
        session.execute(update(Campaign).values(**values))


def test_each_refusal_has_its_colour_and_says_what_to_do(
    ann: Browser, database: Database, now: datetime, watch: Watch
) -> None:
    def told(entered: str = "TEA-0001") -> tuple[str, str, str]:
        found = ask(ann, "find", entered=entered)[1]
        if found["coupons"]:  # verifying says the same
            again = ask(ann, "verify", **found["coupons"][0], entered=entered)[1]
            assert (again["outcome"], again["sentence"]) == (found["outcome"], found["sentence"])
        return found["outcome"], found["tone"], found["sentence"]

    change(database, used_from=now + timedelta(days=2))
    assert told() == (
        "not_yet_valid",
        "warn",
        "Good from 2026-12-03 12:00. Ask the customer to come back then.",
    )
    with database.write() as session:
        banqiao = session.scalars(select(Store).where(Store.name == "Banqiao")).one()
        session.add(CampaignStore(campaign_id=1, store_id=banqiao.id))
    assert told() == ("other_store_only", "warn", "Not honoured in this store. Send the customer to: Banqiao.")
    change(database, used_in="online")
    assert told()[:2] == ("online_store_only", "warn")
    with database.write() as session:
        session.execute(update(Store).values(closed_at=now))
    assert told()[:2] == ("store_closed", "warn")
    with database.write() as session:
        token = session.scalars(select(Coupon.token)).one()
    assert told(f"http://localhost/c/{token}")[0] == "store_closed"
    assert told(f"https://tea.example/c/{token}")[:2] == ("wrong_shop", "no")
    assert told("TEA-0002")[:2] == ("not_redeemed", "warn")
    assert told("TEA-9999")[:2] == ("unknown_coupon", "no")
    watch.at = now + timedelta(days=14)
    ann.log_in("ann")
    assert told() == ("expired", "no", "It expired on 2026-12-15 12:00 and is not honoured any more.")
    with database.read() as session:
        assert session.scalars(select(Verification)).all() == []
        kept = session.scalars(select(VerificationAttempt.entered)).all()
    assert not any(token in entered for entered in kept)


def test_what_no_database_keeps_breaks_nothing(ann: Browser, database: Database) -> None:
    deep = f'{{"entered": {"[" * 100_000}{"]" * 100_000}}}'
    headers = {"Accept": "application/json", "X-CSRFToken": ann.token, "Content-Type": "application/json"}
    assert ann.client.post("/pos/find", data=deep, headers=headers).get_json()["outcome"] == "unknown_coupon"
    for half in ("TEA\ud800", "http://\udfff/c/x"):
        assert ask(ann, "find", entered=half)[1]["outcome"] == "unknown_coupon"
        assert ask(ann, "verify", coupon_id=99, reference=half, entered=half)[1]["outcome"] == "unknown_coupon"
    for at in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert ask(ann, "verify", coupon_id=99, entered="x", device_at=at)[1]["outcome"] == "unknown_coupon"
    coupon = verified(ann)
    assert ask(ann, "undo", **coupon, reason="wrong\ud800\0 phone")[1]["outcome"] == "undone"
    with database.read() as session:
        assert session.scalars(select(UndoneVerification.reason)).one() == "wrong? phone"
        kept = [at for at in session.scalars(select(VerificationAttempt.device_at)) if at]
    assert [one.year for one in kept] == [1970, 2100]
    assert ann.get("/pos/today/").status_code == 200
