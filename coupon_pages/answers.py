"""What the coupon's page and its redemption answer alike."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify
from werkzeug import wsgi

from core import clock, coupon_view
from core.coupon_view import CouponView, State
from core.reasons import Reason
from coupon_pages import showing
from web.services import Services

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")


def look(of: Services, token: str) -> CouponView | None:
    """The coupon of a link as it is now; None where what was tapped can be no link of ours, or is nobody's."""
    if not TOKEN.fullmatch(token):
        return None
    with of.database.read() as db:
        return coupon_view.look(db, token, clock.now())


def status(of: Services, token: str) -> Response:
    """The page's state as JSON. While a claim waits, asking rings for it again: a lost wake-up costs one question."""
    view = look(of, token)
    if view is None:
        return no_store(jsonify(state="refused", reason=Reason.UNKNOWN_COUPON), 404)
    if view.state is State.WAITING:
        of.wake("claims", str(view.campaign.id))
    said = {"state": view.state, "reason": view.reason, "serial": view.serial, "reference": view.reference}
    seconds = showing.seconds_to_change(view, clock.now())
    return no_store(jsonify(**said, mark=showing.mark(view), seconds=seconds), 200)


def no_store(answer: Response, code: int) -> Response:
    """An answer for one person, at this moment."""
    answer.status_code = code
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Vary"] = "User-Agent, Accept-Language"
    return answer


def is_from_elsewhere(environ: dict[str, Any]) -> bool:
    """Another site's page has sent the form. The link alone is the key, but nobody is to turn it for the customer."""
    fetched = environ.get("HTTP_SEC_FETCH_SITE")
    if fetched:
        return bool(fetched == "cross-site")
    origin = environ.get("HTTP_ORIGIN")
    return bool(origin) and origin != "null" and _place(str(origin)) != wsgi.get_host(environ)


def _place(origin: str) -> str | None:
    """Host and port of an Origin; None where it is none, which no browser sends."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
