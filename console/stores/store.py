"""/console/stores/ID: one store, its times, its staff and devices; closing it and opening it again after a question."""

from flask import flash, render_template
from werkzeug.wrappers import Response

from console.fields import typed
from console.stores import questions
from console.stores.door import STORE, back, blueprint, known
from core import clock, devices, stores
from core.reasons import Reason
from core.stores import Place, Wanted
from web import login
from web.sentences import sentence
from web.services import services
from web.words import say

DEEDS = {"close": stores.close, "open": stores.open_again}
MOST_DIGITS = 6


@blueprint.get(f"/{STORE}")
def store(store_id: int) -> str:
    """The page."""
    return page(known(store_id), {})


@blueprint.post(f"/{STORE}")
def change(store_id: int) -> Response | tuple[str, int]:
    """Another name, other times."""
    place = known(store_id)
    wanted = Wanted(typed("name"), _minutes("undo_minutes"), _minutes("idle_minutes"))
    with services().database.write() as db:
        refused = stores.change(db, login.doer(), store_id, wanted, clock.now())
    if refused:
        field = "name" if refused.reason != Reason.MINUTES_OUT_OF_RANGE else _wrong_minutes(wanted)
        return page(place, {field: sentence(refused.reason)}, wanted), 409
    flash(say("已儲存。", "Saved."), "good")
    return back(store_id)


@blueprint.get(f"/{STORE}/<any('close', 'open'):state>")
def ask(store_id: int, state: str) -> str:
    """What it would do, and the button."""
    place = known(store_id)
    question = questions.of_store(state, place)
    return render_template("console/stores/question.html", store_id=store_id, name=place.name, question=question)


@blueprint.post(f"/{STORE}/<any('close', 'open'):state>")
def do(store_id: int, state: str) -> Response:
    """Do it."""
    place = known(store_id)
    with services().database.write() as db:
        DEEDS[state](db, login.doer(), store_id, clock.now())
    flash(questions.of_store(state, place).done, "good")
    return back(store_id)


def page(place: Place, wrong: dict[str, str], wanted: Wanted | None = None) -> str:
    """The store's page, with what is wrong in one of its forms."""
    now = clock.now()
    with services().database.read() as db:
        staff, there = stores.staff(db, place.store_id, now), devices.of_store(db, place.store_id)
    wanted = wanted or Wanted(place.name, place.undo_minutes, place.idle_minutes)
    return render_template(
        "console/stores/store.html", store=place, wanted=wanted, wrong=wrong, staff=staff, devices=there, now=now
    )


def _minutes(field: str) -> int:
    words = typed(field).strip()
    return int(words) if words.isascii() and words.isdigit() and len(words) <= MOST_DIGITS else -1


def _wrong_minutes(wanted: Wanted) -> str:
    return "idle_minutes" if wanted.undo_minutes in stores.UNDO_MINUTES else "undo_minutes"
