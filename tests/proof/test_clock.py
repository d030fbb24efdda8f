"""The server's clock is set back by an hour while coupons are on their way."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import claims, contacts, coupon_view, coupons, inbox, outbox, outgoing, undo, verification
from core.campaigns import Spec
from core.claims import Tap
from core.coupon_view import CouponView, State
from core.verification import Actor, Verified
from db.database import Database
from db.tables import Redemption
from tests import cast
from tests.proof import verdict

HOUR = timedelta(hours=1)

Redeem = Callable[[Database, str, datetime], None]


def tap(database: Database, token: str, at: datetime) -> None:
    """As a page's tap is answered while it waits."""
    with database.write() as session:
        answered = claims.answer_taps(session, [Tap(token, at)], at)
    assert answered[token].outcome == "redeemed"


@pytest.mark.parametrize("redeem", [tap, cast.redeem])
@pytest.mark.parametrize("spec", [cast.TEA, cast.GIFT], ids=["expires from sending", "expires from redemption"])
def test_a_coupon_goes_its_whole_way_on_a_clock_that_was_set_back_after_it_was_sent(
    database: Database, now: datetime, redeem: Redeem, spec: Spec
) -> None:
    """Redeemed, verified, both undone, redeemed again, all of it before it was sent if one believes the clock."""
    before = now - HOUR
    with database.write() as session:
        cast.campaign(session, now, spec)
        token = cast.sent(session, cast.MEI, now, spec.slug)
    with database.write() as session:
        coupons.open_page(session, token, "a phone", before)
    redeem(database, token, before + timedelta(minutes=1))
    first = seen(database, token, before + timedelta(minutes=2))
    with database.write() as session:
        done = verification.verify(session, first.coupon_id, first.serial or "", Actor("pos"), before)
    assert isinstance(done, Verified)
    with database.write() as session:
        assert isinstance(undo.undo_verification(session, first.coupon_id, "a slip", None, before), undo.Undone)
        assert isinstance(undo.undo_redemption(session, first.coupon_id, "a slip", None, before), undo.Undone)
    assert verdict.broken(database) == {}
    redeem(database, token, before + timedelta(minutes=3))
    again = seen(database, token, before + timedelta(minutes=4))
    assert (again.state, again.serial) == (State.REDEEMED, first.serial)
    assert verdict.broken(database) == {}


def seen(database: Database, token: str, at: datetime) -> CouponView:
    with database.read() as session:
        view = coupon_view.look(session, token, at)
    assert view is not None
    return view


def test_a_countdown_is_no_shorter_because_the_clock_was_set_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now, cast.GIFT)
        token = cast.sent(session, cast.MEI, now, cast.GIFT.slug)
    tap(database, token, now - HOUR)
    with database.read() as session:
        given = session.scalars(select(Redemption)).one()
    assert given.redeemed_at == now
    assert given.expires_at == now + timedelta(seconds=cast.GIFT.expires_after_seconds)


def test_messages_and_events_wait_for_no_clock_that_was_set_back(database: Database, now: datetime) -> None:
    way = outbox.Way(batch_size=5, is_idempotent=True, window=None)
    arrival = inbox.Arrival("event", "U1", now, {})
    with database.write() as session:
        contact = contacts.ensure(session, *cast.MEI, now)
        outgoing.store(session, outgoing.rows(contact.id, [{"type": "text", "text": "hello"}], now))
        inbox.store(session, [inbox.Delivery("line", [arrival], now)])
    before = now - HOUR
    with database.write() as session:
        assert outbox.contacts_due(session, before) == [(contact.id, 0)]
        assert inbox.accounts_waiting(session, before) == [("line", "U1")]
        assert outbox.take(session, contact.id, way, "a worker that dies", before + HOUR) is not None
    with database.write() as session:
        outbox.take_back_abandoned(session, ["a worker that dies"], before)
        assert outbox.take(session, contact.id, way, "another", before) is not None
