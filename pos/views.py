"""The counter: staff type or scan a serial, see the coupon, verify it, and go on to the next customer."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from core import clock, verification
from core.refusal import Refused
from core.verification import Actor, Found, Verified
from pos.sentences import sentence
from web import login
from web.services import services

blueprint = Blueprint("pos", __name__, url_prefix="/pos", template_folder="templates", static_folder="static")
blueprint.before_request(login.only("staff"))
blueprint.app_template_global("sentence")(sentence)


@blueprint.get("/")
def counter() -> str:
    """The empty counter, or the coupon that was verified a moment ago."""
    done: list[Found] = []
    entered, coupon_id = session.pop("verified", ("", 0))
    if coupon_id:
        done = [one for one in _find(entered) if one.coupon_id == coupon_id]
    return render_template("pos/counter.html", verified=done[0] if done else None)


@blueprint.post("/find")
def find() -> tuple[str, int]:
    """Look a serial or reference up. Posted, so that serials stand in no address and no log; nothing is verified."""
    entered = verification.normal(request.form.get("entered", ""))
    if not entered:
        return render_template("pos/counter.html"), 200
    now = clock.now()
    with services().database.read() as db:
        result = verification.find(db, entered, now)
    if isinstance(result, Refused):
        with services().database.write() as db:
            verification.note_unknown(db, entered, result, _actor(), now)
        return render_template("pos/counter.html", entered=entered, reason=result.reason), 200
    return render_template("pos/counter.html", entered=entered, found=result), 200


@blueprint.post("/verify")
def verify() -> Response | tuple[str, int]:
    """Verify one coupon. A second time tells who was first, and changes nothing."""
    entered, coupon_id = request.form.get("entered", ""), request.form.get("coupon_id", type=int)
    if not coupon_id:
        abort(400, description="The coupon is missing. Go back and look it up again.")
    with services().database.write() as db:
        outcome = verification.verify(db, coupon_id, entered, _actor(), clock.now())
    if isinstance(outcome, Verified):
        session["verified"] = (entered, coupon_id)
        return redirect(url_for("pos.counter"), 303)
    found = [one for one in _find(entered) if one.coupon_id == coupon_id]
    return render_template("pos/counter.html", entered=entered, found=found, reason=outcome.reason), 409


def _find(entered: str) -> list[Found]:
    with services().database.read() as db:
        result = verification.find(db, entered, clock.now())
    return [] if isinstance(result, Refused) else result


def _actor() -> Actor:
    account = login.account()
    return Actor("pos", account.user_id, account.store_id)
