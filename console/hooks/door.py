"""Where outgoing webhooks are managed: /console/webhooks/, for owners."""

from flask import Blueprint

from db.base import LARGEST_ID
from web import login

ID = f"<int(max={LARGEST_ID}):endpoint_id>"
DELIVERY = f"<int(max={LARGEST_ID}):delivery_id>"

blueprint = Blueprint("hooks", __name__, url_prefix="/console/webhooks")
login.guard(blueprint, "owner")
