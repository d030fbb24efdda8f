"""The counter: staff type or scan a serial, see the coupon, verify it, and go on to the next customer.

Each act is a form's and a script's alike; who accepts JSON is answered so (`pos.replies`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from core import clock, correcting, counter_search, coupons, honouring, spelling, verification
from core.counter_search import Found
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Verified
from pos import offline, replies, shell, today
from pos.actor import actor
from pos.sentences import FOUND, UNDONE, VERIFIED, sentence, tone, undo_sentence
from web import errors, login
from web.services import services

SENT_TWICE = timedelta(seconds=30)

blueprint = Blueprint("pos", __name__, url_prefix="/pos", template_folder="templates", static_folder="static")


@blueprint.before_request
def tell_the_script() -> Response | None:
    """A script whose session is gone is told so, where a form would be shown the way to log in."""
    return replies.signed_out() if replies.wants_json() and not current_user.is_authenticated else None


login.guard(blueprint, "staff")
blueprint.app_template_global("sentence")(sentence)
blueprint.app_template_global("tone")(tone)
blueprint.register_blueprint(today.blueprint)
blueprint.register_blueprint(offline.blueprint)
shell.install(blueprint)


@blueprint.errorhandler(CSRFError)
def page_too_old(error: CSRFError) -> Response:
    """The token belongs to a session that is over; for the script that is the same as none."""
    return replies.signed_out() if replies.wants_json() else errors.too_old(error)


@blueprint.get("/")
def counter() -> str:
    """The empty counter, or the coupon that was verified a moment ago."""
    reference, coupon_id = session.pop("verified", ("", 0))
    with services().database.read() as db:
        verified = _coupon(db, reference, coupon_id)
    return render_template("pos/counter.html", verified=verified)


@blueprint.post("/find")
def find() -> Response | str:
    """Look a serial, reference or link up. Posted, so that they stand in no address and no log; nothing is verified."""
    given = _told("entered")
    entered = spelling.normal(given)
    if not entered:
        return replies.found(Reason.UNKNOWN_COUPON, []) if replies.wants_json() else render_template("pos/counter.html")
    with services().database.write() as db:
        result = verification.look_up(db, given, actor(), clock.now(), services().shop.public_url)
    found = [] if isinstance(result, Refused) else result
    if isinstance(result, Refused):
        reason: Reason | None = result.reason
    else:
        reason = result[0].refusal if len(result) == 1 else Reason.AMBIGUOUS
    if replies.wants_json():
        return replies.found(reason or FOUND, found)
    if found:
        return render_template("pos/counter.html", entered=entered, found=found)
    return render_template("pos/counter.html", entered=entered, reason=reason)


@blueprint.post("/verify")
def verify() -> Response | tuple[str, int]:
    """Verify one coupon. A second time tells who was first, and changes nothing; a form without one is refused too."""
    entered, reference, now = _told("entered"), _told("reference"), clock.now()
    with services().database.write() as db:
        coupon_id = _coupon_id(db, reference)
        outcome = verification.verify(db, coupon_id, entered, actor(), now, _device_at())
        coupon = _coupon(db, reference, coupon_id)
    is_done = isinstance(outcome, Verified) or (coupon is not None and _is_sent_twice(coupon, now))
    reason = None if isinstance(outcome, Verified) or is_done else outcome.reason
    if replies.wants_json():
        code = reason or VERIFIED
        return replies.answer(
            code,
            sentence(code, coupon),
            HTTPStatus.CONFLICT if reason else HTTPStatus.OK,
            coupon=replies.as_json(coupon) if coupon else None,
            undo_until=replies.moment(coupon.undo_until) if coupon and is_done else None,
        )
    if is_done:
        session["verified"] = (reference, coupon_id)
        return redirect(url_for("pos.counter"), 303)
    found = [coupon] if coupon else []
    return render_template("pos/counter.html", entered=entered, found=found, reason=reason), HTTPStatus.CONFLICT


@blueprint.post("/undo")
def undo() -> Response:
    """Take a verification of this store back while its time for that runs, with a reason that is kept."""
    reference, now = _told("reference"), clock.now()
    with services().database.write() as db:
        coupon_id = _coupon_id(db, reference)
        outcome = correcting.correct_at_counter(db, coupon_id, _told("reason"), actor(), login.doer(), now)
        coupon = _coupon(db, reference, coupon_id)
    code = outcome.reason if isinstance(outcome, Refused) else UNDONE
    said = undo_sentence(code, coupon)
    if not replies.wants_json():
        session[today.TOLD] = (code == UNDONE, said)
        return redirect(url_for("pos.today.index"), HTTPStatus.SEE_OTHER)
    status = HTTPStatus.OK if code == UNDONE else HTTPStatus.CONFLICT
    return replies.answer(code, said, status, coupon=replies.as_json(coupon) if coupon else None)


def _told(name: str) -> str:
    """A field of the form, or of the script's JSON; without what no database keeps."""
    given = replies.given_json() if request.is_json else request.form
    value = given.get(name) if isinstance(given, Mapping) else None
    return spelling.whole(str(value)).replace("\0", "") if isinstance(value, str | int) else ""


def _coupon_id(db: Session, reference: str) -> int:
    """The coupon's id where its reference is told as well, else nobody's: whoever counts ids has seen no coupon."""
    meant = coupons.by_reference(db, reference)
    return meant if meant is not None and _told("coupon_id") == str(meant) else 0


def _device_at() -> datetime | None:
    """The device's own time, where it gives one that says in which zone."""
    try:
        at = datetime.fromisoformat(_told("device_at"))
    except ValueError:
        return None
    return honouring.sensible(at) if at.tzinfo else None


def _coupon(db: Session, reference: str, coupon_id: int) -> Found | None:
    return counter_search.of(db, coupon_id, reference, login.account().store_id, clock.now())


def _is_sent_twice(coupon: Found, now: datetime) -> bool:
    """Whether the same person verified it on this device moments ago: a double tap, or one sent again over a bad line.

    Two people who share one account without a device are told apart no sooner than that; each should have their own.
    """
    ours, at = actor(), coupon.recorded_at
    is_theirs = (coupon.verifier_id, coupon.verified_in, coupon.verified_on) == (
        ours.user_id,
        login.account().store_name,
        ours.device_id,
    )
    return is_theirs and at is not None and now - at < SENT_TWICE
