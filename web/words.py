"""The language of the pages for people who work here, and small things that their templates share."""

from datetime import datetime

from flask import Flask, request

from web.services import services

LANGUAGES = ("zh-Hant", "en")


def language() -> str:
    """'zh-Hant' or 'en', whichever the browser prefers."""
    preferred = request.accept_languages.best_match(["zh", "zh-TW", "zh-Hant", "zh-HK", "en"], default="zh")
    return "en" if preferred == "en" else "zh-Hant"


def say(zh: str, en: str) -> str:
    """The one of two wordings that the reader understands."""
    return en if language() == "en" else zh


def local_time(at: datetime | None) -> str:
    """A time in the shop's zone, to the minute; empty where there is none."""
    return at.astimezone(services().shop.timezone).strftime("%Y-%m-%d %H:%M") if at else ""


def local_second(at: datetime | None) -> str:
    """The same to the second."""
    return at.astimezone(services().shop.timezone).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def register(app: Flask) -> None:
    """Give templates `say`, `language` and `local_time`."""
    app.jinja_env.globals.update(say=say, language=language, shop=lambda: services().shop)
    app.jinja_env.filters.update(local_time=local_time, local_second=local_second)
