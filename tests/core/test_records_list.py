"""The list of records: what is asked for, in order, page by page, there and back."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from core import coupons, records, records_list, undo, verification
from core.records import Record
from core.records_list import BY_HAND, Filters, Place
from core.verification import Actor
from db.database import Database
from db.tables import Coupon, Flow, FlowVersion, Store, User
from tests import cast
from tests.core.test_plans import planned, whole
from tests.core.test_records_counting import count

MINUTE = timedelta(minutes=1)
STATUSES = (None, "sent", "opened", "redeemed", "verified")


@pytest.fixture
def shop(database: Database, now: datetime) -> Database:
    """Twelve coupons: two channels, two flows and a person's, two stores, three of each status, times in disorder."""
    with database.write() as session:
        cast.campaign(session, now, codes=20)
        versions = []
        for number in (1, 2):
            flow = Flow(name=f"flow{number}", published_number=1)
            session.add(flow)
            session.flush()
            version = FlowVersion(flow_id=flow.id, number=1, source="", document={}, pictures={}, published_at=now)
            session.add(version)
            versions.append(version)
        session.add_all([Store(name="Xinyi"), Store(name="Banqiao")])
        session.add(User(username="mia", password_hash="", role="marketer", created_at=now))
        session.flush()
        for number in range(12):
            who = (("line", "messenger")[number % 2], f"U{number}")
            version_id = [versions[0].id, versions[1].id, None][number // 4]
            user_id = None if version_id else 1
            made = coupons.send(
                session, "summer-tea", cast.contact(session, who, now), now + number * MINUTE, version_id, user_id
            )
            assert isinstance(made, coupons.Sent)
    with database.read() as session:
        tokens = session.execute(select(Coupon.id, Coupon.token).order_by(Coupon.id)).all()
    for number, (coupon_id, token) in enumerate(tokens):
        later = now + timedelta(hours=1) + (number * 5 % 12) * MINUTE
        if number % 4 > 0:
            with database.write() as session:
                coupons.open_page(session, token, "Safari", later)
        if number % 4 > 1:
            cast.redeem(database, token, later)
        if number % 4 > 2:
            with database.write() as session:
                verification.verify(session, coupon_id, "x", Actor("pos", 1, 1 + number % 8 // 4), later + MINUTE)
    count(database, now)
    return database


def every(now: datetime) -> Iterator[Filters]:
    periods = ((None, None), (now + 4 * MINUTE, now + timedelta(hours=1) + 6 * MINUTE))
    combinations = itertools.product(
        records_list.SORTS, STATUSES, (None, "line"), (None, BY_HAND, 1), (None, 1), periods, (False, True)
    )
    some = itertools.islice(combinations, 0, None, 7)  # of 720; seven divides none of the numbers of choices
    for sort, status, channel, flow_id, store_id, (since, until), is_oldest_first in some:
        yield Filters(1, status, channel, flow_id, store_id, since, until, sort, is_oldest_first)


def expected(all_of_them: list[Record], filters: Filters) -> list[str]:
    """By the textbook: all records looked at, sorted, cut."""
    flows = {None: None, 0: None, 1: "flow1"}
    stores = {None: None, 1: "Xinyi"}

    def fits(one: Record) -> bool:
        at = getattr(one, f"{filters.sort}_at")
        return (
            at is not None
            and filters.status in (None, one.status)
            and filters.channel in (None, one.channel)
            and (filters.flow_id is None or one.flow == flows[filters.flow_id])
            and (filters.store_id is None or one.store == stores[filters.store_id])
            and (filters.since is None or filters.since <= at)
            and (filters.until is None or at < filters.until)
        )

    found = sorted(filter(fits, all_of_them), key=lambda one: (getattr(one, f"{filters.sort}_at"), one.coupon_id))
    return [one.reference for one in (found if filters.is_oldest_first else found[::-1])]


def test_every_combination_of_filters_finds_what_fits_in_order_there_and_back(shop: Database, now: datetime) -> None:
    checked = 0
    with shop.read() as session:
        all_of_them = list(records.of_campaign(session, 1))
        assert {one.status for one in all_of_them} == set(STATUSES) - {None}
        assert {one.sent_by for one in all_of_them} == {None, "mia"}
        for filters in every(now):
            right = expected(all_of_them, filters)
            checked += len(right)
            page = records_list.page(session, filters, size=3)
            there = [page]
            while page.after:
                page = records_list.page(session, filters, after=page.after, size=3)
                there.append(page)
            assert [one.reference for page in there for one in page.records] == right, filters
            back = [page]
            while page.before:
                page = records_list.page(session, filters, before=page.before, size=3)
                back.append(page)
            assert [one.reference for page in back[::-1] for one in page.records] == right, filters
            number = records_list.count(session, filters)
            assert number is None or number == len(right), filters
    assert checked > 40


def test_no_page_of_records_reads_a_whole_table(shop: Database, now: datetime) -> None:
    place = Place(now, 5)
    with planned(shop) as plans, shop.read() as session:
        for filters in every(now):
            records_list.page(session, filters, after=place)
            records_list.page(session, filters, before=place)
    assert len(plans) > 10
    assert whole(plans) == []
    sorted_ones = [line for lines in plans.values() for line in lines if "records" in line and "Bitmap" in line]
    assert sorted_ones == []


def test_an_export_has_what_the_list_has(shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("PAGE", 2), ("EXPORTED", 5)):
        monkeypatch.setattr(records_list, name, size)
    filters, after, found = Filters(1), None, []
    with shop.read() as session:
        listed = [one.reference for one in records_list.page(session, filters, size=50).records]
        while True:
            some, after = records_list.export(session, filters, after)
            found += [one.reference for one in some]
            if after is None:
                break
    assert found == listed and len(found) == 12


def test_what_was_undone_a_moment_ago_is_shown_as_it_is(shop: Database, now: datetime) -> None:
    with shop.write() as session:
        undo.undo_redemption(session, 3, "mistake", None, now + timedelta(days=1))
    with shop.read() as session:
        found = records_list.page(session, Filters(1, "redeemed")).records
        assert [one.status for one in found if one.coupon_id == 3] == ["opened"]
    count(shop, now)
    with shop.read() as session:
        assert [one.coupon_id for one in records_list.page(session, Filters(1, "redeemed")).records] == [11, 7]
