"""The language and the zone of the pages for people who work here, and small things that their templates share."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from flask import Flask, g, request

from web.services import services

LANGUAGES = ("zh-Hant", "en")


def reader(language: str, time_zone: str) -> None:
    """Who reads this request's pages has chosen a language and a zone; empty: the browser's, the shop's."""
    g.language = language if language in LANGUAGES else g.get("language", "")
    g.time_zone = time_zone


def language() -> str:
    """'zh-Hant' or 'en', as the reader has chosen, else whichever the browser prefers; one for the whole request."""
    if not g.get("language"):
        preferred = request.accept_languages.best_match(["zh", "zh-TW", "zh-Hant", "zh-HK", "en"], default="zh")
        g.language = "en" if preferred == "en" else "zh-Hant"
    return str(g.language)


def say(zh: str, en: str) -> str:
    """The one of two wordings that the reader understands."""
    return en if language() == "en" else zh


def local_time(at: datetime | None) -> str:
    """A time in the shop's zone, to the minute; empty where there is none."""
    return at.astimezone(services().shop.timezone).strftime("%Y-%m-%d %H:%M") if at else ""


def own_time(at: datetime | None) -> str:
    """A time of the reader's own doings, such as a log-in, in the zone they have chosen; its name stands there."""
    zone = own_zone()
    return f"{at.astimezone(zone).strftime('%Y-%m-%d %H:%M')} ({zone.key})" if at else ""


def own_zone() -> ZoneInfo:
    """The reader's zone; the shop's where they have chosen none."""
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):  # the machine's zones are not for ever the same
        return ZoneInfo(g.get("time_zone", ""))
    return services().shop.timezone


@cache  # it reads hundreds of files
def zones() -> frozenset[str]:
    """The zones that one can choose: those named after a place."""
    return frozenset(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def offset(zone: ZoneInfo) -> str:
    """How far a zone is from UTC just now: UTC+08:00."""
    far = datetime.now(UTC).astimezone(zone).utcoffset() or timedelta()
    minutes = int(far.total_seconds() // 60)
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def local_second(at: datetime | None) -> str:
    """The shop's time to the second."""
    return at.astimezone(services().shop.timezone).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def register(app: Flask) -> None:
    """Give templates `say`, `language`, `local_time`, `own_time` and the zones."""
    app.jinja_env.globals.update(
        say=say, language=language, shop=lambda: services().shop, own_zone=own_zone, offset=offset
    )
    app.jinja_env.filters.update(local_time=local_time, own_time=own_time, local_second=local_second)
