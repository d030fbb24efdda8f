"""Whatever is asked beside the lists of records reads by an index too, and finds what it is after."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core import (
    audit,
    audit_log,
    coupon_view,
    records_changes,
    records_history,
    records_refused,
    records_search,
    statistics,
)
from core.audit import Action, Deed, Doer
from core.audit_log import Sought
from db.database import Database
from db.tables import Coupon, SendRefusal
from tests import cast
from tests.core.test_plans import planned, whole
from tests.core.test_records_counting import count, verified


def test_nothing_about_records_reads_a_whole_table(database: Database, now: datetime) -> None:
    token, _, _ = verified(database, now)
    count(database, now)
    with database.read() as session:
        reference = session.scalars(select(Coupon.reference).where(Coupon.token == token)).one()
    with planned(database) as plans, database.read() as session:
        for words in ("TEA-0001", reference, "Mei", cast.MEI[1]):
            records_search.find(session, 1, words)
        for kind in records_refused.KINDS:
            records_refused.page(session, 1, kind, after=9)
            records_refused.page(session, 1, kind, before=9)
        assert records_history.of_reference(session, 1, reference)
        records_changes.is_any(session)
        statistics.funnels(session, [1])
        statistics.of_campaign(session, 1, now - timedelta(days=30), now + timedelta(days=1))
        coupon_view.look(session, token, now)
    assert len(plans) > 20
    assert whole(plans) == []


def test_refusals_are_paged_there_and_back(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        contact = cast.contact(session, cast.MEI, now)
        theirs = {"campaign_id": 1, "campaign_slug": "summer-tea", "contact_id": contact.id, "reason": "sold_out"}
        session.add_all([SendRefusal(**theirs, refused_at=now) for _ in range(5)])
    with database.read() as session:
        first = records_refused.page(session, 1, "sending", size=2)
        second = records_refused.page(session, 1, "sending", after=first.after, size=2)
        third = records_refused.page(session, 1, "sending", after=second.after, size=2)
        back = records_refused.page(session, 1, "sending", before=third.before, size=2)
    assert [[one.number for one in page.refusals] for page in (first, second, third, back)] == [
        [5, 4],
        [3, 2],
        [1],
        [3, 2],
    ]
    assert (first.before, third.after) == (None, None)


def test_the_audit_log_is_filtered_and_paged_by_an_index(database: Database, now: datetime) -> None:
    doers = {"mia": Doer(None, "mia"), "otto": Doer(None, "otto")}
    actions: tuple[Action, ...] = ("campaign.changed", "pack.added")
    with database.write() as session:
        for number in range(40):
            deed = Deed(actions[number // 2 % 2], "campaign", f"tea-{number % 5}", {})
            audit.record(session, doers[("mia", "otto")[number % 2]], deed, now + timedelta(hours=number))
    sought = Sought("mia", "pack.added", "tea-2", now + timedelta(hours=3), now + timedelta(hours=35))
    with planned(database) as plans, database.read() as session:
        assert audit_log.actors(session) == ["mia", "otto"]
        assert audit_log.actions(session) == ["campaign.changed", "pack.added"]
        assert [entry.id for entry in audit_log.page(session, sought).entries] == [23]
        pages = [audit_log.page(session, Sought("mia"), size=15)]
        pages.append(audit_log.page(session, Sought("mia"), after=pages[0].after, size=15))
        pages.append(audit_log.page(session, Sought("mia"), before=pages[1].before, size=15))
        assert [len(page.entries) for page in pages] == [15, 5, 15]
        assert [page.entries[0].id for page in pages] == [39, 9, 39]
    assert whole(plans) == []
