"""The counter: staff type or scan a serial, see the coupon, verify it, and go on to the next customer."""

from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from core import clock, spelling, verification
from core.refusal import Refused
from core.verification import Actor, Found, Verified
from pos.sentences import sentence
from web import login
from web.services import services

SENT_TWICE = timedelta(seconds=30)

blueprint = Blueprint("pos", __name__, url_prefix="/pos", template_folder="templates", static_folder="static")
login.guard(blueprint, "staff")
blueprint.app_template_global("sentence")(sentence)


@blueprint.get("/")
def counter() -> str:
    """The empty counter, or the coupon that was verified a moment ago."""
    reference, coupon_id = session.pop("verified", ("", 0))
    return render_template("pos/counter.html", verified=_coupon(reference, coupon_id))


@blueprint.post("/find")
def find() -> tuple[str, int]:
    """Look a serial or reference up. Posted, so that serials stand in no address and no log; nothing is verified."""
    given = request.form.get("entered", "")
    entered = spelling.normal(given)
    if not entered:
        return render_template("pos/counter.html"), 200
    with services().database.write() as db:
        result = verification.look_up(db, given, _actor(), clock.now())
    if isinstance(result, Refused):
        return render_template("pos/counter.html", entered=entered, reason=result.reason), 200
    return render_template("pos/counter.html", entered=entered, found=result), 200


@blueprint.post("/verify")
def verify() -> Response | tuple[str, int]:
    """Verify one coupon. A second time tells who was first, and changes nothing; a form without one is refused too."""
    entered, reference = request.form.get("entered", ""), request.form.get("reference", "")
    coupon_id, now = request.form.get("coupon_id", 0, type=int), clock.now()
    with services().database.write() as db:
        outcome = verification.verify(db, coupon_id, entered, _actor(), now)
    coupon = _coupon(reference, coupon_id)
    if isinstance(outcome, Verified) or (coupon and _is_sent_twice(coupon, now)):
        session["verified"] = (reference, coupon_id)
        return redirect(url_for("pos.counter"), 303)
    found = [coupon] if coupon else []
    return render_template("pos/counter.html", entered=entered, found=found, reason=outcome.reason), 409


def _coupon(reference: str, coupon_id: int) -> Found | None:
    """By its reference: a fixed serial may stand for more coupons than a look-up lists."""
    if not coupon_id:
        return None
    with services().database.read() as db:
        result = verification.find(db, reference, clock.now())
    return None if isinstance(result, Refused) else next((one for one in result if one.coupon_id == coupon_id), None)


def _is_sent_twice(coupon: Found, now: datetime) -> bool:
    """Whether the same person verified it moments ago: a double tap, or a form sent again over a bad line.

    Two people who share one account are told apart no sooner than that; each should have their own.
    """
    account, at = login.account(), coupon.verified_at
    is_theirs = (coupon.verified_by, coupon.verified_in) == (account.username, account.store_name)
    return is_theirs and at is not None and now - at < SENT_TWICE


def _actor() -> Actor:
    account = login.account()
    return Actor("pos", account.user_id, account.store_id)
