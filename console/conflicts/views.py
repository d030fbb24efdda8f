"""/console/conflicts/: what was verified without a network and the shop would have refused; an owner settles it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.conflicts.wording import why
from console.fields import typed
from core import clock, conflicts
from db.base import LARGEST_ID
from web import login
from web.services import services
from web.words import say

blueprint = Blueprint("conflicts", __name__, url_prefix="/console/conflicts")
login.guard(blueprint, "owner")


@blueprint.app_template_global("open_conflicts")
def open_conflicts() -> int:
    """How many wait for an owner: at the top of each page of the console."""
    with services().database.read() as db:
        return conflicts.waiting(db)


@blueprint.get("/")
def listing() -> str:
    """The open ones, or those that were settled."""
    are_settled = request.args.get("settled") == "yes"
    with services().database.read() as db:
        found = conflicts.listed(db, are_settled=are_settled)
    return render_template("console/conflicts/list.html", conflicts=found, are_settled=are_settled, why=why)


@blueprint.post(f"/<int(max={LARGEST_ID}):attempt_id>/settle")
def settle(attempt_id: int) -> Response:
    """Settle one, with a note of what came of it."""
    note = typed("note")
    if not note.strip():
        flash(say("請寫下怎麼處理。", "Say what came of it."), "bad")
        return redirect(url_for("conflicts.listing"), 303)
    with services().database.write() as db:
        is_done = conflicts.settle(db, attempt_id, note, login.doer(), clock.now())
    if not is_done:
        with services().database.read() as db:
            if not any(one.attempt_id == attempt_id for one in conflicts.listed(db, are_settled=True)):
                abort(404)
        flash(say("別人已經處理了這筆。", "Somebody else has settled it meanwhile."), "bad")
    else:
        flash(say("已處理。", "Settled."), "good")
    return redirect(url_for("conflicts.listing"), 303)
