"""Logging in and out by password, and who may enter what. On a store's devices staff sign in elsewhere, with a PIN."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib import import_module
from urllib.parse import urlencode

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from core import clock, user_codes, user_sessions, users
from core.audit import Doer
from core.devices import Bound
from core.reasons import Reason
from core.users import Account
from web import devices, frame, known, passwords, unsent, words
from web.roles import HOMES, SIGN_IN, Need, landing, may
from web.sentences import sentence
from web.services import services
from web.words import say

blueprint = Blueprint("login", __name__)
log = structlog.get_logger(__name__)

LONGEST = "tessera_session_longest"  # after this, people log in again, whatever they did meanwhile
BEGAN = "began"  # in the session: when they did
KEY = "key"  # in the session: what tells it from all others, so that it alone can be ended
HALF = "half"  # in the session: who has told the password and not the code, and since when
CODE_WITHIN = timedelta(minutes=5)
# What each guarded room needs, by its blueprint's name: for whoever looks whether all are guarded.
NEEDS: dict[str, Need] = {}


class LoggedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account behind this request."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id = account.session_id


def register(app: Flask, longest: timedelta = timedelta(days=7)) -> None:
    """Open the log-in page; the account is read anew with every request, so a disabled one is out at once."""
    manager = LoginManager()
    manager.session_protection = None  # phones change their address as they walk; that must not log anybody out
    manager.init_app(app, add_context_processor=False)  # it would ask for the user on every page, a customer's too
    manager.user_loader(_load)
    app.extensions[LONGEST] = longest
    import_module("web.forgotten")  # adds its pages to this blueprint
    app.register_blueprint(blueprint)
    app.jinja_env.globals["account"] = lambda: current_user.account if current_user.is_authenticated else None
    app.jinja_env.globals["rooms_of"] = frame.rooms
    app.jinja_env.globals["device_in_use"] = devices.in_use
    app.jinja_env.globals["was_device"] = devices.was_here


def _load(session_id: str) -> LoggedIn | None:
    """Whose session this is; nobody's where all of theirs were ended, or it has lasted for as long as one may."""
    user_id, _, _number = session_id.partition(".")
    key = session.get(KEY)
    if not user_id.isdecimal() or not key or not _is_young(session.get(BEGAN), current_app.extensions[LONGEST]):
        return None
    with services().database.read() as db:
        found = users.of_session(db, int(user_id), key)
    return LoggedIn(found) if found and found.session_id == session_id and devices.carries(found) else None


def _is_young(began: object, longest: timedelta) -> bool:
    return isinstance(began, int) and clock.now().timestamp() - began < longest.total_seconds()


def account() -> Account:
    """The account that is logged in; only in views of a room that is guarded."""
    found: Account = current_user.account
    return found


def doer() -> Doer:
    """The same for the audit log."""
    return Doer(account().user_id, account().username)


def lets_in(need: Need) -> bool:
    """Whether whoever asks may enter a room that needs this: for what is answered before its guard is asked."""
    return bool(current_user.is_authenticated and may(account().role, need))


def guard(room: Blueprint, need: Need) -> None:
    """Open a whole room to those who have what it needs: others are refused, who is not logged in goes to log in.

    Its scripts and styles are everybody's: they tell nothing, and a page of another room may use them.

    Its pages are in the language and zone that the reader has chosen, and stay in no cache, so that "back" after
    logging out shows nothing.
    """
    NEEDS[room.name] = need

    def refuse_others() -> AnyResponse | None:
        if (request.endpoint or "").endswith(".static"):
            return None
        if not current_user.is_authenticated:
            return signed_out()
        devices.touch()
        words.reader(account().language, account().time_zone)
        if not may(account().role, need):
            abort(403)
        return None

    room.before_request(refuse_others)
    room.after_request(uncached)


