"""/pos/sign-in: on a store's device its staff sign in by name and PIN, and one after the other."""

from datetime import datetime
from math import ceil

import structlog
from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from core import clock, pins, stores, users
from core.devices import Bound
from core.pins import Try
from core.reasons import Reason
from core.refusal import Refused
from core.stores import Staff
from core.users import Account
from db.base import LARGEST_ID
from web import devices, login, passwords
from web.roles import HOMES, landing
from web.sentences import sentence
from web.services import services
from web.words import say

ID = f"<int(max={LARGEST_ID}):user_id>"
STATUS = {Reason.PIN_MALFORMED: 400, Reason.PIN_WRONG: 401, Reason.PIN_WAIT: 429}
log = structlog.get_logger(__name__)

blueprint = Blueprint("signing", __name__, url_prefix="/pos/sign-in")
blueprint.after_request(login.uncached)


@blueprint.get("")
def names() -> AnyResponse | str:
    """Who stands in this device's store, as large buttons. On any other browser people log in by password."""
    aim = request.args.get("next", "")
    if current_user.is_authenticated:
        return redirect(landing(login.account().role, aim))
    device = devices.here()
    if device is None:
        return redirect(url_for("login.log_in", next=aim or None))
    with services().database.read() as db:
        staff = stores.staff(db, device.store_id, clock.now())
    return render_template("pos/sign_in.html", device=device, staff=staff, aim=aim)


@blueprint.get(f"/{ID}")
def pin(user_id: int) -> AnyResponse | str:
    """The pad for one of them."""
    device = devices.here()
    if device is None:
        return redirect(url_for("login.log_in"))
    return _pad(device, _one(device, user_id), "")


@blueprint.post(f"/{ID}")
def sign_in(user_id: int) -> AnyResponse:
    """Begin a session on this device, where the PIN is right; whoever had one here before is out."""
    device, now = devices.here(), clock.now()
    if device is None:
        return redirect(url_for("login.log_in"))
    found = _whose(device, user_id, pins.plain(request.form.get("pin", "")), now)
    if isinstance(found, Refused):
        log.warning("sign_in_failed", user_id=user_id, device_id=device.device_id, reason=found.reason)
        return _refused(device, user_id, found, now)
    login.begin_session(found, now, device)
    log.info("signed_in", user_id=user_id, device_id=device.device_id)
    return devices.renew(redirect(landing(found.role, request.form.get("next", "")), 303))


@blueprint.post("/awake")
def awake() -> Response:
    """Somebody touches the page and asks for nothing: it need not lock. A script is told where it is too late."""
    if not current_user.is_authenticated:
        return make_response(jsonify(outcome="signed_out"), 401)
    devices.touch()
    return make_response("", 204)


def _whose(device: Bound, user_id: int, entered: str, now: datetime) -> Account | Refused:
    """Whose PIN this is. It has its turn first, is counted, and then looked at, with no transaction open meanwhile."""
    if (wrong := pins.check(entered)) and wrong.reason == Reason.PIN_MALFORMED:
        return wrong
    database = services().database
    with passwords.turn():
        with database.write() as db:
            tried = pins.count(db, user_id, device.device_id, now)
        is_right = isinstance(tried, Try) and users.is_right(tried.pin_hash, entered)
    if isinstance(tried, Refused):
        return tried
    with database.write() as db:
        found = users.account(db, user_id) if is_right and pins.was_right(db, tried) else None
        if found:
            users.note_log_in(db, user_id, now)
    return found or Refused(Reason.PIN_WRONG)


def _refused(device: Bound, user_id: int, refused: Refused, now: datetime) -> Response:
    failure, seconds = sentence(refused.reason), 0
    if refused.reason == Reason.PIN_WAIT:
        seconds = max(1, ceil((datetime.fromisoformat(refused.detail) - now).total_seconds()))
        minutes = ceil(seconds / 60)
        failure += say(f"請等 {minutes} 分鐘。", f" Wait {minutes} {'minute' if minutes == 1 else 'minutes'}.")
    answer = make_response(_pad(device, _one(device, user_id), failure), STATUS[refused.reason])
    if seconds:
        answer.headers["Retry-After"] = str(seconds)
    return answer


def _one(device: Bound, user_id: int) -> Staff:
    with services().database.read() as db:
        staff = stores.staff(db, device.store_id, clock.now())
    return next((one for one in staff if one.user_id == user_id and one.has_pin), None) or abort(404)


def _pad(device: Bound, person: Staff, failure: str) -> str:
    aim = request.values.get("next", HOMES["staff"])
    return render_template("pos/pin.html", device=device, person=person, failure=failure, aim=aim)
