"""Rate limits.

Of log-ins and questions: counted in Redis and shared by all web processes; in each one's memory while Redis is away.
Of redeeming: counted in each process's memory, because asking Redis would cost as much again as the request itself.
"""

import hashlib
import logging
import math
import threading
import time
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter, RequestLimit
from flask_limiter.util import get_remote_address
from flask_login import current_user

from core import users
from web import known, login

# Of log-ins only failed ones count: a whole shift may log in at once, and from behind one address.
LOGIN_FROM_ONE_ADDRESS = "10 per minute"
LOGIN_AS_ONE_USER = "20 per hour"
# Codes have six digits: so many tries at one's account, whoever knows its password. The next hour there are new ones.
# Right ones count too: what is counted once it has failed is passed by all that are sent at the same moment.
CODES_OF_ONE_USER = "10 per hour"
# Mails that anybody can have sent to somebody.
MAILS_FROM_ONE_ADDRESS = "10 per hour"
MAILS_TO_ONE_USER = "3 per hour"
BINDINGS_FROM_ONE_ADDRESS = "20 per minute"  # a code has 80 random bits; this is for the log's sake
PASSWORDS_OF_ONE_USER = "10 per hour"  # asked of whoever is logged in, before something grave
ASK_FOR_PASSWORD = (
    "account.password",
    "account.email",
    "account.codes_begin",
    "account.codes_on",
    "account.codes_off",
)
REDEEM_ONE_COUPON = 20  # a minute
FETCHES_OF_ONE_COUPON = 20  # a minute that are kept of programs; whoever has a link can fetch it with any name
VERIFY_ONE_COUPON = "20 per minute"
STATUS_OF_ONE_COUPON = "240 per minute"
# POS machines: so many of one key, wherever they come from. Of keys that let nobody in, so many of one address.
API_RATE = 1200  # a minute
WRONG_KEYS_FROM_ONE_ADDRESS = "60 per minute"
API = "api"  # the blueprint of POS machines
FOR_EVERYBODY = {"api.document", "api.docs"}


def apply(app: Flask, redis_url: str, api_rate: int = API_RATE) -> Limiter:
    """Limit log-ins, what can be done with one coupon's link, and POS machines. Called once all doors are open."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=redis_url.replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        # Of the requests under way when Redis is lost Flask-Limiter lets one fall back, and would fail the others.
        swallow_errors=True,
        strategy="fixed-window",
    )
    app.after_request(partial(_tell_to_wait, limiter))
    logging.getLogger("flask-limiter").addFilter(_in_one_line)
    views: dict[str, Any] = dict(app.view_functions)
    _limit_log_ins(limiter, views)
    _limit_machines(limiter, views, api_rate)
    app.after_request_funcs.setdefault(API, []).append(partial(_tell_machines, limiter))
    for name in ("verify", "opened"):
        endpoint = f"coupon_pages.{name}"
        views[endpoint] = limiter.limit(VERIFY_ONE_COUPON, key_func=_token)(views[endpoint])
    views["coupon_pages.status"] = limiter.limit(STATUS_OF_ONE_COUPON, key_func=_token)(views["coupon_pages.status"])
    app.view_functions.update(views)
    return limiter


def _limit_log_ins(limiter: Limiter, views: dict[str, Any]) -> None:
    """Log-ins, codes, mails to people who have forgotten their password, and passwords told once more."""
    by_user = limiter.limit(LOGIN_AS_ONE_USER, key_func=_username, methods=["POST"], deduct_when=_has_failed)
    by_address = limiter.limit(LOGIN_FROM_ONE_ADDRESS, methods=["POST"], deduct_when=_has_failed)
    views["login.log_in"] = by_user(by_address(views["login.log_in"]))
    by_account = limiter.limit(CODES_OF_ONE_USER, key_func=_half, methods=["POST"])
    by_address = limiter.limit(LOGIN_FROM_ONE_ADDRESS, methods=["POST"], deduct_when=_has_failed)
    views["login.code"] = by_account(by_address(views["login.code"]))
    to_user = limiter.limit(MAILS_TO_ONE_USER, key_func=_asked, methods=["POST"])
    views["login.forgotten"] = to_user(
        limiter.limit(MAILS_FROM_ONE_ADDRESS, methods=["POST"])(views["login.forgotten"])
    )
    views["login.password"] = limiter.limit(LOGIN_FROM_ONE_ADDRESS)(views["login.password"])
    views["binding.bind"] = limiter.limit(BINDINGS_FROM_ONE_ADDRESS)(views["binding.bind"])
    own = limiter.shared_limit(
        PASSWORDS_OF_ONE_USER, "own password", key_func=_account, methods=["POST"], deduct_when=_has_failed
    )
    views.update({name: own(views[name]) for name in ASK_FOR_PASSWORD if name in views})


def _limit_machines(limiter: Limiter, views: dict[str, Any], api_rate: int) -> None:
    """All that one key asks for counts together; a secret that was changed counts by itself while both let in."""
    by_key = limiter.shared_limit(f"{api_rate} per minute", "pos keys", key_func=_bearer)
    by_address = limiter.shared_limit(WRONG_KEYS_FROM_ONE_ADDRESS, "wrong pos keys", deduct_when=_has_failed)
    for name in [name for name in views if name.startswith(f"{API}.") and name not in FOR_EVERYBODY]:
        views[name] = by_address(by_key(views[name])) if not name.endswith(".static") else views[name]


def _tell_machines(limiter: Limiter, response: Response) -> Response:
    """What is left, as the IETF's draft has it (draft-ietf-httpapi-ratelimit-headers-10)."""
    limit = limiter.current_limit
    if limit is not None:
        window = limit.limit.get_expiry()
        response.headers["RateLimit-Policy"] = f'"key";q={limit.limit.amount};w={window}'
        response.headers["RateLimit"] = f'"key";r={max(0, limit.remaining)};t={_rest(limit)}'
    return response


