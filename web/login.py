"""Logging in and out: staff to the counter, marketers to the console."""

import structlog
from flask import Blueprint, Flask, Response, abort, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from core import users
from core.users import Account, Role
from web.services import services
from web.words import say

blueprint = Blueprint("login", __name__)
log = structlog.get_logger(__name__)

HOMES = {"staff": "/pos/", "marketer": "/console/"}


class LoggedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account behind this request."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id = str(account.user_id)


def register(app: Flask) -> None:
    """Open the log-in page; the account is read anew with every request, so a disabled one is out at once."""
    manager = LoginManager()
    manager.session_protection = None  # phones change their address as they walk; that must not log anybody out
    manager.init_app(app, add_context_processor=False)  # it would ask for the user on every page, a customer's too
    manager.user_loader(_load)
    app.register_blueprint(blueprint)
    app.jinja_env.globals["account"] = lambda: current_user.account if current_user.is_authenticated else None


def _load(user_id: str) -> LoggedIn | None:
    with services().database.read() as db:
        account = users.account(db, int(user_id))
    return LoggedIn(account) if account else None


def account() -> Account:
    """The account that is logged in; only in views of a room that is guarded."""
    found: Account = current_user.account
    return found


def guard(room: Blueprint, role: Role) -> None:
    """Open a whole room to one role: others are refused, who is not logged in goes to the log-in page.

    Its pages stay in no cache, so that "back" after logging out shows nothing.
    """

    def refuse_others() -> AnyResponse | None:
        if not current_user.is_authenticated:
            return redirect(url_for("login.log_in", next=request.path if request.method == "GET" else None))
        if account().role != role:
            abort(403)
        return None

    room.before_request(refuse_others)
    room.after_request(_uncached)


@blueprint.after_request
def _uncached(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@blueprint.route("/login", methods=["GET", "POST"])
def log_in() -> AnyResponse | str | tuple[str, int]:
    """The log-in page. One sentence for every failure, so that it tells nothing about who exists."""
    aim = request.values.get("next", "")
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(HOMES[account().role])
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
    home = HOMES[found.role]
    # Only ever to a page of one's own room: so never to another site, whatever the link said.
    return redirect(aim if aim.startswith(home) and aim.isprintable() else home)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("login.log_in"))
