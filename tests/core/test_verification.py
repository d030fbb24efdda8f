from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from core import counter_search, records_search, serials, undo, users, verification
from core.counter_search import Found
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor, Verified
from db.database import Database
from db.tables import Campaign, CampaignStore, Device, Store, Verification, VerificationAttempt
from tests import cast

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
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
    with database.write() as session:
        late = verification.verify(session, coupon.coupon_id, "TEA-0001", staff, now + timedelta(days=30))
    assert second == late == Refused(Reason.ALREADY_VERIFIED)  # also once it has expired
    (after,) = found(database, "TEA-0001", now)
    assert (after.verified_at, after.verified_by, after.verified_in) == (now + HOUR, "ann", "Xinyi")
    with database.read() as session:
        outcomes = session.scalars(select(VerificationAttempt.outcome).order_by(VerificationAttempt.id)).all()
    assert outcomes == ["verified", "already_verified", "already_verified"]


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


def test_a_serial_that_was_taken_back_for_good_is_withdrawn_and_one_that_goes_out_again_is_not(
    database: Database, now: datetime
) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    redeemed(database, now, cast.ALEX)
    with database.write() as session:
        undo.undo_redemption(session, 1, "seen by others", None, now, is_burnt=True)
        undo.undo_redemption(session, 2, "a mistake", None, now)
    with database.write() as session:
        assert counter_search.find(session, "TEA-0001", now) == Refused(Reason.WITHDRAWN, "TEA-0001")
        assert counter_search.find(session, "TEA-0002", now) == Refused(Reason.NOT_REDEEMED, "TEA-0002")
        verdicts = [verification.verify(session, number, "x", staff, now) for number in (1, 2)]
        assert verdicts == [Refused(Reason.WITHDRAWN), Refused(Reason.NOT_REDEEMED)]
        serials.withdraw(session, 1, now)
        for entered in ("TEA-0002", "TEA-0003"):  # nobody will ever have it
            assert counter_search.find(session, entered, now) == Refused(Reason.WITHDRAWN, entered)
        assert verification.verify(session, 2, "x", staff, now) == Refused(Reason.WITHDRAWN)
        assert session.scalars(select(Verification)).all() == []


def test_a_coupons_link_is_as_good_as_its_serial_unless_it_is_another_shops(database: Database, now: datetime) -> None:
    actor, home = shop(database, now), "https://tea.example"
    token = redeemed(database, now)
    with database.write() as session:
        for good in (f"{home}/c/{token}", f" HTTPS://TEA.example:443/c/{token}/?ref=x\n", f"{home}/shop/c/{token}"):
            found = verification.look_up(session, good, actor, now, home)
            assert isinstance(found, list) and [one.serial for one in found] == ["TEA-0001"]
        wide = f"ｈｔｔｐｓ：／／tea.example/c/{token}"
        assert isinstance(counter_search.find(session, wide, now, home=home), list)
        for entered, reason in (
            (f"https://evil.example/c/{token}", Reason.WRONG_SHOP),
            (f"https://tea.example.evil/c/{token}", Reason.WRONG_SHOP),
            (f"https://tea.example:8443/c/{token}", Reason.WRONG_SHOP),
            (f"{home}/c/{token[:-1]}", Reason.UNKNOWN_COUPON),
            (f"{home}/c/{token.swapcase()}", Reason.UNKNOWN_COUPON),
            (f"{home}/", Reason.UNKNOWN_COUPON),
            ("https://[", Reason.UNKNOWN_COUPON),
        ):
            answer = verification.look_up(session, entered, actor, now, home)
            assert isinstance(answer, Refused) and answer.reason is reason, entered
        kept = session.scalars(select(VerificationAttempt.entered)).all()
    assert kept[0] == "evil.example/c/..."
    assert not any(token.lower() in entered.lower() for entered in kept)


def test_a_serial_that_is_a_link_of_a_partner_is_found_before_it_is_taken_for_one(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = cast.campaign(session, now, cast.GIFT, codes=0)
        serials.import_csv(session, made.id, b"serial\nhttps://partner.example/c/ABC\n", now)
        token = cast.sent(session, cast.MEI, now, cast.GIFT.slug)
    cast.redeem(database, token, now)
    with database.read() as session:
        found = counter_search.find(session, "https://partner.example/c/ABC", now, home="https://tea.example")
    assert isinstance(found, list) and len(found) == 1


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        (HOUR, HOUR),
        (3 * HOUR + 4 * MINUTE, 3 * HOUR + 4 * MINUTE),  # a clock that is a little fast is right
        (3 * HOUR + 6 * MINUTE, 3 * HOUR),  # no clock can be that fast
        (-4 * MINUTE, timedelta()),  # a little slow: it was verified as soon as it was redeemed
        (-6 * MINUTE, 3 * HOUR),  # nobody had it yet
        (timedelta(days=-20_000), 3 * HOUR),
    ],
)
def test_the_devices_time_counts_unless_it_cannot_be_right_and_is_kept_either_way(
    database: Database, now: datetime, told: timedelta, counts: timedelta
) -> None:
    staff = replace(shop(database, now), device_id=device(database, now))
    redeemed(database, now)
    with database.write() as session:
        done = verification.verify(session, 1, "TEA-0001", staff, now + 3 * HOUR, now + told)
        assert done == Verified(1, now + counts)
        one, attempt = session.scalars(select(Verification)).one(), session.scalars(select(VerificationAttempt)).one()
    assert (one.verified_at, one.recorded_at, one.device_id) == (now + counts, now + 3 * HOUR, staff.device_id)
    assert (attempt.attempted_at, attempt.device_at, attempt.device_id) == (
        now + 3 * HOUR,
        now + told,
        staff.device_id,
    )


def test_what_has_expired_is_decided_by_the_devices_time(database: Database, now: datetime) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    late = now + timedelta(days=14, minutes=3)
    with database.write() as session:
        for at in (None, late - 3 * MINUTE, late + HOUR):  # the last cannot be: the server's counts, and is late, too
            assert verification.verify(session, 1, "x", staff, late, at) == Refused(Reason.EXPIRED)
        assert isinstance(verification.verify(session, 1, "x", staff, late, late - 4 * MINUTE), Verified)


def test_a_page_knows_no_store_but_from_when_and_that_it_is_for_the_online_store(
    database: Database, now: datetime
) -> None:
    staff = shop(database, now)
    redeemed(database, now)
    with database.write() as session:
        other = users.ensure_store(session, "Banqiao")
        session.add(CampaignStore(campaign_id=1, store_id=other.id))
        session.execute(update(Store).values(closed_at=now + 2 * HOUR))
        made = session.get_one(Campaign, 1)
        made.used_in = "online"
        session.flush()
        assert verification.verify(session, 1, "x", PAGE, now) == Refused(Reason.ONLINE_STORE_ONLY)
        made.used_in, made.used_from = "both", now + HOUR
        session.flush()
        assert verification.verify(session, 1, "x", staff, now) == Refused(Reason.OTHER_STORE_ONLY)
        assert verification.verify(session, 1, "x", staff, now + 2 * HOUR) == Refused(Reason.STORE_CLOSED)
        assert verification.verify(session, 1, "x", PAGE, now) == Refused(Reason.NOT_YET_VALID)
        assert verification.verify(session, 1, "x", PAGE, now + HOUR) == Verified(1, now + HOUR)


def device(database: Database, now: datetime) -> int:
    with database.write() as session:
        made = Device(store_id=1, name="till", created_at=now)
        session.add(made)
        session.flush()
        return made.id
