"""Total limits, limits by contact or by person, and how long what is redeemed is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import campaigns, claims, coupon_view, coupons, invariants, limits, persons, serials, standings, undo
from core.audit import Doer
from core.claims import Tap
from core.coupon_view import CouponView, State
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import Campaign, Coupon, Redemption
from tests import cast

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LIMITED = replace(cast.TEA, total_limit=1)
BY_CONTACT = replace(cast.TEA, limit_by="contact")
SHOWN = timedelta(days=2)


def look(database: Database, token: str, at: datetime) -> CouponView:
    with database.read() as session:
        view = coupon_view.look(session, token, at)
    assert view is not None
    return view


def whole(database: Database) -> None:
    with database.snapshot() as session:
        assert {one.invariant.name for one in invariants.check(session) if one.examples} == set()


def left(session: Session) -> int | None:
    return session.scalars(select(Campaign.total_left)).one()


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_1: object, _2: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_total_limit_ends_it_before_the_serials_do(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, LIMITED)
        assert [one.stock for one in coupons.running(session, now)] == [1]
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
        for token in tokens:
            claims.claim(session, token, now)
    with database.write() as session:
        claims.answer_batch(session, campaign.id, now)
    views = [look(database, token, now) for token in tokens]
    assert [(view.state, view.reason) for view in views] == [(State.REDEEMED, None), (State.REFUSED, Reason.SOLD_OUT)]
    with database.write() as session:
        refused = coupons.send(session, "summer-tea", cast.contact(session, cast.EVE, now), now)
        assert refused == Refused(Reason.SOLD_OUT, "summer-tea")
        stock = serials.stock(session, campaign.id)
        assert (left(session), stock, limits.can_give(session.get_one(Campaign, campaign.id), stock)) == (0, 2, 0)
    whole(database)


def test_an_undo_gives_the_total_limit_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, LIMITED)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX)]
        mei = session.scalars(select(Coupon.id).where(Coupon.token == tokens[0])).one()
    cast.redeem(database, tokens[0], now)
    with database.write() as session:
        undo.undo_redemption(session, mei, "wrong phone", None, now)
        assert left(session) == 1
    whole(database)
    cast.redeem(database, tokens[1], now)
    assert look(database, tokens[1], now).serial == "TEA-0001"
    with database.read() as session:
        assert left(session) == 0
    whole(database)


def test_the_database_lets_no_more_be_redeemed_than_the_total_limit(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, LIMITED)
    with pytest.raises(IntegrityError, match="total_left"), database.write() as session:
        session.execute(update(Campaign).values(total_left=Campaign.total_left - 2))


@pytest.mark.parametrize("spec", [cast.TEA, LIMITED], ids=["no total limit", "a total limit"])
def test_a_redemption_without_a_total_limit_asks_nothing_for_it(
    database: Database, now: datetime, spec: campaigns.Spec
) -> None:
    with database.write() as session:
        cast.campaign(session, now, spec)
        token = cast.sent(session, cast.MEI, now)
    with statements(database) as asked, database.write() as session:
        assert claims.answer_taps(session, [Tap(token, now)], now)[token].outcome == "redeemed"
    assert len([one for one in asked if one.startswith("UPDATE campaigns")]) == (1 if spec.total_limit else 0)
    assert len([one for one in asked if one.startswith(("SELECT", "UPDATE", "INSERT"))]) <= (
        9 if spec.total_limit else 8
    )


@pytest.mark.parametrize(
    ("spec", "expected"), [(cast.TEA, ["redeemed", "limit_reached"]), (BY_CONTACT, ["redeemed", "redeemed"])]
)
def test_one_is_a_person_or_each_of_their_contacts(
    database: Database, now: datetime, spec: campaigns.Spec, expected: list[str]
) -> None:
    with database.write() as session:
        cast.campaign(session, now, spec)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX, cast.MEI, cast.ALEX)]
        mei, alex = (cast.contact(session, who, now).person_id for who in (cast.MEI, cast.ALEX))
        persons.merge(session, mei, alex, "same number", None, now)
    with database.write() as session:
        taps = [Tap(token, now + place * SECOND) for place, token in enumerate(tokens[:2])]
        answers = claims.answer_taps(session, taps, now)
        assert [answers[token].outcome for token in tokens[:2]] == expected
        for token in tokens[2:]:
            claims.claim(session, token, now)
    with database.write() as session:
        claims.answer_batch(session, 1, now)
        refused = coupons.send(session, "summer-tea", cast.contact(session, cast.ALEX, now), now)
    views = [look(database, token, now) for token in tokens[2:]]
    assert [view.reason for view in views] == [Reason.LIMIT_REACHED, Reason.LIMIT_REACHED]
    assert refused == Refused(Reason.LIMIT_REACHED, "summer-tea")
    whole(database)


def test_merges_leave_what_counts_by_contact_where_it_is(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, BY_CONTACT)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX, cast.EVE)]
        mei, alex, eve = (cast.contact(session, who, now).person_id for who in (cast.MEI, cast.ALEX, cast.EVE))
    for token in tokens[:2]:
        cast.redeem(database, token, now)
    with database.write() as session:
        persons.merge(session, alex, mei, "same number", None, now)
        persons.merge(session, eve, alex, "same number", None, now)
    cast.redeem(database, tokens[2], now)
    with database.read() as session:
        rows = session.execute(select(Redemption.person_id, Redemption.ordinal).order_by(Redemption.id)).all()
        who = [cast.contact(session, one, now) for one in (cast.MEI, cast.ALEX, cast.EVE)]
    assert [tuple(row) for row in rows] == [(mei, 1), (alex, 1), (eve, 1)]
    assert [(one.person_id, one.first_person_id) for one in who] == [(eve, mei), (eve, alex), (eve, None)]
    whole(database)


@pytest.mark.parametrize(
    ("spec", "good_until"),
    [
        (cast.TEA, SHOWN),
        (cast.GIFT, timedelta(minutes=30)),
        (replace(cast.GIFT, expires_after_seconds=30 * 86_400), SHOWN),
        (replace(cast.TEA, expires_after_seconds=3_600), timedelta(hours=1)),
    ],
    ids=["from sending", "from redemption, short", "from redemption, long", "from sending, short"],
)
def test_what_is_redeemed_is_shown_until_the_campaign_says_at_the_latest(
    database: Database, now: datetime, spec: campaigns.Spec, good_until: timedelta
) -> None:
    with database.write() as session:
        cast.campaign(session, now, replace(spec, shown_until=now + SHOWN))
        token = cast.sent(session, cast.MEI, now, spec.slug)
    cast.redeem(database, token, now)
    view, over = look(database, token, now), look(database, token, now + good_until)
    assert (view.state, view.expires_at) == (State.REDEEMED, now + good_until)
    assert (over.state, over.reason) == (State.REFUSED, Reason.EXPIRED)
    whole(database)


def test_what_is_redeemed_keeps_its_date_and_the_rest_follows_the_campaign(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, replace(cast.TEA, shown_until=now + SHOWN))
        sent = coupons.send(session, "summer-tea", cast.contact(session, cast.MEI, now), now)
        assert isinstance(sent, coupons.Sent) and sent.expires_at == now + SHOWN
        open_one = cast.sent(session, cast.ALEX, now)
    cast.redeem(database, sent.token, now)
    with database.write() as session:
        shorter = replace(cast.TEA, shown_until=now + DAY)
        done = campaigns.change(session, "summer-tea", shorter, 1, Doer(), "console", now)
        assert isinstance(done, campaigns.Changed)
    assert look(database, sent.token, now + DAY).expires_at == now + SHOWN
    assert look(database, open_one, now).expires_at == now + DAY
    over = look(database, open_one, now + DAY)
    assert (over.state, over.reason) == (State.REFUSED, Reason.EXPIRED)
    cast.redeem(database, open_one, now + DAY)
    with database.read() as session:
        assert len(session.scalars(select(Redemption)).all()) == 1
        found = standings.read(session, [1, 2], now + DAY)
    assert [found[one].coupons["summer-tea"].status for one in (1, 2)] == ["redeemed", "expired"]


def test_what_is_archived_is_not_sent_and_what_is_out_stays_good(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, replace(cast.TEA, sends_until=now + DAY))
        token = cast.sent(session, cast.MEI, now)
        campaigns.archive(session, "summer-tea", now + DAY)
        refused = coupons.send(session, "summer-tea", cast.contact(session, cast.ALEX, now), now + DAY)
        assert refused == Refused(Reason.ARCHIVED, "summer-tea")
        assert coupons.running(session, now) == []
    cast.redeem(database, token, now + DAY)
    assert look(database, token, now + DAY).state is State.REDEEMED
