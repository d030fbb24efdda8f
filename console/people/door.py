"""Where the people who work here are managed: /console/people/, for owners."""

from flask import Blueprint

from db.base import LARGEST_ID
from web import login

ID = f"<int(max={LARGEST_ID}):user_id>"

blueprint = Blueprint("people", __name__, url_prefix="/console/people")
login.guard(blueprint, "owner")
