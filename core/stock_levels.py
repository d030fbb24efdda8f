"""Levels of stock at which the marketer is warned, by a notice in the console; each once, until there is more again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Label, delete, select, update
from sqlalchemy.orm import Session

from core import audit, serials
from core.audit import Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from core.staff_notices import BETWEEN
from db import locks
from db.tables import Campaign, StaffNotice, StockLevel

MOST = 10  # levels of a campaign
HIGHEST = 1_000_000_000


def levels(session: Session, campaign_id: int) -> Sequence[StockLevel]:
    """The campaign's levels, the highest first."""
    of_campaign = select(StockLevel).where(StockLevel.campaign_id == campaign_id)
    return session.scalars(of_campaign.order_by(StockLevel.level.desc())).all()


def read(words: str) -> list[int] | Refused:
    """The levels that somebody wrote, such as '1000, 100': LEVELS_MALFORMED where they are none."""
    parts = words.replace(",", " ").replace("、", " ").replace("，", " ").split()
    if not all(part.isascii() and part.isdigit() and len(part) < 11 for part in parts):  # noqa: PLR2004 (HIGHEST's digits)
        return Refused(Reason.LEVELS_MALFORMED, words[:100])
    found = sorted({int(part) for part in parts}, reverse=True)
    if len(found) > MOST or any(level > HIGHEST for level in found):
        return Refused(Reason.LEVELS_MALFORMED, words[:100])
    return found


def put(session: Session, campaign_id: int, wanted: Sequence[int], doer: Doer, now: datetime) -> None:
    """Warn at these levels and no others. One that is kept is not warned of again for that."""
    campaign = locks.campaign(session, campaign_id)
    there = [level.level for level in levels(session, campaign_id)]
    if sorted(there) == sorted(wanted):
        return
    gone = [level for level in there if level not in wanted]
    session.execute(delete(StockLevel).where(StockLevel.campaign_id == campaign_id, StockLevel.level.in_(gone)))
    session.add_all(StockLevel(campaign_id=campaign_id, level=level) for level in wanted if level not in there)
    detail = {"before": there, "now": sorted(wanted, reverse=True)}
    audit.record(session, doer, Deed("stock_levels.changed", "campaign", campaign.slug, detail), now)


def reached(session: Session) -> list[tuple[int, int, int, bool]]:
    """Levels of campaigns that go on whose warning is not as the stock is: (campaign, level, left, is it reached)."""
    left: Label[int] = serials.stock_of(Campaign.id).label("left")
    goes_on = Campaign.ended_at.is_(None) & Campaign.archived_at.is_(None)
    rows = session.execute(
        select(StockLevel.campaign_id, StockLevel.level, StockLevel.warned_at, left)
        .join(Campaign, Campaign.id == StockLevel.campaign_id)
        .where(goes_on)
        .order_by(StockLevel.campaign_id, StockLevel.level)
    )
    return [
        (campaign_id, level, int(stock), stock <= level)
        for campaign_id, level, warned_at, stock in rows
        if (stock <= level) != (warned_at is not None)
    ]


def warn(session: Session, changed: Sequence[tuple[int, int, int, bool]], now: datetime) -> int:
    """Note what `reached` found; how many notices that made: one a campaign, of the lowest of its levels."""
    warned: set[int] = set()
    for campaign_id, level, left, is_reached in changed:
        was = StockLevel.warned_at.is_(None) if is_reached else StockLevel.warned_at.is_not(None)
        found = update(StockLevel).where(StockLevel.campaign_id == campaign_id, StockLevel.level == level, was)
        done = session.execute(found.values(warned_at=now if is_reached else None))
        if is_reached and campaign_id not in warned and done.rowcount:  # type: ignore[attr-defined]  # CursorResult
            warned.add(campaign_id)
            text = f"剩 {left:,} 張序號（警示：{level:,}）{BETWEEN}{left:,} serials left (warning at {level:,})"
            session.add(StaffNotice(campaign_id=campaign_id, text=text, created_at=now))
    return len(warned)
