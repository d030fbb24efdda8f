from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from core import serials
from db.database import Database
from db.tables import Coupon, Redemption, Store, User, Verification, VerificationAttempt
from tests import cast
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser


def coupon(database: Database) -> Coupon:
    with database.read() as session:
        return session.scalars(select(Coupon)).one()


def test_a_scan_with_control_characters_is_kept_without_them(ann: Browser, database: Database) -> None:
    assert ann.post("/pos/find", entered="\x00").status_code == 200
    assert verify(ann, coupon(database), "\x02TEA-0001\x00").status_code == 303
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt.entered)).all() == ["TEA-0001"]


def verify(staff: Browser, of: Coupon, entered: str = "TEA-0001") -> TestResponse:
    return staff.post("/pos/verify", coupon_id=of.id, reference=of.reference, entered=entered)


def kept(database: Database) -> list[tuple[datetime, str, str]]:
    """Every verification: when, by whom, where."""
    statement = select(Verification.verified_at, User.username, Store.name).join_from(Verification, User).join(Store)
    with database.read() as session:
        return [(at, staff, store) for at, staff, store in session.execute(statement)]


def attempts(database: Database) -> list[tuple[str, str]]:
    statement = select(VerificationAttempt.entered, VerificationAttempt.outcome).order_by(VerificationAttempt.id)
    with database.read() as session:
        return [(entered, outcome) for entered, outcome in session.execute(statement)]


def test_a_scanned_serial_shows_its_coupon_and_changes_nothing(ann: Browser, database: Database) -> None:
    page = ann.post("/pos/find", entered=" ｔｅａ－0001\n")
    assert page.status_code == 200
    for words in ("夏日奶茶買一送一", "TEA-0001", "2026-12-01 12:00", "2026-12-15 12:00", "Show this at the counter."):
        assert words in page.text
    assert 'data-testid="verify"' in page.text
    assert "Xinyi" in page.text
    assert (kept(database), attempts(database)) == ([], [])


def test_what_is_no_serial_is_looked_for_among_the_customers_with_one_tap(
    ann: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        alex = cast.contact(session, cast.ALEX, now, "Alex Chen").id
        cast.sent(session, cast.ALEX, now)
        unredeemed = session.scalars(select(Coupon.reference).where(Coupon.contact_id == alex)).one()
    for entered in ("alex", unredeemed):
        page = ann.post("/pos/find", entered=entered).text
        assert f'name="entered" value="{entered}"' in page and page.count('data-testid="whose"') == 2  # the script's
        assert ann.post("/pos/customers/find", entered=entered).location == f"/pos/customers/{alex}"
    assert ann.post("/pos/find", entered="TEA-0001").text.count('data-testid="whose"') == 1


def test_a_verified_coupon_says_so_once_and_the_counter_is_ready_again(
    ann: Browser, database: Database, watch: Watch
) -> None:
    done = verify(ann, coupon(database))
    assert (done.status_code, done.location) == (303, "/pos/")
    shown = ann.get("/pos/").text
    assert 'data-testid="verified"' in shown and "2026-12-01 12:05" in shown and "autofocus" in shown
    assert 'action="/pos/undo"' in shown and "(until 12:20)" in shown
    assert 'data-testid="verified"' not in ann.get("/pos/").text
    assert kept(database) == [(watch.at, "ann", "Xinyi")]
    assert attempts(database) == [("TEA-0001", "verified")]


def test_a_form_sent_twice_shows_the_first_result(ann: Browser, database: Database, watch: Watch) -> None:
    first = watch.at
    verify(ann, coupon(database))
    watch.at += timedelta(seconds=9)
    again = verify(ann, coupon(database))
    assert (again.status_code, again.location) == (303, "/pos/")
    shown = ann.get("/pos/").text
    assert 'data-testid="verified"' in shown and "2026-12-01 12:05" in shown
    assert kept(database) == [(first, "ann", "Xinyi")]


def test_the_same_person_a_minute_later_is_told_that_it_was_verified_before(
    ann: Browser, database: Database, watch: Watch
) -> None:
    verify(ann, coupon(database))
    watch.at += timedelta(minutes=1)
    refused = verify(ann, coupon(database))
    assert refused.status_code == 409
    assert 'data-reason="already_verified"' in refused.text


def test_of_two_staff_one_verifies_and_the_other_learns_who_was_first(
    ann: Browser, app: Flask, database: Database, watch: Watch
) -> None:
    bob = doors.logged_in(app, "bob")
    for staff in (ann, bob):
        assert 'data-testid="verify"' in staff.post("/pos/find", entered="TEA-0001").text
    assert verify(ann, coupon(database)).status_code == 303
    refused = verify(bob, coupon(database))
    assert refused.status_code == 409
    assert 'data-reason="already_verified"' in refused.text
    for words in ("2026-12-01 12:05", "Xinyi", "ann"):
        assert words in refused.text
    assert 'data-testid="verify"' not in refused.text
    assert kept(database) == [(watch.at, "ann", "Xinyi")]
    assert [outcome for _, outcome in attempts(database)] == ["verified", "already_verified"]


def test_of_two_staff_who_tap_in_the_same_instant_one_alone_verifies(
    ann: Browser, app: Flask, database: Database
) -> None:
    of, bob, start = coupon(database), doors.logged_in(app, "bob"), Barrier(2)

    def tap(staff: Browser) -> tuple[int, str]:
        start.wait(timeout=10)
        answer = verify(staff, of)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(tap, (ann, bob)))
    assert [status for status, _ in answers] == [303, 409]
    ((_, winner, store),) = kept(database)
    assert winner in answers[1][1] and store in answers[1][1]
    assert sorted(outcome for _, outcome in attempts(database)) == ["already_verified", "verified"]


