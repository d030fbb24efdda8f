from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from core import counter_search, records_search, serials, users, verification
from core.counter_search import Found
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor, Verified
from db.database import Database
from db.tables import Verification, VerificationAttempt
from tests import cast

HOUR = timedelta(hours=1)
PAGE = Actor("page")


def redeemed(database: Database, now: datetime, who: tuple[str, str] = cast.MEI) -> str:
    with database.write() as session:
        token = cast.sent(session, who, now)
    cast.redeem(database, token, now)
    return token


def found(database: Database, entered: str, now: datetime) -> list[Found]:
    with database.read() as session:
        result = counter_search.find(session, entered, now)
    assert isinstance(result, list), result
    return result


def shop(database: Database, now: datetime) -> Actor:
    with database.write() as session:
        cast.campaign(session, now)
        user = users.create(session, "ann", "a long password", "staff", "Xinyi", now)
        return Actor("pos", user.id, user.store_id)


def test_a_serial_finds_its_coupon_however_it_is_typed(database: Database, now: datetime) -> None:
    shop(database, now)
    redeemed(database, now)
    for entered in ("TEA-0001", " tea-0001 ", "ＴＥＡ－０００１", "TEA-0001\n", "\x02TEA-0001\x03\x00"):
        (coupon,) = found(database, entered, now)
        assert (coupon.serial, coupon.refusal) == ("TEA-0001", None)
    (by_reference,) = found(database, f"{coupon.reference[:4]}-{coupon.reference[4:]}".lower(), now)
    assert by_reference.coupon_id == coupon.coupon_id


def test_a_serial_of_wide_characters_is_found_as_it_is_and_is_another_than_the_narrow_one(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = cast.campaign(session, now, replace(cast.GIFT, redemption_limit=2), codes=0)
        serials.import_csv(session, made.id, "serial\nＡＢＣ１\nABC1\n".encode(), now)
        tokens = [cast.sent(session, cast.MEI, now, cast.GIFT.slug) for _ in range(2)]
    for token in tokens:
        cast.redeem(database, token, now)
    for entered in ("ＡＢＣ１", "ABC1"):
        assert [one.serial for one in found(database, f" {entered}\n", now)] == [entered]
    with database.read() as session:
        listed = records_search.find(session, made.id, "ＡＢＣ１").records
    assert {one.serial for one in listed} == {"ＡＢＣ１", "ABC1"}


def test_a_coupon_is_verified_once_and_who_where_and_when_are_kept(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    (coupon,) = found(database, "TEA-0001", now)
    with database.write() as session:
        first = verification.verify(session, coupon.coupon_id, "TEA-0001", staff, now + HOUR)
    with database.write() as session:
        second = verification.verify(session, coupon.coupon_id, "TEA-0001", staff, now + 2 * HOUR)
    assert first == Verified(coupon.coupon_id, now + HOUR)
    assert second == Refused(Reason.ALREADY_VERIFIED)
    (after,) = found(database, "TEA-0001", now)
    assert (after.verified_at, after.verified_by, after.verified_in) == (now + HOUR, "ann", "Xinyi")
    with database.read() as session:
        outcomes = session.scalars(select(VerificationAttempt.outcome).order_by(VerificationAttempt.id)).all()
    assert outcomes == ["verified", "already_verified"]


def test_the_pos_own_time_is_the_final_one(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    (coupon,) = found(database, "TEA-0001", now)
    with database.write() as session:
        verification.verify(session, coupon.coupon_id, "TEA-0001", staff, now + 2 * HOUR, device_at=now + HOUR)
        kept = session.scalars(select(Verification)).one()
    assert (kept.verified_at, kept.recorded_at) == (now + HOUR, now + 2 * HOUR)


def test_an_expired_coupon_is_not_verified(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    late = now + timedelta(days=14)
    (coupon,) = found(database, "TEA-0001", late)
    assert coupon.refusal is Reason.EXPIRED
    with database.write() as session:
        assert verification.verify(session, coupon.coupon_id, "TEA-0001", staff, late) == Refused(Reason.EXPIRED)
        assert session.scalars(select(Verification)).all() == []


def test_a_serial_that_nobody_has_redeemed_and_one_that_does_not_exist_are_told_apart(
    database: Database,
    now: datetime,
) -> None:
    shop(database, now)
    with database.read() as session:
        assert counter_search.find(session, "TEA-0002", now) == Refused(Reason.NOT_REDEEMED, "TEA-0002")
        assert counter_search.find(session, "TEA-9999", now) == Refused(Reason.UNKNOWN_COUPON, "TEA-9999")
        assert counter_search.find(session, "", now) == Refused(Reason.UNKNOWN_COUPON, "")


def test_a_coupon_not_redeemed_cannot_be_verified(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    with database.write() as session:
        cast.sent(session, cast.MEI, now)
        assert verification.verify(session, 1, "x", staff, now) == Refused(Reason.NOT_REDEEMED)
        assert session.scalars(select(Verification)).all() == []


def test_a_fixed_serial_finds_all_its_coupons_the_unverified_first(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    with database.write() as session:
        campaign = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.add_fixed(session, campaign.id, "FNA@5841", 10, now)
        tokens = [cast.sent(session, who, now, "welcome-gift") for who in (cast.MEI, cast.ALEX)]
    for token in tokens:
        cast.redeem(database, token, now)
    first, second = found(database, "fna@5841", now)
    with database.write() as session:
        verification.verify(session, first.coupon_id, "FNA@5841", staff, now)
    assert [one.coupon_id for one in found(database, "FNA@5841", now)] == [second.coupon_id, first.coupon_id]


def test_the_page_verifies_only_where_the_campaign_has_the_button(database: Database, now: datetime) -> None:
    shop(database, now)
    token = redeemed(database, now)
    (coupon,) = found(database, "TEA-0001", now)
    with database.write() as session:
        cast.campaign(session, now, replace(cast.TEA, has_verify_button=False), codes=0)
        refused = verification.verify(session, coupon.coupon_id, "TEA-0001", PAGE, now)
    assert refused == Refused(Reason.VERIFY_BUTTON_OFF)
    assert token
    with database.write() as session:
        cast.campaign(session, now, codes=0)
        assert isinstance(verification.verify(session, coupon.coupon_id, "TEA-0001", PAGE, now), Verified)
