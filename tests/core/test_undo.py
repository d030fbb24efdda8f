from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import coupon_view, invariants, persons, serials, undo, verification
from core.coupon_view import State
from core.reasons import Reason
from core.refusal import Refused
from core.undo import Undone
from core.verification import Actor, Verified
from db.database import Database
from db.tables import Claim, Contact, Coupon, Pack, PersonMerge, Redemption, UndoneRedemption, UndoneVerification
from tests import cast
from tests.deeds import deeds

MINUTE = timedelta(minutes=1)


def test_an_undone_redemption_gives_serial_and_limit_back(database: Database, now: datetime) -> None:
    token, coupon_id = redeemed(database, now)
    with database.write() as session:
        assert undo.undo_redemption(session, coupon_id, " wrong phone ", None, now + MINUTE) == Undone(coupon_id)
        assert serials.stock(session, 1) == 3
    with database.read() as session:
        view = coupon_view.look(session, token, now + MINUTE)
        kept = session.scalars(select(UndoneRedemption)).one()
    assert view is not None and view.state is State.OPEN
    assert (kept.reason, kept.undone_at, kept.redeemed_at, kept.position) == ("wrong phone", now + MINUTE, now, 1)
    whole(database)
    cast.redeem(database, token, now + 2 * MINUTE)
    with database.read() as session:
        again = coupon_view.look(session, token, now + 2 * MINUTE)
        assert session.scalars(select(Pack.taken)).one() == 1
    assert again is not None and (again.state, again.serial) == (State.REDEEMED, "TEA-0001")
    whole(database)


def test_what_came_back_goes_out_before_the_pack_goes_on(database: Database, now: datetime) -> None:
    _, coupon_id = redeemed(database, now)
    with database.write() as session:
        token = cast.sent(session, cast.ALEX, now)
    cast.redeem(database, token, now)
    with database.write() as session:
        undo.undo_redemption(session, coupon_id, "mistake", None, now)
        last = cast.sent(session, cast.EVE, now)
    cast.redeem(database, last, now)
    with database.read() as session:
        views = [coupon_view.look(session, one, now) for one in (token, last)]
    assert [view and view.serial for view in views] == ["TEA-0002", "TEA-0001"]
    whole(database)


def test_a_verification_is_undone_before_a_redemption_is(database: Database, now: datetime) -> None:
    _, coupon_id = redeemed(database, now)
    with database.write() as session:
        assert isinstance(verification.verify(session, coupon_id, "TEA-0001", Actor("pos"), now), Verified)
    with database.write() as session:
        assert undo.undo_redemption(session, coupon_id, "r", None, now) == Refused(Reason.ALREADY_VERIFIED)
        assert undo.undo_verification(session, coupon_id, "r", None, now) == Undone(coupon_id)
    with database.write() as session:
        assert undo.undo_verification(session, coupon_id, "r", None, now) == Refused(Reason.NOT_VERIFIED)
        assert isinstance(verification.verify(session, coupon_id, "TEA-0001", Actor("pos"), now), Verified)
        assert [one.reason for one in session.scalars(select(UndoneVerification))] == ["r"]
    whole(database)


def test_nothing_is_undone_without_a_reason_or_twice(database: Database, now: datetime) -> None:
    _, coupon_id = redeemed(database, now)
    with database.write() as session:
        for work in (undo.undo_redemption, undo.undo_verification):
            assert work(session, coupon_id, "  ", None, now) == Refused(Reason.REASON_MISSING)
        assert len(session.scalars(select(Redemption)).all()) == 1
        undo.undo_redemption(session, coupon_id, "r", None, now)
    with database.write() as session:
        assert undo.undo_redemption(session, coupon_id, "r", None, now) == Refused(Reason.NOT_REDEEMED)
        assert undo.undo_redemption(session, 999, "r", None, now) == Refused(Reason.NOT_REDEEMED)
    whole(database)


def test_a_withdrawn_pack_gives_nothing_more_and_what_it_gave_stays_good(database: Database, now: datetime) -> None:
    token, _ = redeemed(database, now)
    with database.write() as session:
        pack = serials.withdraw(session, 1, now)
        assert isinstance(pack, Pack) and serials.stock(session, pack.campaign_id) == 0
        serials.add_fixed(session, pack.campaign_id, "FNA@5841", 2, now)
        other = cast.sent(session, cast.ALEX, now)
    cast.redeem(database, other, now)
    with database.read() as session:
        first, second = coupon_view.look(session, token, now), coupon_view.look(session, other, now)
    assert first is not None and first.state is State.REDEEMED
    assert second is not None and second.serial == "FNA@5841"
    with database.write() as session:
        assert serials.restore(session, 1, now) is not None
        assert serials.stock(session, 1) == 3
        assert serials.withdraw(session, 99, now) == Refused(Reason.UNKNOWN_PACK, "99")
    whole(database)


def test_merged_persons_keep_what_they_have_and_get_no_more(database: Database, now: datetime) -> None:
    redeemed(database, now)
    with database.write() as session:
        token = cast.sent(session, cast.ALEX, now)
        third = cast.sent(session, cast.ALEX, now)
    cast.redeem(database, token, now)
    with database.write() as session:
        mei, alex = (cast.contact(session, who, now).person_id for who in (cast.MEI, cast.ALEX))
        assert isinstance(persons.merge(session, mei, alex, "same number", None, now), PersonMerge)
    cast.redeem(database, third, now)
    with database.read() as session:
        rows = session.execute(
            select(Redemption.person_id, Redemption.ordinal, Redemption.redemption_limit).order_by(Redemption.ordinal)
        ).all()
        assert [tuple(row) for row in rows] == [(mei, 1, 1), (mei, 2, 2)]
        assert session.scalars(select(Contact.person_id).distinct()).all() == [mei]
        assert session.scalars(select(Claim.outcome).order_by(Claim.id.desc()).limit(1)).one() == "limit_reached"
    with database.write() as session:
        assert persons.merge(session, mei, mei, "", None, now) == Refused(Reason.SAME_PERSON)
        assert persons.merge(session, mei, alex, "", None, now) == Refused(Reason.SAME_PERSON)
    assert deeds(database, "person") == [("flask", "person.merged", str(mei))]
    whole(database)


@pytest.mark.parametrize("hours", [0, 48])
def test_an_undo_is_never_before_what_it_undoes(database: Database, now: datetime, hours: int) -> None:
    _, coupon_id = redeemed(database, now)
    with database.write() as session:
        undo.undo_redemption(session, coupon_id, "clock set back", None, now - timedelta(hours=hours))
        assert session.scalars(select(UndoneRedemption.undone_at)).one() == now


def redeemed(database: Database, now: datetime) -> tuple[str, int]:
    """Mei's redeemed coupon: token and id."""
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    with database.read() as session:
        return token, session.scalars(select(Coupon.id).where(Coupon.token == token)).one()


def whole(database: Database) -> None:
    """All that must always hold does."""
    with database.snapshot() as session:
        broken = {one.invariant.name: one.examples for one in invariants.check(session) if one.examples}
    assert broken == {}
