"""Warnings of stock: once at each level, for the lowest that was reached, and again after a top-up."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from sqlalchemy import select, update

from core import campaigns, serials, staff_notices, stock_levels
from core.audit import Doer
from core.refusal import Refused
from db.database import Database
from db.tables import AuditEntry, Pack, StockLevel
from tests import cast

MIA = Doer(None, "mia")


def warned(database: Database, now: datetime) -> Sequence[str]:
    """What a round of the sweep finds; the notices that are there then, the newest first."""
    with database.write() as session:
        stock_levels.warn(session, stock_levels.reached(session), now)
        return [staff_notices.told(one.text)[1] for one in staff_notices.unseen(session, is_owner=False)]


def take(database: Database, left: int) -> None:
    with database.write() as session:
        session.execute(update(Pack).values(taken=Pack.size - left))


def test_the_marketer_is_warned_once_a_level_and_again_after_a_top_up(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        serials.add_fixed(session, campaign.id, "FREE", 100, now)
        stock_levels.put(session, campaign.id, [50, 10, 0], MIA, now)
    assert warned(database, now) == []
    take(database, 50)
    first = "50 serials left (warning at 50)"
    assert warned(database, now) == [first]
    take(database, 30)
    assert warned(database, now) == [first]
    take(database, 0)
    assert warned(database, now) == ["0 serials left (warning at 0)", first]
    with database.write() as session:
        notice = staff_notices.unseen(session, is_owner=False)[0]
        assert (notice.campaign_slug, notice.campaign_name, notice.contact_id) == (cast.TEA.slug, cast.TEA.name, None)
        serials.add_fixed(session, 1, "MORE", 20, now)
    assert len(warned(database, now)) == 2
    with database.read() as session:
        open_levels = select(StockLevel.level).where(StockLevel.warned_at.is_(None)).order_by(StockLevel.level)
        assert session.scalars(open_levels).all() == [0, 10]
    with database.write() as session:
        session.execute(update(Pack).where(Pack.fixed_code == "MORE").values(taken=11))
    assert warned(database, now)[0] == "9 serials left (warning at 10)"


def test_of_a_campaign_that_has_ended_nobody_is_warned(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        stock_levels.put(session, campaign.id, [5], MIA, now)
        campaigns.end(session, campaign.slug, now)
    assert warned(database, now) == []


def test_levels_are_changed_with_an_entry_in_the_audit_log(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        stock_levels.put(session, campaign.id, [50, 10], MIA, now)
        stock_levels.put(session, campaign.id, [10, 50], MIA, now)
        stock_levels.put(session, campaign.id, [10], MIA, now)
        assert [level.level for level in stock_levels.levels(session, campaign.id)] == [10]
        details = session.scalars(
            select(AuditEntry.detail).where(AuditEntry.actor == MIA.name).order_by(AuditEntry.id)
        ).all()
    assert details == [{"before": [], "now": [50, 10]}, {"before": [50, 10], "now": [10]}]


@pytest.mark.parametrize("words", ["few", "-1", "1.5", "99999999999", " ".join(map(str, range(11)))])
def test_what_is_no_list_of_levels_is_refused(words: str) -> None:
    assert isinstance(stock_levels.read(words), Refused)
    assert stock_levels.read("100, 1000、5") == [1000, 100, 5]
