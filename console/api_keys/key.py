"""/console/api-keys/ID: one key, and what an owner can do with it, each deed after a question."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.api_keys.door import ID, blueprint
from console.api_keys.wording import scopes, wrong
from core import api_keys, clock
from core.api_keys import Key
from core.refusal import Refused
from web import login
from web.services import services
from web.words import say


@blueprint.get(f"/{ID}")
def key(key_id: int) -> str:
    """The page."""
    return _page(_known(key_id))


@blueprint.get(f"/{ID}/rotate")
def ask_rotate(key_id: int) -> str:
    """What another secret would mean, and the button."""
    return _rotate(_standing(key_id))


@blueprint.post(f"/{ID}/rotate")
def rotate(key_id: int) -> str | tuple[str, int]:
    """Another secret, shown once."""
    known = _standing(key_id)
    hours = request.form.get("hours", type=int)
    if hours not in dict(_overlaps()):
        return _rotate(known), 400
    with services().database.write() as db:
        made = api_keys.rotate(db, login.doer(), key_id, timedelta(hours=hours or 0), clock.now())
        known = api_keys.one(db, key_id) or known
    if isinstance(made, Refused):
        return _page(known, wrong(made.reason)[1]), 409
    return render_template("console/api_keys/secret.html", key=known, secret=made.secret, overlap=known.previous_until)


@blueprint.get(f"/{ID}/revoke")
def ask_revoke(key_id: int) -> str:
    """What it would mean, and the button."""
    return render_template("console/api_keys/revoke.html", key=_standing(key_id))


@blueprint.post(f"/{ID}/revoke")
def revoke(key_id: int) -> Response | tuple[str, int]:
    """Let nobody in with it any more."""
    known = _known(key_id)
    with services().database.write() as db:
        refused = api_keys.revoke(db, login.doer(), key_id, clock.now())
    if refused:
        return _page(known, wrong(refused.reason)[1]), 409
    flash(say("已撤銷。這把金鑰不能再用。", "Revoked. It lets nobody in any more."), "good")
    return redirect(url_for("api_keys.key", key_id=key_id), 303)


def _known(key_id: int) -> Key:
    with services().database.read() as db:
        return api_keys.one(db, key_id) or abort(404)


def _standing(key_id: int) -> Key:
    known = _known(key_id)
    return abort(409) if known.revoked_at else known


def _page(known: Key, failure: str = "") -> str:
    return render_template(
        "console/api_keys/key.html", key=known, scopes=dict(scopes()), failure=failure, now=clock.now()
    )


def _rotate(known: Key) -> str:
    return render_template("console/api_keys/rotate.html", key=known, overlaps=_overlaps())


def _overlaps() -> list[tuple[int, str]]:
    return [
        (24, say("一天", "a day")),
        (168, say("七天", "seven days")),
        (1, say("一小時", "an hour")),
        (0, say("不再有效（例如金鑰外流）", "not at all, as when it got into wrong hands")),
    ]
