"""The coupon's page and what can be done on it. A GET changes nothing of the coupon."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from core import clock, coupon_view, coupons, images, verification
from core.coupon_view import CouponView, State
from core.verification import Actor, Verified
from coupon_pages import answers, inlined, showing, taps, visitors
from coupon_pages.barcodes import svg
from coupon_pages.words import language_of
from web import limits, security
from web.services import services

_is_kept = limits.PerMinute(limits.FETCHES_OF_ONE_COUPON)

blueprint = Blueprint("coupon_pages", __name__, template_folder="templates")


@blueprint.get("/c/<token>")
def page(token: str) -> Response:
    """The page in its present state, with the status that goes with it."""
    visitor = visitors.kind_of(request.headers)
    view = _look(token)
    if view and visitor != "person":
        if request.method != "HEAD" and _is_kept(token):
            with services().database.write() as db:
                coupons.hit(db, view.coupon_id, visitor, request.user_agent.string, clock.now())
        return _preview(view)
    return page_of(view)


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
    return page_of(None) if left == 404 else abort(left)  # noqa: PLR2004 (Not Found)


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
        return page_of(None)
    with services().database.write() as db:
        outcome = verification.verify(db, view.coupon_id, view.serial or "", Actor("page"), clock.now())
    if isinstance(outcome, Verified):
        return redirect(url_for("coupon_pages.page", token=token), 303)
    answer = page_of(_look(token))  # another tap or a till may have been first
    answer.status_code = 409
    return answer


@blueprint.get("/images/<image_id>")
def image(image_id: str) -> Response:
    """A campaign's or a flow's picture. Its address is its content's hash, so it may be kept for ever."""
    with services().database.read() as db:
        found = images.load(db, image_id) if images.ID.fullmatch(image_id) else None
    if found is None:
        return make_response("", 404)
    content_type, content = found
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(content, content_type=content_type, headers=headers)


def _look(token: str) -> CouponView | None:
    return answers.look(services(), token)


def page_of(view: CouponView | None) -> Response:
    """The page of a look at a coupon; of none, the page of a link that is nobody's."""
    shop, language = services().shop, _language(view)
    code, scope = showing.coupon(view, shop, language, clock.now()) if view else showing.nothing(shop, language)
    if view and view.state is State.OPEN:
        scope["scan"] = svg("qr", shop.coupon_url(str((request.view_args or {})["token"])))
    html = render_template("coupon_pages/page.html", style=inlined.STYLE, script=inlined.SCRIPT, **scope)
    answer = answers.no_store(make_response(html), code)
    answer.headers["Content-Security-Policy"] = inlined.policy(security.nonce())
    return answer


def _preview(view: CouponView) -> Response:
    """What a link preview may know: the campaign, never the serial."""
    _, scope = showing.coupon(view, services().shop, _language(view), clock.now())
    return answers.no_store(make_response(render_template("coupon_pages/preview.html", **scope)), 200)


def _language(view: CouponView | None) -> str:
    return language_of(view.language if view else "", request.accept_languages.best)


def _refused_from_elsewhere() -> Response:
    return answers.no_store(
        make_response("This form was sent by another site. Open the coupon's page and try there.\n"), 403
    )
