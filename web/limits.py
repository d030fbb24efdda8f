"""Rate limits.

Of log-ins and questions: counted in Redis and shared by all web processes; in each one's memory while Redis is away.
Of redeeming: counted in each process's memory, because asking Redis would cost as much again as the request itself.
"""

from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue, RouteCallable
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

# Of log-ins only failed ones count: a whole shift may log in at once, and from behind one address.
LOGIN_FROM_ONE_ADDRESS = "10 per minute"
LOGIN_AS_ONE_USER = "20 per hour"
REDEEM_ONE_COUPON = "20 per minute"
VERIFY_ONE_COUPON = "20 per minute"
STATUS_OF_ONE_COUPON = "240 per minute"


def apply(app: Flask, redis_url: str) -> Limiter:
    """Limit log-ins and what can be done with one coupon's link. Called once all doors are open."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=redis_url.replace("unix://", "redis+unix://", 1),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        headers_enabled=True,
        strategy="fixed-window",
    )
    views: dict[str, Any] = dict(app.view_functions)
    by_user = limiter.limit(LOGIN_AS_ONE_USER, key_func=_username, methods=["POST"], deduct_when=_has_failed)
    by_address = limiter.limit(LOGIN_FROM_ONE_ADDRESS, methods=["POST"], deduct_when=_has_failed)
    views["login.log_in"] = by_user(by_address(views["login.log_in"]))
    views["coupon_pages.redeem"] = _limited_here(views["coupon_pages.redeem"])
    for name in ("verify", "opened"):
        endpoint = f"coupon_pages.{name}"
        views[endpoint] = limiter.limit(VERIFY_ONE_COUPON, key_func=_token)(views[endpoint])
    views["coupon_pages.status"] = limiter.limit(STATUS_OF_ONE_COUPON, key_func=_token)(views["coupon_pages.status"])
    app.view_functions.update(views)
    return limiter


def _limited_here(view: RouteCallable) -> RouteCallable:
    """Limit a view by the coupon's token, in this process."""
    limiter, rule = FixedWindowRateLimiter(MemoryStorage()), parse(REDEEM_ONE_COUPON)

    @wraps(view)
    def limited(token: str) -> ResponseReturnValue:
        if not limiter.hit(rule, token):
            abort(HTTPStatus.TOO_MANY_REQUESTS)
        return view(token=token)  # type: ignore[return-value]  # no view here is a coroutine

    return limited


def _has_failed(response: Response) -> bool:
    return response.status_code == HTTPStatus.UNAUTHORIZED


def _token() -> str:
    return f"coupon:{(request.view_args or {}).get('token', '')}"


def _username() -> str:
    return f"user:{request.form.get('username', '').strip().lower()[:64]}"
