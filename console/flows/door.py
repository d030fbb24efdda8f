"""Where the room for flows opens: /console/flows/, for marketers, with its own scripts and the editor."""

from flask import Blueprint, abort, request

blueprint = Blueprint("flows", __name__, url_prefix="/flows", static_folder="../static", static_url_path="/static")


@blueprint.before_request
def refuse_what_no_name_holds() -> None:
    """PostgreSQL keeps no NUL in a text, not even to compare with it."""
    if "\0" in (request.view_args or {}).get("name", ""):
        abort(404)