def test_a_coupon_verified_before_is_shown_without_the_button(ann: Browser, database: Database) -> None:
    verify(ann, coupon(database))
    page = ann.post("/pos/find", entered="TEA-0001").text
    assert 'data-reason="already_verified"' in page and "<code>already_verified</code>" in page
    assert 'data-testid="verify"' not in page


def test_an_expired_coupon_is_not_verified(ann: Browser, database: Database, watch: Watch) -> None:
    watch.at += timedelta(days=14)
    ann.log_in("ann")
    page = ann.post("/pos/find", entered="TEA-0001").text
    assert 'data-reason="expired"' in page and 'data-testid="verify"' not in page
    assert verify(ann, coupon(database)).status_code == 409
    assert kept(database) == []


@pytest.mark.parametrize(("entered", "reason"), [("TEA-0002", "not_redeemed"), ("TEA-9999", "unknown_coupon")])
def test_what_cannot_be_verified_is_explained_and_the_attempt_is_kept(
    ann: Browser, database: Database, entered: str, reason: str
) -> None:
    page = ann.post("/pos/find", entered=entered)
    assert page.status_code == 200
    assert f'data-reason="{reason}"' in page.text and f"<code>{reason}</code>" in page.text
    assert (kept(database), attempts(database)) == ([], [(entered, reason)])


def test_a_look_up_of_a_used_coupon_is_an_attempt_and_is_kept(ann: Browser, database: Database) -> None:
    verify(ann, coupon(database))
    assert 'data-reason="already_verified"' in ann.post("/pos/find", entered="tea-0001").text
    assert attempts(database) == [("TEA-0001", "verified"), ("tea-0001", "already_verified")]


def test_an_empty_field_is_no_attempt(ann: Browser, database: Database) -> None:
    assert ann.post("/pos/find", entered="  ").status_code == 200
    assert attempts(database) == []


def test_what_was_typed_is_shown_as_text(ann: Browser) -> None:
    page = ann.post("/pos/find", entered='"><script>alert(1)</script>').text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_without_the_token_nothing_is_looked_up_or_verified(ann: Browser, database: Database) -> None:
    of = coupon(database)
    for path in ("/pos/find", "/pos/verify"):
        answer = ann.post(path, csrf_token="", entered="TEA-0001", coupon_id=of.id, reference=of.reference)
        assert answer.status_code == 400
        assert "This page is too old" in answer.text
    assert (kept(database), attempts(database)) == ([], [])


def test_a_get_verifies_nothing(ann: Browser, database: Database) -> None:
    assert ann.get(f"/pos/verify?coupon_id={coupon(database).id}").status_code == 405
    assert (kept(database), attempts(database)) == ([], [])


@pytest.mark.parametrize("made_up", ["", "nonsense", "99", "0", "-1", str(2**63), str(2**64 + 1), "9" * 5000])
def test_a_form_with_no_coupon_of_the_shop_is_refused_and_the_attempt_is_kept(
    ann: Browser, database: Database, made_up: str
) -> None:
    refused = ann.post("/pos/verify", coupon_id=made_up, reference=coupon(database).reference, entered="TEA-0001")
    assert refused.status_code == 409
    assert 'data-reason="unknown_coupon"' in refused.text and "There is no such serial" in refused.text
    assert (kept(database), attempts(database)) == ([], [("TEA-0001", "unknown_coupon")])
    assert verify(ann, coupon(database)).status_code == 303


def test_a_marketer_verifies_nothing(app: Flask, database: Database) -> None:
    assert verify(doors.logged_in(app, "mia"), coupon(database)).status_code == 403
    assert (kept(database), attempts(database)) == ([], [])


def test_a_fixed_serial_shows_a_list_to_pick_from_and_any_of_it_is_verified(
    ann: Browser, database: Database, now: datetime
) -> None:
    """More coupons than the list has room for: the verified one falls off its end, and is shown all the same."""
    with database.write() as session:
        campaign = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.add_fixed(session, campaign.id, "FREECOOKIE", 100, now)
        customers = [("line", f"U{number:032x}") for number in range(22)]
        tokens = [cast.sent(session, who, now, "welcome-gift") for who in customers]
    for token in tokens:
        cast.redeem(database, token, now)
    page = ann.post("/pos/find", entered="freecookie").text
    assert page.count('data-testid="verify"') == 20
    with database.read() as session:
        chosen = session.scalars(
            select(Coupon).join(Redemption).where(Redemption.campaign_id == campaign.id).order_by(Coupon.id.desc())
        ).first()
    assert chosen is not None
    assert verify(ann, chosen, "FREECOOKIE").status_code == 303
    shown = ann.get("/pos/").text
    assert 'data-testid="verified"' in shown and f"{chosen.reference[:4]}-{chosen.reference[4:]}" in shown
    assert len(kept(database)) == 1
