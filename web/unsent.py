"""A form that came when its session was over: shown again with what was typed, to be sent once more after logging in.

Only what a page of ours sent in a window of its own is: of another site's form nobody is asked to send it on.
"""

from flask import Response, make_response, render_template, request
from flask_login import current_user

LARGEST = 1_000_000  # bytes; a page that comes back with more would be no help
SECRET = ("login", "account")  # rooms whose forms hold passwords and codes, written into no page; nor is a PIN


def again(status: int) -> Response | None:
    """The page with what was typed; None where nothing was, or where it is not to be shown."""
    headers = request.headers
    if (headers.get("Sec-Fetch-Site"), headers.get("Sec-Fetch-Dest")) != ("same-origin", "document"):
        return None
    if request.blueprint in SECRET or "pin" in request.form:
        return None
    if request.method != "POST" or (request.content_length or 0) > LARGEST:
        return None
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if not any(value for _, value in typed):
        return None
    scope = {
        "typed": typed,
        "has_file": any(file.filename for file in request.files.values()),
        "is_logged_in": current_user.is_authenticated,
    }
    return make_response(render_template("web/unsent.html", **scope), status)
