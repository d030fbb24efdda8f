from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from core import claims, coupon_view
from core.claims import AlreadyRedeemed, Claimed
from core.coupon_view import State
from core.reasons import Reason
from core.redemption import Asked, Stock, decide
from core.refusal import Refused
from db.database import Database
from db.tables import Campaign, Claim, Contact, Pack, Redemption
from tests import cast

MINUTE = timedelta(minutes=1)


def test_a_redeemed_coupon_has_the_packs_first_serial_and_its_expiration(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now + MINUTE)
    with database.read() as session:
        view = coupon_view.look(session, token, now + MINUTE)
    assert view is not None
    assert (view.state, view.serial) == (State.REDEEMED, "TEA-0001")
    assert view.redeemed_at == now + MINUTE
    assert view.expires_at == now + timedelta(days=14)


def test_a_countdown_from_redemption_begins_at_redemption(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, cast.GIFT)
        token = cast.sent(session, cast.MEI, now, "welcome-gift")
    later = now + timedelta(days=300)
    cast.redeem(database, token, later)
    with database.read() as session:
        redeemed = coupon_view.look(session, token, later)
        over = coupon_view.look(session, token, later + 30 * MINUTE)
    assert redeemed is not None and over is not None
    assert redeemed.expires_at == later + 30 * MINUTE
    assert (over.state, over.reason) == (State.REFUSED, Reason.EXPIRED)


def test_a_second_claim_finds_the_first_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    with database.write() as session:
        first = claims.claim(session, token, now)
    with database.write() as session:
        second = claims.claim(session, token, now + MINUTE)
    assert isinstance(first, Claimed)
    assert second == first
    with database.write() as session:
        assert claims.answer_batch(session, first.campaign_id, now) == [first.claim_id]
        assert claims.answer_batch(session, first.campaign_id, now) == []
    with database.write() as session:
        assert isinstance(claims.claim(session, token, now), AlreadyRedeemed)
        assert session.scalars(select(Redemption)).all().__len__() == 1


def test_the_limit_holds_for_two_coupons_claimed_in_one_batch(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now)
        tokens = [cast.sent(session, cast.MEI, now), cast.sent(session, cast.MEI, now)]
        for token in tokens:
            claims.claim(session, token, now)
    with database.write() as session:
        claims.answer_batch(session, campaign.id, now)
    with database.read() as session:
        first, second = (coupon_view.look(session, token, now) for token in tokens)
        outcomes = session.scalars(select(Claim.outcome).order_by(Claim.id)).all()
    assert first is not None and second is not None
    assert first.state is State.REDEEMED
    assert (second.state, second.reason, second.serial) == (State.REFUSED, Reason.LIMIT_REACHED, None)
    assert outcomes == ["redeemed", "limit_reached"]


def test_two_accounts_of_one_person_share_a_limit(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        in_line, in_messenger = cast.contact(session, cast.MEI, now), cast.contact(session, cast.ALEX, now)
        in_messenger.person_id = in_line.person_id
        tokens = [cast.sent(session, cast.MEI, now), cast.sent(session, cast.ALEX, now)]
    for token in tokens:
        cast.redeem(database, token, now)
    with database.read() as session:
        assert len(session.scalars(select(Redemption)).all()) == 1


def test_the_last_serial_goes_to_whoever_claimed_first(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=1)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
        for token in tokens:
            claims.claim(session, token, now)
    with database.write() as session:
        claims.answer_batch(session, campaign.id, now)
        pack = session.scalars(select(Pack)).one()
        assert (pack.taken, pack.size) == (1, 1)
    with database.read() as session:
        views = [coupon_view.look(session, token, now) for token in tokens]
    assert [view and (view.state, view.reason) for view in views] == [
        (State.REDEEMED, None),
        (State.REFUSED, Reason.SOLD_OUT),
    ]


def test_packs_are_used_up_in_order(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, replace(cast.TEA, redemption_limit=9), codes=2)
        from core import serials  # noqa: PLC0415 (beside its use)

        serials.add_fixed(session, campaign.id, "FNA@5841", 5, now)
        tokens = [cast.sent(session, cast.MEI, now) for _ in range(4)]
        for token in tokens:
            claims.claim(session, token, now)
    with database.write() as session:
        claims.answer_batch(session, campaign.id, now)
    with database.read() as session:
        views = [coupon_view.look(session, token, now) for token in tokens]
    assert [view and view.serial for view in views] == ["TEA-0001", "TEA-0002", "FNA@5841", "FNA@5841"]


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        ({"sends_from": timedelta(days=1)}, Reason.NOT_STARTED),
        ({"expires_after_seconds": 60}, None),
    ],
)
def test_a_campaign_changed_after_sending_is_judged_as_it_is_now(
    database: Database,
    now: datetime,
    moved: dict[str, object],
    reason: Reason | None,
) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        for name, value in moved.items():
            setattr(campaign, name, now + value if isinstance(value, timedelta) else value)
    cast.redeem(database, token, now + 2 * MINUTE)
    with database.read() as session:
        view = coupon_view.look(session, token, now + 2 * MINUTE)
        count = len(session.scalars(select(Redemption)).all())
    assert view is not None
    assert (view.reason, count) == (reason, 0 if reason else 1)


