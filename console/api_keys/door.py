"""Where the keys of POS machines are managed: /console/api-keys/, for owners."""

from flask import Blueprint

from db.base import LARGEST_ID
from web import login

ID = f"<int(max={LARGEST_ID}):key_id>"

blueprint = Blueprint("api_keys", __name__, url_prefix="/console/api-keys")
login.guard(blueprint, "owner")
