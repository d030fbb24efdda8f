"""/console/webhooks/: every endpoint, and adding one."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.fields import typed
from console.hooks.door import blueprint
from console.hooks.wording import kind, kinds, sentence, wrong_field
from core import clock, hook_deliveries, hooks
from core.hooks import KINDS, Wanted
from core.refusal import Refused
from web import login
from web.services import services
from web.words import say


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as db:
        endpoints = hooks.all_of(db, clock.now())
        counts = {
            (one.endpoint_id, state): hook_deliveries.count(db, one.endpoint_id, state)
            for one in endpoints
            for state in ("waiting", "failed")
        }
    return render_template(
        "console/hooks/list.html",
        endpoints=endpoints,
        counts=counts,
        most=hook_deliveries.COUNTED,
        kind_words=kind,
    )


@blueprint.get("/new")
def new() -> str:
    """The form."""
    return _form(Wanted("", "", KINDS), {})


@blueprint.post("/new")
def add() -> Response | tuple[str, int]:
    """Add it; its page shows the secret."""
    wanted = asked()
    with services().database.write() as db:
        made = hooks.add(db, login.doer(), wanted, clock.now(), is_inside_allowed=services().webhooks_inside)
    if isinstance(made, Refused):
        return _form(wanted, {wrong_field(made.reason): sentence(made.reason)}), 409
    told = say(
        "已新增。請把密鑰交給接收的系統，再送一筆測試。", "Added. Give the secret to the receiver, then send a test."
    )
    flash(told, "good")
    return redirect(url_for("hooks.endpoint", endpoint_id=made), 303)


def asked() -> Wanted:
    """What the form asks for."""
    return Wanted(typed("name"), typed("url"), request.form.getlist("kind"))


def _form(wanted: Wanted, wrong: dict[str, str]) -> str:
    return render_template("console/hooks/new.html", wanted=wanted, wrong=wrong, kinds=kinds())