def _tell_to_wait(limiter: Limiter, response: Response) -> Response:
    """Whoever came too often hears when to come again; by Flask-Limiter's own headers everybody would."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and limiter.current_limit is not None:
        response.headers["Retry-After"] = str(max(1, _rest(limiter.current_limit)))
    return response


def _rest(limit: RequestLimit) -> int:
    """Seconds until all are there again."""
    return min(limit.limit.get_expiry(), max(0, math.ceil(limit.reset_at - time.time())))


class PerMinute:
    """A limit by key, counted in this process and afresh each minute; by one thread at a time, so that none is lost."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def __call__(self, key: str) -> bool:
        """Whether one more is allowed."""
        with self._lock:
            now = minute()
            if now != self._minute:
                self._minute, self._counts = now, {}
            count = self._counts[key] = self._counts.get(key, 0) + 1
        return count <= self._limit


def minute() -> int:
    """The number of this minute, counted from whenever."""
    return int(time.monotonic() // 60)


def _in_one_line(record: logging.LogRecord) -> bool:
    """That Redis is away takes a line of each request's log, and no traceback; any other failure keeps its own."""
    error = record.exc_info and record.exc_info[1]
    if error and type(error).__module__.startswith("redis."):
        record.msg, record.exc_info = f"{record.msg} ({type(error).__name__})", None
    return True


def _has_failed(response: Response) -> bool:
    return response.status_code == HTTPStatus.UNAUTHORIZED


def _token() -> str:
    return f"coupon:{(request.view_args or {}).get('token', '')}"


def _bearer() -> str:
    """What stands for a key where all share the counts: not the key itself; the same however its scheme is spelled."""
    _, _, secret = request.headers.get("Authorization", "").partition(" ")
    return hashlib.sha256(secret.strip().encode()).hexdigest()


def _half() -> str:
    found = login.half()
    return f"code:{found.user_id}:{known.number(found.username.lower())}" if found else get_remote_address()


def _account() -> str:
    return f"own:{login.account().user_id}" if current_user.is_authenticated else f"own:{get_remote_address()}"


def _asked() -> str:
    return f"mail:{users.entered_name(request.form.get('asked', '')).lower()[: users.LONGEST_EMAIL]}"


def _username() -> str:
    name = users.entered_name(request.form.get("username", "")).lower()[: users.LONGEST_NAME]
    return f"user:{name}:{known.number(name)}"
