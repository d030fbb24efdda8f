"""Redeem: the one request that all customers send in the same minute, so it pays for nothing that it does not use.

An application of its own, without sessions, log-ins, CSRF tokens (the link itself is the key) and Redis-counted limits:
they are four fifths of what a request costs in the whole application (docs/performance.md). What it refuses it hands to
the whole application, which says why on a page.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, redirect, request
from flask.typing import ResponseReturnValue

from core import claims, clock
from core.coupon_view import State
from core.reasons import Reason
from core.refusal import Refused
from coupon_pages import answers
from web import errors, limits, security
from web.services import Services

WAIT_SECONDS = 1.0  # for the answer to a tap, before the page shows that it waits; typically it takes tens of ms
REDEEM = re.compile(r"/c/[A-Za-z0-9_-]{16,32}/redeem")
STATUS = "tessera.refused"  # in a request's environment: the HTTP status with which it was refused here

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def serve(app: Flask, services: Callable[[], Services], *, is_https: bool) -> None:
    """Take every POST of /c/<token>/redeem out of `app` and answer it here."""
    rest = app.wsgi_app
    taps = _application(services, rest, is_https=is_https).wsgi_app

    def switch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 (WSGI)
        is_tap = environ["REQUEST_METHOD"] == "POST" and REDEEM.fullmatch(environ["PATH_INFO"])
        return (taps if is_tap else rest)(environ, start_response)

    app.wsgi_app = switch  # type: ignore[method-assign]  # Flask's documented way


def _application(services: Callable[[], Services], rest: Wsgi, *, is_https: bool) -> Flask:
    app = Flask("taps", static_folder=None)
    app.after_request(security.ScriptHeaders(is_https=is_https))
    allowed = limits.PerMinute(limits.REDEEM_ONE_COUPON)

    def refused(status: int) -> ResponseReturnValue:
        request.environ[STATUS] = status
        return rest  # Flask answers with what that application says

    def away(error: Exception) -> ResponseReturnValue:
        errors.note_away(error)
        return refused(503)

    for kind in errors.AWAY:
        app.register_error_handler(kind, away)

    @app.post("/c/<token>/redeem")
    def redeem(token: str) -> ResponseReturnValue:
        """Ask for a serial and wait a moment for it. Then back to the page, which shows whatever is true."""
        if answers.is_from_elsewhere():
            return refused(403)
        if not allowed(token):
            return refused(429)
        outcome = _redeem(services(), token)
        if isinstance(outcome, Refused):
            return refused(404)
        if "application/json" not in request.headers.get("Accept", ""):  # no browser asks so for a page
            return redirect(f"/c/{token}", 303)
        if outcome is None or outcome.serial is None:
            return answers.status(services(), token)
        return _redeemed(outcome)

    return app


def _redeemed(answer: claims.Answer) -> Response:
    """What `answers.status` says of a redeemed coupon, said without looking: the job has just done it."""
    body = {"state": State.REDEEMED, "reason": None, "serial": answer.serial, "reference": answer.reference}
    return Response(json.dumps(body, separators=(",", ":")), mimetype="application/json")


def _redeem(of: Services, token: str) -> claims.Answer | Refused | None:
    """The answer; None where it did not come in time: nobody knows when it will, so from here on it is a row."""
    answer = of.ask(token, clock.now(), WAIT_SECONDS)
    if answer:
        return Refused(Reason.UNKNOWN_COUPON) if answer.outcome == Reason.UNKNOWN_COUPON else answer
    with of.database.write() as db:
        claim = claims.claim(db, token, clock.now())
    if isinstance(claim, Refused):
        return claim
    if isinstance(claim, claims.Claimed):
        of.wake("claims", str(claim.campaign_id))
    return None
