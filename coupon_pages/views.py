"""The coupon's page and what can be done on it. A GET changes nothing of the coupon."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import claims, clock, coupon_view, coupons, images, verification
from core.coupon_view import CouponView, State
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor, Verified
from coupon_pages import visitors
from coupon_pages.barcodes import svg
from coupon_pages.words import OPENS_AT, REFUSALS, WORDS, interval, language_of
from web.services import services

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,32}")
IMAGE_ID = re.compile(r"[0-9a-f]{64}")
WAIT_SECONDS = 1.0  # for the answer to a claim, before the page shows that it waits; typically it takes tens of ms
TIMES = "%Y-%m-%d %H:%M"

blueprint = Blueprint(
    "coupon_pages", __name__, template_folder="templates", static_folder="static", static_url_path="/c/static"
)


@blueprint.get("/c/<token>")
def page(token: str) -> Response:
    """The page in its present state, with the status that goes with it."""
    visitor = visitors.kind_of(request.headers)
    view = _look(token)
    if view is None:
        return _page(None, Reason.UNKNOWN_COUPON)
    if visitor != "person":
        if request.method != "HEAD":
            with services().database.write() as db:
                coupons.hit(db, view.coupon_id, visitor, request.user_agent.string, clock.now())
        return _preview(view)
    return _page(view, view.reason)


@blueprint.post("/c/<token>/opened")
def opened(token: str) -> tuple[str, int]:
    """The visible page says that a person sees it. A preview that posts all the same is kept as one."""
    if not TOKEN.fullmatch(token):
        return "", 404
    agent, now = request.user_agent.string, clock.now()
    with services().database.write() as db:
        if visitors.kind_of(request.headers) == "person":
            return "", 204 if coupons.open_page(db, token, agent, now) else 404
        view = coupon_view.look(db, token, now)
        if view:
            coupons.hit(db, view.coupon_id, "preview", agent, now)
    return "", 204 if view else 404


@blueprint.post("/c/<token>/redeem")
def redeem(token: str) -> AnyResponse:
    """Claim the coupon and wait a moment for the answer. Then back to the page, which shows whatever is true."""
    if _is_from_elsewhere():
        return _refused_from_elsewhere()
    if not TOKEN.fullmatch(token):
        return _page(None, Reason.UNKNOWN_COUPON)
    answer = services().ask(token, clock.now(), WAIT_SECONDS)
    if answer is None:
        with services().database.write() as db:
            claim = claims.claim(db, token, clock.now())
        if isinstance(claim, Refused):
            return _page(None, claim.reason)
        if isinstance(claim, claims.Claimed):
            services().wake("claims", str(claim.campaign_id))
    if not _wants_json():
        return redirect(url_for("coupon_pages.page", token=token), 303)
    if answer is None or answer.serial is None:
        return status(token)
    redeemed = jsonify(state=State.REDEEMED, reason=None, serial=answer.serial, reference=answer.reference)
    return _no_store(redeemed, 200)


@blueprint.get("/c/<token>/status")
def status(token: str) -> Response:
    """The page's state as JSON. While a claim waits, asking rings for it again: a lost wake-up costs one question."""
    view = _look(token)
    if view is None:
        return _no_store(jsonify(state="refused", reason=Reason.UNKNOWN_COUPON), 404)
    if view.state is State.WAITING:
        services().wake("claims", str(view.campaign.id))
    answer = jsonify(state=view.state, reason=view.reason, serial=view.serial, reference=view.reference)
    return _no_store(answer, 200)


@blueprint.post("/c/<token>/verify")
def verify(token: str) -> AnyResponse:
    """Staff confirm on the customer's phone, where the campaign has the button; once."""
    if _is_from_elsewhere():
        return _refused_from_elsewhere()
    view = _look(token)
    if view is None:
        return _page(None, Reason.UNKNOWN_COUPON)
    with services().database.write() as db:
        outcome = verification.verify(db, view.coupon_id, view.serial or "", Actor("page"), clock.now())
    if isinstance(outcome, Verified):
        return redirect(url_for("coupon_pages.page", token=token), 303)
    answer = _page(view, view.reason)
    answer.status_code = 409
    return answer


@blueprint.get("/images/<image_id>")
def image(image_id: str) -> Response:
    """A campaign's or a flow's picture. Its address is its content's hash, so it may be kept for ever."""
    with services().database.read() as db:
        found = images.load(db, image_id) if IMAGE_ID.fullmatch(image_id) else None
    if found is None:
        return make_response("", 404)
    content_type, content = found
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(content, content_type=content_type, headers=headers)


def _look(token: str) -> CouponView | None:
    if not TOKEN.fullmatch(token):
        return None
    with services().database.read() as db:
        return coupon_view.look(db, token, clock.now())


def _page(view: CouponView | None, reason: Reason | None) -> Response:
    language = language_of(view.language if view else "", request.accept_languages.best)
    scope = _scope(view, language)
    code = 200
    if reason:
        code, words = REFUSALS[reason]
        scope["title"], scope["sentence"] = words[language]
        if reason is Reason.NOT_STARTED and view:
            scope["opens_at"] = OPENS_AT[language].format(at=_time(view.campaign.sends_from))
    return _no_store(make_response(render_template("coupon_pages/page.html", **scope)), code)


def _preview(view: CouponView) -> Response:
    """What a link preview may know: the campaign, never the serial."""
    language = language_of(view.language, request.accept_languages.best)
    return _no_store(make_response(render_template("coupon_pages/preview.html", **_scope(view, language))), 200)


def _scope(view: CouponView | None, language: str) -> dict[str, Any]:
    shop = services().shop
    if view is None:
        return {"view": None, "words": WORDS[language], "language": language, "shop": shop, "image_url": ""}
    campaign = view.campaign
    counts_from_redemption = campaign.expires_from == "redemption"
    return {
        "view": view,
        "campaign": campaign,
        "words": WORDS[language],
        "language": language,
        "shop": shop,
        "image_url": shop.image_url(campaign.image_id) if campaign.image_id else "",
        "interval": interval(campaign.expires_after_seconds, language) if counts_from_redemption else "",
        "expires_at": _time(view.expires_at),
        "verified_at": _time(view.verified_at),
        "counts_down": counts_from_redemption and view.state is State.REDEEMED,
        "seconds_left": int((view.expires_at - clock.now()).total_seconds()) + 1 if view.expires_at else 0,
        "barcode": svg(campaign.barcode, view.serial) if view.serial and view.state is State.REDEEMED else "",
    }


def _time(at: datetime | None) -> str:
    return at.astimezone(services().shop.timezone).strftime(TIMES) if at else ""


def _no_store(answer: Response, code: int) -> Response:
    answer.status_code = code
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Vary"] = "User-Agent, Accept-Language"
    return answer


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _is_from_elsewhere() -> bool:
    """Another site's page has sent the form. The link alone is the key, but nobody is to turn it for the customer."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched:
        return fetched == "cross-site"
    origin = request.headers.get("Origin")
    return bool(origin) and origin != "null" and urlsplit(str(origin)).netloc != request.host


def _refused_from_elsewhere() -> Response:
    return _no_store(make_response("This form was sent by another site. Open the coupon's page and try there.\n"), 403)
