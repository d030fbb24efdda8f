"""What is counted is what happened, in whatever order it is found."""

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from core import claims, coupons, invariants, persons, records_changes, records_counting, statistics, undo, verification
from core.claims import Claimed
from core.records_counting import hour_of
from core.statistics import Funnel
from core.undo import Undone
from core.verification import Actor, Verified
from db.database import Database
from db.tables import Coupon, Record, RecordGroup, RecordHour, RecordStore, Store
from tests import cast

TAIPEI = ZoneInfo("Asia/Taipei")
HOUR = timedelta(hours=1)


def test_a_coupons_life_is_counted_in_the_hours_in_which_it_happened(database: Database, now: datetime) -> None:
    token, coupon_id, store_id = verified(database, now)
    count(database, now)
    assert funnel(database) == Funnel(2, 1, 1, 1)
    assert hours(database) == [
        (now, "sent", 0, 2),
        (now + HOUR, "opened", 0, 1),
        (now + 2 * HOUR, "redeemed", 0, 1),
        (now + 3 * HOUR, "verified", store_id, 1),
    ]
    whole(database)
    with database.write() as session:
        assert isinstance(undo.undo_verification(session, coupon_id, "r", None, now + 4 * HOUR), Undone)
        assert isinstance(undo.undo_redemption(session, coupon_id, "r", None, now + 4 * HOUR), Undone)
    count(database, now)
    assert funnel(database) == Funnel(2, 1, 0, 0)
    whole(database)
    cast.redeem(database, token, now + 5 * HOUR)
    count(database, now)
    assert [row for row in hours(database) if row[1] == "redeemed"] == [(now + 5 * HOUR, "redeemed", 0, 1)]
    whole(database)


def test_counting_again_from_the_first_changes_nothing(database: Database, now: datetime) -> None:
    verified(database, now)
    count(database, now)
    before = hours(database), funnel(database)
    with database.write() as session:
        session.execute(text("UPDATE record_feeds SET seen = 0 WHERE name <> 'page_hits'"))
    count(database, now)
    assert (hours(database), funnel(database)) == before
    with database.write() as session:
        records_counting.forget(session)
    count(database, now)
    assert (hours(database), funnel(database)) == before
    whole(database)


def test_who_is_redeemed_after_the_last_redemption_was_undone_is_counted(database: Database, now: datetime) -> None:
    """SQLite numbers the next redemption as the one that is gone; its claim was looked at before it was answered."""
    with database.write() as session:
        cast.campaign(session, now)
        mei, alex = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
    cast.redeem(database, mei, now)
    with database.write() as session:
        claimed = claims.claim(session, alex, now)
        assert isinstance(claimed, Claimed)
    count(database, now)
    with database.write() as session:
        coupon_id = session.scalars(select(Coupon.id).where(Coupon.token == mei)).one()
        assert isinstance(undo.undo_redemption(session, coupon_id, "a mistake", None, now), Undone)
    with database.write() as session:
        claims.answer_batch(session, claimed.campaign_id, now)
    count(database, now)
    assert funnel(database) == Funnel(sent=2, opened=2, redeemed=1, verified=0)
    whole(database)


def test_a_merge_of_persons_changes_no_figure(database: Database, now: datetime) -> None:
    verified(database, now)
    count(database, now)
    before = hours(database)
    with database.write() as session:
        mei, alex = (cast.contact(session, who, now).person_id for who in (cast.MEI, cast.ALEX))
        persons.merge(session, mei, alex, "same number", None, now)
    count(database, now)
    assert hours(database) == before
    whole(database)


