"""Times as a marketer writes them: how long, until when, between which times of day."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from bot.sentences import Sentence

UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "分鐘": timedelta(minutes=1),
    "小時": timedelta(hours=1),
    "天": timedelta(days=1),
    "週": timedelta(weeks=1),
}
LONGEST = timedelta(days=366)
LONGEST_WORDS = 100  # characters in which a time is written: reading it takes as long as their square
YEARS = range(2000, 2200)  # what lies beyond is a slip, and near the ends of the calendar no zone can be added
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(rf"\s*([0-9]{{1,6}})\s*({'|'.join(UNITS)})(?:s\b|\b|(?=[0-9\s]|$))")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def duration(text: str) -> timedelta:
    """`30 minutes`, `2 days`, `1 day 12 hours`, `2 天`.

    Raises:
        ValueError: it is none, or not between a minute and a year.
    """
    parts = list(_PART.finditer(text)) if len(text) <= LONGEST_WORDS else []
    if not parts or "".join(part[0] for part in parts).strip() != text.strip():
        message = Sentence(
            "wrong_duration",
            f"這裡寫的是「{text[:LONGEST_WORDS]}」；要寫多久，例如 30 分鐘、2 小時或 3 天",
            f"found {text[:LONGEST_WORDS]!r}; expected how long, such as 30 minutes, 2 hours or 3 days",
        )
        raise ValueError(message)
    total = sum((int(part[1]) * UNITS[part[2]] for part in parts), timedelta())
    if not UNITS["minute"] <= total <= LONGEST:
        message = Sentence(
            "wrong_duration",
            f"這裡寫的是「{text}」；最短 1 分鐘，最長 {LONGEST.days} 天",
            f"found {text!r}; expected at least 1 minute and at most {LONGEST.days} days",
        )
        raise ValueError(message)
    return total


def time_of_day(text: str) -> time | None:
    """`18:00`; None where it is no time of day."""
    found = _TIME.fullmatch(text.strip())
    return time(int(found[1]), int(found[2])) if found else None


def moment(text: str) -> datetime | None:
    """`2026-12-24 18:00`, a time of the shop's clock and therefore without a zone; None where it is none."""
    try:
        found = datetime.strptime(text.strip(), "%Y-%m-%d %H:%M")  # noqa: DTZ007 (the engine adds the shop's zone)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def instant(text: str, timezone: ZoneInfo) -> datetime:
    """What `Moment` has checked, by the shop's clock, in UTC. Of an hour that comes twice a year, the first."""
    found = moment(text)
    if found is None:
        raise ValueError(Sentence("wrong_moment", f"「{text}」不是日期和時間", f"{text!r} is no day and time"))
    return found.replace(tzinfo=timezone).astimezone(UTC)


def hours(text: str) -> tuple[time, time]:
    """`09:00-18:00`, also over midnight: `22:00-02:00`.

    Raises:
        ValueError: it is no such thing.
    """
    ends = [time_of_day(end) for end in re.split(r"[-–~]", text)]  # noqa: RUF001 (as people type it)
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] == ends[1]:  # noqa: PLR2004 (from, to)
        message = Sentence(
            "wrong_hours",
            f"這裡寫的是「{text}」；要寫兩個時間，例如 09:00-18:00",
            f"found {text!r}; expected two times of day, such as 09:00-18:00",
        )
        raise ValueError(message)
    return ends[0], ends[1]


def _checked_duration(text: str) -> str:
    duration(text)
    return text


def _checked_hours(text: str) -> str:
    hours(text)
    return text


def checked_moment(text: str) -> str:
    """A day and a time as `moment` reads it.

    Raises:
        ValueError: it is none.
    """
    if moment(text) is None:
        message = Sentence(
            "wrong_moment",
            f"這裡寫的是「{text}」；要寫日期和時間，例如 2026-12-01 12:00",
            f"found {text!r}; expected a day and a time such as 2026-12-01 12:00",
        )
        raise ValueError(message)
    return text


Duration = Annotated[str, AfterValidator(_checked_duration)]
Hours = Annotated[str, AfterValidator(_checked_hours)]
Moment = Annotated[str, AfterValidator(checked_moment)]
