"""Where outgoing webhooks are managed: /console/webhooks/, for owners. The modules beside this one add its pages."""

from flask import Blueprint, abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from core import clock, hooks
from core.hooks import Endpoint
from db.base import LARGEST_ID
from web import login
from web.services import services

ID = f"<int(max={LARGEST_ID}):endpoint_id>"
DELIVERY = f"<int(max={LARGEST_ID}):delivery_id>"

blueprint = Blueprint("hooks", __name__, url_prefix="/console/webhooks")
login.guard(blueprint, "owner")


def known(endpoint_id: int) -> Endpoint:
    """The endpoint; 404 where there is none."""
    with services().database.read() as db:
        return hooks.one(db, endpoint_id, clock.now()) or abort(404)


def back(endpoint_id: int, told: str) -> Response:
    """To its page, which says what was done."""
    flash(told, "good")
    return redirect(url_for("hooks.endpoint", endpoint_id=endpoint_id), 303)