def test_previews_are_counted_apart_and_open_nothing(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        coupon_id = session.scalars(select(Coupon.id)).one()
        for _ in range(2):
            coupons.hit(session, coupon_id, "preview", "line-poker", now)
        coupons.hit(session, coupon_id, "prefetch", "Safari", now)
    count(database, now)
    assert hours(database) == [(now, "prefetch", 0, 1), (now, "preview", 0, 1), (now, "sent", 0, 1)]
    with database.write() as session:
        coupons.open_page(session, token, "Safari", now)
        coupons.hit(session, coupon_id, "preview", "line-poker", now)
    count(database, now)
    assert [row[1:] for row in hours(database)] == [
        ("opened", 0, 1),
        ("prefetch", 0, 1),
        ("preview", 0, 1),
        ("sent", 0, 1),
    ]


def test_more_than_fits_into_one_round_is_counted_in_several(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        for _ in range(5):
            cast.sent(session, cast.MEI, now)
    with database.read() as session:
        assert records_changes.as_of(session, now) is None
    for done in (0, 2, 4, 5) if not database.is_sqlite else (2, 4, 5):
        with database.write() as session:
            records_counting.catch_up(session, TAIPEI, now, most=2)
        assert funnel(database).sent == done
    with database.read() as session:
        assert not records_changes.is_any(session)
        assert records_changes.as_of(session, now + HOUR) == now + HOUR


@pytest.mark.parametrize("is_numbered_later", [False, True])
def test_a_row_that_is_committed_after_a_later_one_is_not_passed_over(
    on_postgres: Database, now: datetime, *, is_numbered_later: bool
) -> None:
    database = on_postgres
    with database.write() as session:
        cast.campaign(session, now)
        for who in (cast.MEI, cast.ALEX):
            cast.contact(session, who, now)
    with database.write() as slow, database.write() as quick:
        if is_numbered_later:  # the transaction, not its row
            cast.contact(quick, cast.EVE, now)
        cast.sent(slow, cast.MEI, now)
        cast.sent(quick, cast.ALEX, now)
        quick.commit()
        for _ in range(3):
            count(database, now)
        assert funnel(database) == Funnel()
    count(database, now)
    assert funnel(database).sent == 2
    whole(database)


def test_what_was_restored_from_another_server_goes_on_being_counted(database: Database, now: datetime) -> None:
    verified(database, now)
    with database.write() as session:
        session.execute(text("UPDATE record_feeds SET goal = 2, goal_transaction = 9000000000 WHERE name = 'coupons'"))
    count(database, now)
    assert funnel(database).sent == 2


def test_the_doctor_finds_what_was_counted_wrongly(database: Database, now: datetime) -> None:
    verified(database, now)
    count(database, now)
    with database.write() as session:
        session.execute(update(Record).values(stage=0, redeemed_at=None, verified_at=None, store_id=None))
        session.execute(update(RecordGroup).values(opened=1, redeemed=1, verified=0))
    assert broken(database) == {"records_true", "totals_of_records", "totals_of_hours", "totals_of_stores"}


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("Asia/Taipei", "2026-12-01T04:00"), ("Asia/Kathmandu", "2026-12-01T04:15"), ("Asia/Kolkata", "2026-12-01T04:30")],
)
def test_an_hour_begins_when_the_shops_clock_says_so(now: datetime, zone: str, hour: str) -> None:
    at = now + timedelta(minutes=44, seconds=59, microseconds=7)
    assert hour_of(at, ZoneInfo(zone)).isoformat() == f"{hour}:00+00:00"


def verified(database: Database, now: datetime) -> tuple[str, int, int]:
    """Mei's coupon, an hour between its times, beside one of Alex's: its token, its id, and the store."""
    with database.write() as session:
        cast.campaign(session, now)
        token, _ = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
        store = Store(name="Xinyi")
        session.add(store)
        session.flush()
        store_id = store.id
        coupon_id = session.scalars(select(Coupon.id).where(Coupon.token == token)).one()
    with database.write() as session:
        coupons.open_page(session, token, "Safari", now + HOUR)
    cast.redeem(database, token, now + 2 * HOUR)
    with database.write() as session:
        actor = Actor("pos", None, store_id)
        assert isinstance(verification.verify(session, coupon_id, "x", actor, now + 3 * HOUR), Verified)
    return token, coupon_id, store_id


def count(database: Database, now: datetime) -> None:
    """What the periodic process does in two rounds: rows are first noted, then looked at."""
    for _ in range(2):
        with database.write() as session:
            records_counting.catch_up(session, TAIPEI, now)


def funnel(database: Database) -> Funnel:
    with database.read() as session:
        return statistics.funnels(session, [1])[1]


def hours(database: Database) -> list[tuple[datetime, str, int, int]]:
    merged: Counter[tuple[datetime, str, int]] = Counter()
    with database.read() as session:
        for one in session.scalars(select(RecordHour).where(RecordHour.kind != "verified")):  # whichever group
            merged[one.hour, one.kind, 0] += one.count
        for store in session.scalars(select(RecordStore)):
            merged[store.hour, "verified", store.store_id] += store.count
    return sorted((*key, number) for key, number in merged.items() if number)


def broken(database: Database) -> set[str]:
    with database.snapshot() as session:
        return {one.invariant.name for one in invariants.check(session) if one.examples}


def whole(database: Database) -> None:
    """All that must always hold does."""
    assert broken(database) == set()
