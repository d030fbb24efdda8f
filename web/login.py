"""Logging in and out: staff to the counter, marketers to the console."""

from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from core import users
from core.users import Account, Role
from web.services import services
from web.words import say

blueprint = Blueprint("login", __name__)
log = structlog.get_logger(__name__)


class LoggedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account behind this request."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id = str(account.user_id)


def register(app: Flask) -> None:
    """Open the log-in page; the account is read anew with every request, so a disabled one is out at once."""
    manager = LoginManager()
    manager.session_protection = "strong"
    manager.init_app(app)
    manager.user_loader(_load)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["account"] = lambda: current_user.account if current_user.is_authenticated else None


def _load(user_id: str) -> LoggedIn | None:
    with services().database.read() as db:
        account = users.account(db, int(user_id))
    return LoggedIn(account) if account else None


def account() -> Account:
    """The account that is logged in; only in views behind `only`."""
    found: Account = current_user.account
    return found


def only(role: Role) -> Callable[[], Response | None]:
    """A guard for a whole room: who is not logged in goes to the log-in page, who has another role is refused."""

    def guard() -> Response | None:
        if not current_user.is_authenticated:
            return redirect(url_for("login.log_in", next=request.path if request.method == "GET" else None))
        if current_user.account.role != role:
            abort(403)
        return None

    return guard


@blueprint.route("/login", methods=["GET", "POST"])
def log_in() -> Response | str | tuple[str, int]:
    """The log-in page. One sentence for every failure, so that it tells nothing about who exists."""
    aim = request.values.get("next", "")
    if request.method == "GET":
        return render_template("web/login.html", aim=aim, failure="")
    username = request.form.get("username", "")
    with services().database.read() as db:
        found = users.authenticate(db, username, request.form.get("password", ""))
    if found is None:
        log.warning("log_in_failed", username=username[:64])
        failure = say("帳號或密碼不正確。", "The user name or the password is not right.")
        return render_template("web/login.html", aim=aim, failure=failure, username=username), 401
    session.clear()  # a session that somebody else may have planted ends here
    session.permanent = True
    login_user(LoggedIn(found))
    log.info("logged_in", user_id=found.user_id, role=found.role)
    return redirect(_local(aim) or ("/pos/" if found.role == "staff" else "/console/"))


@blueprint.post("/logout")
def log_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("login.log_in"))


def _local(aim: str) -> str:
    """The path to go on to, if it is one of this site's own; another site's is forgotten."""
    parts = urlsplit(aim)
    is_ours = aim.startswith("/") and not aim.startswith(("//", "/\\")) and not parts.netloc and "\\" not in aim
    return aim if is_ours and aim.isprintable() else ""
