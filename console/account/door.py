"""Where somebody's own account opens: /console/account, for everybody who logs in, staff too."""

from flask import Blueprint, flash, redirect, url_for
from werkzeug.wrappers import Response

from core import clock, users
from web import devices, login, passwords
from web.services import services

blueprint = Blueprint("account", __name__, url_prefix="/console/account")
login.guard(blueprint, "anyone")


def again(sentence: str) -> Response:
    """Back to the page, which says what was done."""
    flash(sentence, "good")
    return redirect(url_for("account.overview"), 303)


def is_me(password: str) -> bool:
    """Whether whoever sits here knows the password: asked before what a borrowed screen must not allow."""
    return passwords.authenticate(login.account().username, password) is not None


def stay_alone(user_id: int) -> None:
    """Whoever sits here goes on; all their other sessions are over."""
    with services().database.read() as db:
        found = users.account(db, user_id)
    if found is None:  # an owner was quicker
        login.leave()
    else:
        login.begin_session(found, clock.now(), devices.in_use())
