"""The room itself, whose pages the modules beside this one add."""

from flask import Blueprint, abort, redirect, url_for
from werkzeug.wrappers import Response

from core import stores
from core.stores import Place
from db.base import LARGEST_ID
from web import login
from web.services import services

STORE = f"<int(max={LARGEST_ID}):store_id>"
DEVICE = f"<int(max={LARGEST_ID}):device_id>"
USER = f"<int(max={LARGEST_ID}):user_id>"

blueprint = Blueprint("stores", __name__, url_prefix="/console/stores")
login.guard(blueprint, "owner")


def known(store_id: int) -> Place:
    """The store; 404 where there is none."""
    with services().database.read() as db:
        return stores.one(db, store_id) or abort(404)


def back(store_id: int) -> Response:
    """To the store's page."""
    return redirect(url_for("stores.store", store_id=store_id), 303)
