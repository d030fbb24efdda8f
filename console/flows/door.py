"""Where the room for flows opens: /console/flows/, for marketers, with its own scripts and the editor."""

from flask import Blueprint

blueprint = Blueprint("flows", __name__, url_prefix="/flows", static_folder="../static", static_url_path="/static")
