"""Redeem: the one request that all customers send in the same minute, so it pays for nothing that it does not use.

Answered before Flask is asked, without sessions, log-ins, CSRF tokens (the link itself is the key) and Redis-counted
limits: they are four fifths of what a request costs in the whole application (docs/performance.md). Whatever is not the
plain answer is left to the whole application, which says it on a page.
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from core import claims, clock
from core.coupon_view import State
from core.reasons import Reason
from core.refusal import Refused
from coupon_pages import answers
from web import limits, security
from web.services import Services

WAIT_SECONDS = 1.0  # for the answer to a tap, before the page shows that it waits; typically it takes tens of ms
REDEEM = re.compile(r"/c/([A-Za-z0-9_-]{16,32})/redeem")
SEE_PAGE = 200  # no serial, or not yet: the page's state says which
LEFT = "tessera.tap"  # in the environment of a request left to the whole application: an HTTP status, or what broke

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


def serve(app: Flask, services: Callable[[], Services], *, is_https: bool) -> None:
    """Take every POST of /c/<token>/redeem out of `app` and answer it here."""
    taps = _Taps(app.wsgi_app, services, is_https=is_https)
    app.wsgi_app = taps  # type: ignore[method-assign]  # Flask's documented way


class _Taps:
    def __init__(self, rest: Wsgi, services: Callable[[], Services], *, is_https: bool) -> None:
        self._rest, self._services = rest, services
        self._allowed = limits.PerMinute(limits.REDEEM_ONE_COUPON)
        self._headers = security.script_headers(is_https=is_https)

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 (WSGI)
        tapped = REDEEM.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if not tapped:
            return self._rest(environ, start_response)
        wants_json = "application/json" in environ.get("HTTP_ACCEPT", "")  # no browser asks so for a page
        found = self._answer(environ, tapped[1])
        if isinstance(found, claims.Answer) and wants_json:
            body = _redeemed(found)
            length = ("Content-Length", str(len(body)))
            start_response("200 OK", [("Content-Type", "application/json"), length, *self._headers])
            return [body]
        if (found == SEE_PAGE and not wants_json) or isinstance(found, claims.Answer):
            page = ("Location", f"/c/{tapped[1]}")
            start_response("303 See Other", [page, ("Content-Length", "0"), *self._headers])
            return []
        environ[LEFT] = found
        return self._rest(environ, start_response)

    def _answer(self, environ: Environ, token: str) -> claims.Answer | int | Exception:
        """An answer that brought a serial; or what the whole application is to say."""
        if answers.is_from_elsewhere(environ):
            return 403
        if not self._allowed(token):
            return 429
        try:
            answer = _redeem(self._services(), token)
        except Exception as error:  # noqa: BLE001 (the whole application raises it)
            return error
        if isinstance(answer, Refused):
            return 404
        return answer if answer and answer.serial else SEE_PAGE


def _redeemed(answer: claims.Answer) -> bytes:
    """What `answers.status` says of a redeemed coupon, said without looking: the job has just done it."""
    body = {"state": State.REDEEMED, "reason": None, "serial": answer.serial, "reference": answer.reference}
    return json.dumps(body, separators=(",", ":")).encode()


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
