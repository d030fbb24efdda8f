"""The coupon's page and what can be done on it. A GET changes nothing of the coupon."""

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import clock, coupon_view, coupons, images, verification
from core.coupon_view import CouponView, State
from core.reasons import Reason
from core.verification import Actor, Verified
from coupon_pages import answers, taps, visitors
from coupon_pages.barcodes import svg
from coupon_pages.words import OPENS_AT, REFUSALS, WORDS, interval, language_of
from web.services import services

IMAGE_ID = re.compile(r"[0-9a-f]{64}")
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
    if not answers.TOKEN.fullmatch(token):
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
def redeem(token: str) -> Response:
    """Taps are answered in `coupon_pages.taps`; here come those that it leaves, and links that can be no coupon's."""
    left = request.environ.get(taps.LEFT, 404)
    if isinstance(left, Exception):
        raise left
    if left == taps.SEE_PAGE:
        return answers.status(services(), token)
    if left == 403:  # noqa: PLR2004 (Forbidden)
        return _refused_from_elsewhere()
    return _page(None, Reason.UNKNOWN_COUPON) if left == 404 else abort(left)  # noqa: PLR2004 (Not Found)


@blueprint.get("/c/<token>/status")
def status(token: str) -> Response:
    """The page's state as JSON."""
    return answers.status(services(), token)


@blueprint.post("/c/<token>/verify")
def verify(token: str) -> AnyResponse:
    """Staff confirm on the customer's phone, where the campaign has the button; once."""
    if answers.is_from_elsewhere(request.environ):
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


def page_of(view: CouponView) -> Response:
    """The page of a look at a coupon."""
    return _page(view, view.reason)


def _look(token: str) -> CouponView | None:
    return answers.look(services(), token)


def _page(view: CouponView | None, reason: Reason | None) -> Response:
    language = language_of(view.language if view else "", request.accept_languages.best)
    scope = _scope(view, language)
    code = 200
    if reason:
        code, words = REFUSALS[reason]
        scope["title"], scope["sentence"] = words[language]
        if reason is Reason.NOT_STARTED and view:
            scope["opens_at"] = OPENS_AT[language].format(at=_time(view.campaign.sends_from))
    return answers.no_store(make_response(render_template("coupon_pages/page.html", **scope)), code)


def _preview(view: CouponView) -> Response:
    """What a link preview may know: the campaign, never the serial."""
    language = language_of(view.language, request.accept_languages.best)
    return answers.no_store(make_response(render_template("coupon_pages/preview.html", **_scope(view, language))), 200)


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


def _refused_from_elsewhere() -> Response:
    return answers.no_store(
        make_response("This form was sent by another site. Open the coupon's page and try there.\n"), 403
    )
