"""Days as people choose them in forms, in the shop's zone, and the moments between which they lie."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import request


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; None: without a limit on that side."""

    first: date | None
    last: date | None

    def since(self, zone: ZoneInfo) -> datetime | None:
        """The moment at which the first day begins."""
        return datetime.combine(self.first, time(), zone) if self.first else None

    def until(self, zone: ZoneInfo) -> datetime | None:
        """The moment at which the last day is over."""
        if self.last is None:
            return None
        return datetime.combine(self.last + timedelta(days=1), time(), zone)


def asked() -> Days:
    """What the fields `from` and `to` say; what is no day is no limit."""
    return Days(_day("from"), _day("to"))


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if date(1970, 1, 2) <= found < date(9999, 1, 1) else None  # near no end of the calendar
