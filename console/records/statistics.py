"""/console/campaigns/SLUG/statistics: what happened by hour or day of the shop's clock, by channel, flow and store."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request

from console import periods
from console.periods import Days
from console.records import drawing
from console.records.door import blueprint, campaign_of
from core import clock, records_changes
from core import statistics as figures
from core.statistics import KINDS, Numbers
from web.services import services

DAYS, HOURS = 30, 7  # days shown where none are asked for, by day and by hour
MOST_DAYS, MOST_HOURS = 92, 31  # days that are shown at most
FUNNEL = KINDS[:4]


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, and its numbers by kind."""

    label: str
    numbers: Mapping[str, int]


@blueprint.get("/statistics")
def statistics(slug: str) -> str:
    """The page."""
    zone, now = services().shop.timezone, clock.now()
    is_by_hour = request.args.get("by") == "hour"
    days = _days(periods.asked(), now.astimezone(zone).date(), is_by_hour=is_by_hour)
    with services().database.read() as db:
        campaign = campaign_of(db, slug)
        funnel = figures.funnels(db, [campaign.id])[campaign.id]
        found = figures.of_campaign(db, campaign.id, _since(days, zone), _until(days, zone))
        as_of = records_changes.as_of(db, now)
    rows = _by_hour(found.hours, days, zone) if is_by_hour else _by_day(found.hours, days, zone)
    labels = [row.label for row in rows]
    charts = {kind: [row.numbers.get(kind, 0) for row in rows] for kind in KINDS}
    return render_template(
        "console/records/statistics.html",
        campaign=campaign,
        funnel=funnel,
        days=days,
        by="hour" if is_by_hour else "day",
        as_of=as_of,
        rows=[row for row in rows if any(row.numbers.values())],
        charts=[(kind, drawing.bars(labels, of, kind), max([*of, 0]), sum(of)) for kind, of in charts.items()],
        ends=(labels[0], labels[-1]),
        size=(drawing.WIDTH, drawing.HEIGHT),
        kinds=KINDS,
        funnel_kinds=FUNNEL,
        channels=_sorted(found.channels.items()),
        flows=_sorted((found.flow_names[flow_id], numbers) for flow_id, numbers in found.flows.items()),
        stores=_sorted((found.store_names.get(key, ""), {"verified": count}) for key, count in found.stores.items()),
    )


def _days(asked: Days, today: date, *, is_by_hour: bool) -> Days:
    """The days to show: as asked, but no more than there is room for."""
    usual, most = (HOURS, MOST_HOURS) if is_by_hour else (DAYS, MOST_DAYS)
    last = asked.last or (asked.first + timedelta(days=usual - 1) if asked.first else today)
    first = asked.first or last - timedelta(days=usual - 1)
    first, last = min(first, last), max(first, last)
    return Days(max(first, last - timedelta(days=most - 1)), last)


def _since(days: Days, zone: ZoneInfo) -> datetime:
    return days.since(zone) or datetime.min.replace(tzinfo=UTC)


def _until(days: Days, zone: ZoneInfo) -> datetime:
    return days.until(zone) or datetime.max.replace(tzinfo=UTC)


def _by_day(hours: Mapping[datetime, Numbers], days: Days, zone: ZoneInfo) -> list[Row]:
    first, last = days.first or date.min, days.last or date.min
    found: dict[date, Numbers] = {first + timedelta(days=n): {} for n in range((last - first).days + 1)}
    for hour, numbers in hours.items():
        of_day = found.setdefault(hour.astimezone(zone).date(), {})
        for kind, count in numbers.items():
            of_day[kind] = of_day.get(kind, 0) + count
    return [Row(day.isoformat(), numbers) for day, numbers in sorted(found.items())]


def _by_hour(hours: Mapping[datetime, Numbers], days: Days, zone: ZoneInfo) -> list[Row]:
    """Every hour there is: where a clock is put forward or back a day has 23 or 25."""
    begin, end = _since(days, zone).astimezone(UTC), _until(days, zone).astimezone(UTC)
    moments = {begin + timedelta(hours=n) for n in range(int((end - begin) / timedelta(hours=1)))}
    moments |= set(hours)
    return [
        Row(f"{at.astimezone(zone):%Y-%m-%d %H:%M}", hours.get(at, {})) for at in sorted(moments) if begin <= at < end
    ]


def _sorted(rows: Iterable[tuple[str, Numbers]]) -> list[Row]:
    """The largest first."""
    return sorted((Row(*row) for row in rows), key=lambda row: (-sum(row.numbers.values()), row.label))
