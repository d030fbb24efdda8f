"""What the page's template is told of a coupon: worked out from a look at it, with no request and no database."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from core.coupon_view import CouponView, State
from core.reasons import Reason
from core.shop import Shop
from coupon_pages.barcodes import sideways, svg
from coupon_pages.refusals import OPENS_AT, refusal
from coupon_pages.texts import Text, Texts, texts_of
from coupon_pages.words import WORDS, interval

TIMES = "%Y-%m-%d %H:%M"


def nothing(shop: Shop, language: str) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the scope of a link that is nobody's."""
    code, title, sentence = refusal(Reason.UNKNOWN_COUPON, language)
    said = {"title": title, "sentence": Text(sentence, language)}
    return code, {"view": None, "words": WORDS[language], "language": language, "shop": shop, "image_url": "", **said}


def coupon(view: CouponView, shop: Shop, language: str, now: datetime) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the scope of a coupon's page."""
    campaign, words, texts = view.campaign, WORDS[language], texts_of(view.campaign, language)
    scope: dict[str, Any] = {
        "view": view,
        "campaign": campaign,
        "texts": texts,
        "words": words,
        "language": language,
        "shop": shop,
        "image_url": shop.image_url(campaign.image_id) if campaign.image_id else "",
        "expires_at": _time(view.expires_at, shop),
        "mark": mark(view),
        "seconds": seconds_to_change(view, now),
        "products": products(campaign.products_url),
        "used": words[f"used_{campaign.used_in}"],
        "used_from": _time(campaign.used_from, shop),
        "stores": words["stores"].format(stores=words["between"].join(view.stores)) if view.stores else "",
    }
    code = 200
    if view.state is State.REFUSED:
        code, title, sentence = refusal(str(view.reason), language)
        scope["title"], scope["sentence"] = title, _written(view.reason, texts) or Text(sentence, language)
        if view.reason is Reason.NOT_STARTED:
            scope["opens_at"] = _filled(OPENS_AT[language], at=_time(campaign.sends_from, shop))
    elif view.state is State.OPEN and campaign.expires_from == "redemption":
        scope["interval"] = interval(campaign.expires_after_seconds, language)
    elif view.state is State.REDEEMED and view.serial:
        scope["barcode"] = svg(campaign.barcode, view.serial)
        scope["sideways"] = sideways(campaign.barcode, view.serial)
        scope["show"] = words[f"show_{campaign.used_in}"]
    elif view.state is State.VERIFIED:
        said = words["verified_in"] if view.verified_in else words["verified_at"]
        scope["verified"] = _filled(said, at=_time(view.verified_at, shop), store=view.verified_in or "")
    if view.undone_at and not view.redeemed_at:
        said = words["undone_again"] if view.state is State.OPEN else words["undone"]
        scope["undone"] = _filled(said, at=_time(view.undone_at, shop))
    return code, scope


def _written(reason: Reason | None, texts: Texts) -> Text | None:
    """What the campaign itself says to that, if anything."""
    found = {Reason.SOLD_OUT: texts.sold_out, Reason.EXPIRED: texts.expired}.get(reason) if reason else None
    return found if found and found.text else None


def mark(view: CouponView) -> str:
    """What the page tells apart: two looks with the same mark show the same."""
    times = (view.redeemed_at, view.verified_at, view.undone_at, view.expires_at)
    return ".".join([view.state, view.reason or "", *(f"{at.timestamp():.0f}" if at else "" for at in times)])


def seconds_to_change(view: CouponView, now: datetime) -> int | None:
    """In how many seconds the page will show something else by itself, rounded up; None where nobody knows of it."""
    if view.state in (State.OPEN, State.REDEEMED):
        at = view.expires_at
    else:
        at = view.campaign.sends_from if view.reason is Reason.NOT_STARTED else None
    return int((at - now).total_seconds()) + 1 if at else None


def products(url: str | None) -> tuple[str, str] | None:
    """A campaign's list of products: its address and its host, for a person to judge; None where it is no web page."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return None
    return (url, host) if url and host and parts.scheme in ("http", "https") else None


def _filled(words: str, **blanks: str) -> Markup:
    """Words of ours with what belongs in their blanks, escaped where it is text."""
    return Markup(words).format(**blanks)  # noqa: S704 (words of ours)


def _time(at: datetime | None, shop: Shop) -> Markup:
    """The shop's own time, which no line breaks in two."""
    if at is None:
        return Markup()
    local = at.astimezone(shop.timezone)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="minutes"), local.strftime(TIMES))
