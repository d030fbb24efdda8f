"""/console/people/: everybody who may log in, and adding somebody."""

from flask import render_template, request
from werkzeug.wrappers import Response

from console.fields import typed
from console.people import links
from console.people.door import blueprint
from console.people.wording import role, roles, wrong_field
from core import clock, user_changes
from core.user_changes import Wanted
from core.users import Role, UserError
from web import login
from web.sentences import sentence
from web.services import services


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as db:
        people = user_changes.all_of(db)
    return render_template("console/people/list.html", people=people, role_words=role, me=login.account())


@blueprint.get("/new")
def new() -> str:
    """The form, for a role and a store where a link names them."""
    chosen: Role = next((one for one, _ in roles() if one == request.args.get("role")), "marketer")
    return _form(Wanted("", chosen, request.args.get("store", "")), {})


@blueprint.post("/new")
def add() -> str | Response | tuple[str, int]:
    """Add somebody, who chooses a password by a link: mailed where that can be, else shown, once."""
    wanted = asked(typed("username").strip())
    if wanted is None:
        return _form(Wanted(typed("username"), "marketer"), {}), 400
    now = clock.now()
    try:
        with services().database.write() as db:
            user = user_changes.add(db, login.doer(), wanted, None, now)
            user_id, has_address = user.id, user.email is not None
    except UserError as error:
        return _form(wanted, {wrong_field(error.reason): sentence(error.reason)}), 409
    if has_address and services().sends_mail:
        return links.mailed(user_id, "invitation")
    return links.shown(user_id, "invitation")


def asked(username: str) -> Wanted | None:
    """What the form asks for; None where the role is none."""
    chosen = next((one for one, _ in roles() if one == typed("role")), None)
    return Wanted(username, chosen, typed("store"), typed("email")) if chosen else None


def _form(wanted: Wanted, wrong: dict[str, str]) -> str:
    with services().database.read() as db:
        stores = user_changes.stores(db)
    return render_template(
        "console/people/new.html",
        wanted=wanted,
        wrong=wrong,
        roles=roles(),
        stores=stores,
        has_mail=services().sends_mail,
    )
