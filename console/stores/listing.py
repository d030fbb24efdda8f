"""/console/stores/: every store, and adding one."""

from flask import flash, render_template
from werkzeug.wrappers import Response

from console.fields import typed
from console.stores.door import back, blueprint
from core import clock, stores
from core.refusal import Refused
from core.stores import Wanted
from web import login
from web.sentences import sentence
from web.services import services
from web.words import say


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as db:
        return render_template("console/stores/list.html", stores=stores.all_of(db))


@blueprint.get("/new")
def new() -> str:
    """The form."""
    return render_template("console/stores/new.html", name="", wrong="")


@blueprint.post("/new")
def add() -> Response | tuple[str, int]:
    """Add one; its times can be changed on its page."""
    name = typed("name")
    with services().database.write() as db:
        added = stores.add(db, login.doer(), Wanted(name), clock.now())
    if isinstance(added, Refused):
        return render_template("console/stores/new.html", name=name, wrong=sentence(added.reason)), 409
    flash(say("已新增。接下來：店員和裝置。", "Added. Next: its staff and its devices."), "good")
    return back(added)