def signed_out() -> AnyResponse:
    """What somebody is answered whose session is over: where to sign in; a script is told so. A PIN's ends for good."""
    aim, was_on_device = request.path if request.method == "GET" else None, devices.ID in session
    here = devices.here()
    if was_on_device:
        leave()
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return make_response(jsonify(outcome="signed_out"), HTTPStatus.UNAUTHORIZED)
    if not was_on_device and (kept := unsent.again(HTTPStatus.UNAUTHORIZED)):
        return kept
    if here and request.path.startswith(HOMES["staff"]):
        return redirect(f"{SIGN_IN}?{urlencode({'next': aim})}" if aim else SIGN_IN)
    return redirect(url_for("login.log_in", next=aim))


@blueprint.after_request
def uncached(response: Response) -> Response:
    """What people who work here see stays in no cache."""
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
    found = passwords.authenticate(username, request.form.get("password", ""))
    if found is None:
        log.warning("log_in_failed", username=username[:64])
        failure = say("帳號或密碼不正確。", "The user name or the password is not right.")
        return render_template("web/login.html", aim=aim, failure=failure, username=username), 401
    if found.codes_since is None:
        return enter(found, aim)
    leave()
    session[HALF] = (found.session_id, int(clock.now().timestamp()))
    return redirect(url_for("login.code", next=aim or None))


@blueprint.route("/login/code", methods=["GET", "POST"])
def code() -> AnyResponse | str | tuple[str, int]:
    """The second step, for who has asked for it: the code of the moment, or a recovery code."""
    aim, found = request.values.get("next", ""), half()
    if found is None:
        return redirect(url_for("login.log_in", next=aim or None))
    if request.method == "GET":
        return render_template("web/code.html", aim=aim, failure="")
    key, entered = str(current_app.secret_key), request.form.get("code", "")
    with services().database.write() as db:
        is_right = user_codes.take(db, found.user_id, key, entered, clock.now())
    if not is_right:
        log.warning("code_failed", user_id=found.user_id)
        failure = sentence(Reason.CODE_WRONG)
        return render_template("web/code.html", aim=aim, failure=failure), HTTPStatus.UNAUTHORIZED
    return enter(found, aim)


def half() -> Account | None:
    """Who has told the password a moment ago and is asked for a code; None for anybody else."""
    kept = session.get(HALF)
    session_id, since = kept if isinstance(kept, list | tuple) and len(kept) == 2 else ("", 0)  # noqa: PLR2004
    if not _is_young(since, CODE_WITHIN):
        return None
    with services().database.read() as db:
        found = users.account(db, int(session_id.partition(".")[0]))
    return found if found and found.session_id == session_id and found.codes_since else None


def enter(found: Account, aim: str) -> AnyResponse:
    """Begin a session of this user, and go to where they were going."""
    now: datetime = clock.now()
    with services().database.write() as db:
        users.note_log_in(db, found.user_id, now)
    begin_session(found, now)
    log.info("logged_in", user_id=found.user_id, role=found.role)
    return known.remember(redirect(landing(found.role, aim)), found.username)


def begin_session(found: Account, now: datetime, device: Bound | None = None) -> None:
    """A new session, by PIN on a device or by password; one that somebody else may have planted ends here."""
    leave()
    session.permanent = True
    session[KEY], session[BEGAN] = user_sessions.new_key(), int(now.timestamp())
    if device:
        devices.begin(device)
    login_user(LoggedIn(found))


def leave() -> None:
    """End this browser's session, if it has one: also for whoever has a copy of its cookie.

    Here first: this browser is logged out even where the database is away.
    """
    key, began, now = session.get(KEY), session.get(BEGAN, 0), clock.now()
    logout_user()
    session.clear()
    if key and _is_young(began, current_app.extensions[LONGEST]):
        until = datetime.fromtimestamp(began, UTC) + current_app.extensions[LONGEST]
        with services().database.write() as db:
            user_sessions.end(db, key, until, now)


@blueprint.post("/logout")
def log_out() -> AnyResponse:
    """End the session."""
    was_on_device = devices.in_use() is not None
    leave()
    return redirect(SIGN_IN if was_on_device else url_for("login.log_in"))
