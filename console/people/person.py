"""/console/people/ID: one of them, what they are, and what an owner can do, each deed after a question."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from console.people import links, questions
from console.people.door import ID, blueprint
from console.people.listing import asked
from console.people.wording import role, roles, wrong_field
from core import clock, user_changes, user_codes
from core.audit import Doer
from core.refusal import Refused
from core.user_changes import Person, Wanted
from core.users import UserError
from web import login
from web.sentences import sentence
from web.services import services
from web.words import say

Deed = Callable[[Session, Doer, int, datetime], Refused | None]
DEEDS: dict[str, Deed] = {
    "disable": user_changes.disable,
    "enable": user_changes.enable,
    "log-out": user_changes.end_sessions,
    "codes-off": user_codes.turn_off,
}


@blueprint.get(f"/{ID}")
def person(user_id: int) -> str:
    """The page."""
    return _page(_known(user_id), {})


@blueprint.post(f"/{ID}")
def change(user_id: int) -> Response | tuple[str, int]:
    """Another role, store or address."""
    known = _known(user_id)
    wanted = asked(known.username) or abort(400)
    try:
        with services().database.write() as db:
            refused = user_changes.change(db, login.doer(), user_id, wanted, clock.now())
    except UserError as error:
        return _page(known, {wrong_field(error.reason): sentence(error.reason)}, wanted), 409
    if refused:
        return _page(known, {wrong_field(refused.reason): sentence(refused.reason)}, wanted), 409
    return _next(user_id, say("已儲存。", "Saved."))


@blueprint.get(f"/{ID}/<any('disable', 'enable', 'log-out', 'codes-off', 'link', 'mail'):deed>")
def ask(user_id: int, deed: str) -> str:
    """What it would do, and the button."""
    return _question(_known(user_id), deed, "")


@blueprint.post(f"/{ID}/<any('disable', 'enable', 'log-out', 'codes-off'):deed>")
def do(user_id: int, deed: str) -> Response | tuple[str, int]:
    """Do it."""
    known = _known(user_id)
    with services().database.write() as db:
        refused = DEEDS[deed](db, login.doer(), user_id, clock.now())
    if refused:
        return _question(known, deed, sentence(refused.reason)), 409
    return _next(user_id, questions.of(deed, known).done)


@blueprint.post(f"/{ID}/link")
def link(user_id: int) -> str:
    """A link to hand over, shown once."""
    return links.shown(_enabled(user_id).user_id, "forgotten")


@blueprint.post(f"/{ID}/mail")
def send(user_id: int) -> Response:
    """The same by mail."""
    known = _enabled(user_id)
    if not known.email or not services().sends_mail:
        abort(409)
    return links.mailed(user_id, "forgotten" if known.has_password else "invitation")


def _known(user_id: int) -> Person:
    with services().database.read() as db:
        return user_changes.one(db, user_id) or abort(404)


def _enabled(user_id: int) -> Person:
    known = _known(user_id)
    return abort(409) if known.disabled_at else known


def _page(known: Person, wrong: dict[str, str], wanted: Wanted | None = None) -> str:
    with services().database.read() as db:
        stores = user_changes.stores(db)
    return render_template(
        "console/people/person.html",
        person=known,
        wanted=wanted or Wanted(known.username, known.role, known.store or "", known.email or ""),
        wrong=wrong,
        roles=roles(),
        role_words=role,
        stores=stores,
        has_mail=services().sends_mail,
        me=login.account(),
    )


def _question(known: Person, deed: str, failure: str) -> str:
    return render_template(
        "console/people/question.html", person=known, question=questions.of(deed, known), failure=failure
    )


def _next(user_id: int, told: str) -> Response:
    flash(told, "good")
    if user_id == login.account().user_id and request.path.endswith("/log-out"):
        return redirect(url_for("login.log_in"), 303)
    return redirect(url_for("people.person", user_id=user_id), 303)