def test_an_expired_coupon_is_not_redeemed(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    late = now + timedelta(days=14)
    cast.redeem(database, token, late)
    with database.read() as session:
        view = coupon_view.look(session, token, late)
        assert session.scalars(select(Redemption)).all() == []
        assert session.scalars(select(Pack.taken)).one() == 0
    assert view is not None
    assert (view.state, view.reason) == (State.REFUSED, Reason.EXPIRED)


def test_an_unknown_token_makes_no_claim(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert claims.claim(session, "no-such-token-here-at-all", now) == Refused(Reason.UNKNOWN_COUPON)
        assert session.scalars(select(Claim)).all() == []


def test_a_clock_set_back_turns_no_order_of_times_around(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now - timedelta(hours=1))
    with database.read() as session:
        view = coupon_view.look(session, token, now)
    assert view is not None and view.redeemed_at is not None
    assert view.sent_at <= view.redeemed_at


@pytest.mark.parametrize(
    "change",
    [
        {"coupon": "same"},
        {"ordinal": 1, "position": 2},
        {"ordinal": 2, "position": 2},
        {"person": "other", "position": 1},
    ],
    ids=["a coupon twice", "a person's place twice", "over the limit", "a serial twice"],
)
def test_the_constraints_refuse_what_the_code_should_never_try(
    database: Database,
    now: datetime,
    change: dict[str, object],
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        first, second = cast.sent(session, cast.MEI, now), cast.sent(session, cast.MEI, now)
        eve = cast.contact(session, cast.EVE, now)
    cast.redeem(database, first, now)
    with database.read() as session:
        given = session.scalars(select(Redemption)).one()
        other_coupon = coupon_view.look(session, second, now)
    assert other_coupon is not None
    row = {column.name: getattr(given, column.name) for column in Redemption.__table__.columns if column.name != "id"}
    row |= {"coupon_id": other_coupon.coupon_id, "position": change.get("position", 2)}
    row |= {"ordinal": change.get("ordinal", 1)}
    if change.get("coupon"):
        row["coupon_id"], row["person_id"] = given.coupon_id, eve.person_id
    if change.get("person"):
        row["person_id"] = eve.person_id
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert(Redemption), [row])


def test_deciding_is_pure_and_counts_within_the_batch(now: datetime) -> None:
    campaign = Campaign(redemption_limit=2, sends_from=None)
    asked = [Asked(n, person_id=7, claimed_at=now, expires_at=None, is_redeemed=False) for n in range(1, 5)]
    given, outcomes = decide(campaign, asked, {7: [1]}, [Stock(3, 9, 10), Stock(4, 0, 5)], now)
    assert [(one.pack_id, one.position, one.ordinal) for one in given] == [(3, 10, 2)]
    assert list(outcomes.values()) == ["redeemed", "limit_reached", "limit_reached", "limit_reached"]


def test_contacts_have_a_person_from_the_first_day(database: Database, now: datetime) -> None:
    with database.write() as session:
        first = cast.contact(session, cast.MEI, now)
        again = cast.contact(session, cast.MEI, now)
        assert first.id == again.id
        assert session.scalars(select(Contact.person_id)).all() == [first.person_id]
