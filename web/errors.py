"""Pages for what went wrong: what, and what to do; JSON where that was asked for."""

from http import HTTPStatus

import structlog
from flask import Blueprint, Flask, Response, jsonify, make_response, render_template, request, session
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import InternalError as GivenUp
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from db.trouble import cause
from web import problems, unsent, words
from web.together import TookTooLong
from web.words import say

# The database is away, restarts, has no room or no connection left, or has given up a transaction in which nothing was
# asked for too long: it passes.
AWAY = (OperationalError, InterfaceError, GivenUp, NoConnectionFree, TookTooLong)
RETRY_AFTER, HOUR = 5, 3_600  # seconds

log = structlog.get_logger(__name__)

blueprint = Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


def register(app: Flask) -> None:
    """Answer every error of `app` with a page of ours."""
    words.register(app)
    app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, page)
    app.register_error_handler(CSRFError, too_old)
    for kind in AWAY:
        app.register_error_handler(kind, away)


def too_old(error: CSRFError) -> Response:
    """The page of a form whose session is over: with what was typed, where something was."""
    return unsent.again(error.code or 400) or page(error)


def away(error: Exception) -> Response:
    """The page of a request that the database could not serve just now: try again in a moment."""
    note(error)
    return page(ServiceUnavailable(retry_after=RETRY_AFTER))


def note(error: Exception) -> None:
    """Log what the database could not do for this request; the first line, as further ones may quote rows."""
    log.warning("database_away", path=request.path, error=type(error).__name__, cause=cause(error))


def page(error: HTTPException) -> Response:
    """The page of an HTTP error, with its own status and headers."""
    if isinstance(error, InternalServerError) and error.original_exception:
        log.error("request_broke", path=request.path, exc_info=error.original_exception)
    status = error.code or 500
    title, sentence = _words(error, status)
    if problems.is_asked_by_program():
        answer = problems.of_http(error, sentence)
    elif request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        if isinstance(error, CSRFError) and "_user_id" not in session:  # nobody is logged in: the token went with that
            return make_response(jsonify(outcome="signed_out"), HTTPStatus.UNAUTHORIZED)
        answer = make_response(jsonify(error=error.name, detail=sentence), status)
    else:
        answer = make_response(_html(status, title, sentence), status)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _html(status: int, title: str, sentence: str) -> str:
    scope: dict[str, object] = {"status": status, "title": title, "sentence": sentence}
    if status >= InternalServerError.code:
        scope["account"] = lambda: None  # asking who is logged in may be just what broke
    return render_template("web/error.html", **scope)


def _words(error: HTTPException, status: int) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return (
            say("頁面已過期", "This page is too old"),
            say(
                "請回上一頁重新整理，再試一次。沒有任何資料被更動。",
                "Go back, reload the page and try again. Nothing was changed.",
            ),
        )
    if isinstance(error, RateLimitExceeded) and error.limit.limit.get_expiry() >= HOUR:
        return (
            say("嘗試太多次", "Too many tries"),
            say(
                "請過一小時再試。密碼忘了的話，店裡的負責人可以幫您做一個連結。",
                "Try again in an hour. If you have forgotten your password, an owner of the shop can make you a link.",
            ),
        )
    known = {
        400: (
            say("這個要求不完整", "Something is missing in this request"),
            say("請回上一頁，重新操作一次。沒有任何資料被更動。", "Go back and do it once more. Nothing was changed."),
        ),
        403: (
            say("您沒有這個權限", "This is not yours to open"),
            say("請登出，改用有權限的帳號登入。", "Log out and log in with an account that may open it."),
        ),
        404: (
            say("找不到這個頁面", "There is no such page"),
            say("請檢查網址是否完整。", "Check that the address is whole."),
        ),
        405: (
            say("這個網址不能這樣使用", "This address does something else"),
            say("請從選單或首頁重新開始。", "Start again from the front page."),
        ),
        413: (
            say("檔案太大", "That is too much"),
            say("請縮小後再試一次。", "Make it smaller and try again."),
        ),
        429: (
            say("操作太頻繁", "Too many tries"),
            say("請稍等一分鐘再試。", "Wait a minute and try again."),
        ),
        500: (
            say("系統發生錯誤", "Something broke here"),
            say("我們已記錄這個問題，請稍後再試。", "It has been noted. Please try again in a moment."),
        ),
        503: (
            say("系統忙碌中", "We cannot do this just now"),
            say("請稍等一下，再試一次。", "Please wait a moment and try again."),
        ),
    }
    return known.get(status, (error.name, error.description or ""))
