from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from core import coupons
from core.campaigns import Spec
from core.coupons import Sent
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import Coupon, PageHit, SendRefusal
from tests import cast

DAY = timedelta(days=1)


def test_a_coupon_sent_has_a_token_nobody_can_guess_and_a_reference_people_can_read(
    database: Database,
    now: datetime,
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        coupon = session.scalars(select(Coupon)).one()
    assert len(token) == 22
    assert set(coupon.reference) <= set(coupons.REFERENCE_ALPHABET)
    assert coupon.reference not in token
    assert (coupon.sent_at, coupon.expires_at) == (now, now + 14 * DAY)


@pytest.mark.parametrize(
    ("spec", "codes", "reason"),
    [
        (replace(cast.TEA, sends_from=datetime.fromisoformat("2027-01-01T00:00+08:00")), 1, Reason.NOT_STARTED),
        (replace(cast.TEA, sends_until=datetime.fromisoformat("2026-12-01T12:00+08:00")), 1, Reason.ENDED),
        (cast.TEA, 0, Reason.SOLD_OUT),
        (replace(cast.TEA, is_published=False), 1, Reason.NOT_PUBLISHED),
        (replace(cast.TEA, shown_until=datetime.fromisoformat("2026-12-01T12:00+08:00")), 1, Reason.ENDED),
        (replace(cast.TEA, slug="another"), 1, Reason.UNKNOWN_CAMPAIGN),
    ],
)
def test_a_coupon_that_cannot_be_sent_is_refused_and_the_refusal_kept(
    database: Database,
    now: datetime,
    spec: Spec,
    codes: int,
    reason: Reason,
) -> None:
    with database.write() as session:
        cast.campaign(session, now, spec, codes)
        result = coupons.send(session, "summer-tea", cast.contact(session, cast.MEI, now), now)
    assert isinstance(result, Refused)
    assert result.reason is reason
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Coupon)) == 0
        assert session.scalars(select(SendRefusal.reason)).all() == [reason]


def test_a_refusal_is_kept_however_long_the_name_of_what_is_no_campaign(database: Database, now: datetime) -> None:
    with database.write() as session:
        result = coupons.send(session, "a" * 1000, cast.contact(session, cast.MEI, now), now)
    assert isinstance(result, Refused)
    with database.read() as session:
        assert session.scalars(select(SendRefusal.campaign_slug)).all() == ["a" * 64]


def test_who_has_redeemed_to_the_limit_is_sent_no_more_but_others_are(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    with database.write() as session:
        refused = coupons.send(session, "summer-tea", cast.contact(session, cast.MEI, now), now)
        assert refused == Refused(Reason.LIMIT_REACHED, "summer-tea")
        assert isinstance(coupons.send(session, "summer-tea", cast.contact(session, cast.EVE, now), now), Sent)


def test_who_has_blocked_the_shop_is_not_sent_to(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        contact = cast.contact(session, cast.MEI, now)
        contact.unreachable_since = now
        assert coupons.send(session, "summer-tea", contact, now) == Refused(Reason.UNREACHABLE, "summer-tea")


def test_opening_counts_once_and_every_look_is_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    for minutes in (1, 2, 3):
        with database.write() as session:
            assert coupons.open_page(session, token, "Safari Line/14.10.0", now + timedelta(minutes=minutes))
    with database.read() as session:
        coupon = session.scalars(select(Coupon)).one()
        hit = session.scalars(select(PageHit)).one()
    assert coupon.opened_at == now + timedelta(minutes=1)
    assert (hit.kind, hit.hits, hit.last_at) == ("seen", 3, now + timedelta(minutes=3))


def test_a_preview_is_kept_and_opens_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        cast.sent(session, cast.MEI, now)
        coupon = session.scalars(select(Coupon)).one()
        coupons.hit(session, coupon.id, "preview", "facebookexternalhit/1.1;line-poker/1.0", now)
    with database.read() as session:
        assert session.scalars(select(Coupon.opened_at)).one() is None
        assert session.scalars(select(PageHit.kind)).one() == "preview"


def test_a_clock_set_back_does_not_open_a_coupon_before_it_was_sent(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        coupons.open_page(session, token, "Safari", now - DAY)
    with database.read() as session:
        assert session.scalars(select(Coupon.opened_at)).one() == now


def test_an_unknown_token_opens_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert not coupons.open_page(session, "nothing", "Safari", now)
        assert session.scalar(select(func.count()).select_from(PageHit)) == 0
