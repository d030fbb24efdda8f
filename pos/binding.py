"""/pos/bind: a browser becomes a device of a store, by a code that the console has shown and that counts once."""

import structlog
from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from core import clock
from core import devices as known_devices
from core.refusal import Refused
from web import devices, login
from web.roles import SIGN_IN
from web.sentences import sentence
from web.services import services

OVER = 410
log = structlog.get_logger(__name__)

blueprint = Blueprint("binding", __name__, url_prefix="/pos/bind")
blueprint.after_request(login.uncached)


@blueprint.get("")
def ask() -> str:
    """The page that the QR code opens. The code is in the fragment, which no server is sent; a script puts it in."""
    return render_template("pos/bind.html", here=devices.here(), failure="")


@blueprint.post("")
def bind() -> Response | tuple[str, int]:
    """Bind this browser. Whoever was logged in here is not any more: it is the store's now."""
    with services().database.write() as db:
        bound = known_devices.bind(db, request.form.get("code", ""), clock.now())
    if isinstance(bound, Refused):
        log.warning("binding_failed", reason=bound.reason, address=request.remote_addr)
        return render_template("pos/bind.html", here=devices.here(), failure=sentence(bound.reason)), OVER
    device_id, token = bound
    login.leave()
    log.info("device_bound", device_id=device_id)
    return devices.remember(redirect(SIGN_IN, 303), token)
