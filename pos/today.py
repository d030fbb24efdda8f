"""The store's day: what was tried, verified and undone at its counter, with the totals for closing. To be printed."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request, session

from core import clock, counter_day
from db.base import LARGEST_ID
from pos.sentences import outcome_words
from web import login
from web.services import services

TOLD = "undo_told"  # in the session: whether a verification was just undone, and the sentence to say so

blueprint = Blueprint("today", __name__, url_prefix="/today")
blueprint.app_template_global("outcome_words")(outcome_words)


@blueprint.get("/")
def index() -> str:
    """Today, or another day that is asked for; a long day's list in pages, its totals always whole."""
    now, zone = clock.now(), services().shop.timezone
    today = now.astimezone(zone).date()
    day, before, account = _day(today), _before(), login.account()
    between = (datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone))
    if account.store_id is None:  # nobody who may come here is without a store: the database holds it
        raise ValueError(f"{account.username} stands in no store.")
    with services().database.read() as db:
        totals = counter_day.totals(db, account.store_id, between)
        page = counter_day.tries(db, account.store_id, between, now, before)
        undone = counter_day.taken_back(db, account.store_id, between) if before is None else []
    return render_template(
        "pos/today.html",
        day=day,
        is_today=day == today,
        earlier=day - timedelta(days=1),
        later=day + timedelta(days=1) if day < today else None,
        totals=totals,
        page=page,
        is_first=before is None,
        undone=undone,
        told=session.pop(TOLD, None),
        now=now,
    )


def _day(today: date) -> date:
    """What is asked for; today where it is no day, or one to come."""
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today
    return asked if date(1970, 1, 2) <= asked < today else today  # near no end of the calendar


def _before() -> int | None:
    asked = request.args.get("before", 0, type=int)
    return asked if 0 < asked <= LARGEST_ID else None
