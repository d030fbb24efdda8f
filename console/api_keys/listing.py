"""/console/api-keys/: every key, and making one."""

from flask import render_template, request
from werkzeug.wrappers import Response

from console.api_keys.door import blueprint
from console.api_keys.wording import scopes, wrong
from console.fields import typed
from core import api_keys, clock, stores
from core.refusal import Refused
from web import login
from web.services import services
from web.words import say


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as db:
        keys = api_keys.all_of(db)
    return render_template("console/api_keys/list.html", keys=keys)


@blueprint.get("/new")
def new() -> str:
    """The form."""
    return _form({})


@blueprint.post("/new")
def add() -> str | Response | tuple[str, int]:
    """Make a key; it is shown once."""
    store = request.form.get("store", type=int)
    with services().database.write() as db:
        made = api_keys.make(db, login.doer(), typed("name"), request.form.getlist("scopes"), store, clock.now())
        key = None if isinstance(made, Refused) else api_keys.one(db, made.key_id)
    if isinstance(made, Refused):
        return _form(dict([wrong(made.reason)])), 409
    return render_template("console/api_keys/secret.html", key=key, secret=made.secret, overlap=None)


def _form(mistakes: dict[str, str]) -> str:
    with services().database.read() as db:
        open_ones = [one for one in stores.all_of(db) if one.closed_at is None]
    every = ("", say("所有門市（每次請求指定）", "every store (each request names it)"))
    return render_template(
        "console/api_keys/new.html",
        wrong=mistakes,
        scopes=scopes(),
        chosen=request.form.getlist("scopes") if request.method == "POST" else ["lookup", "verify"],
        stores=[every, *[(str(one.store_id), one.name) for one in open_ones]],
    )
