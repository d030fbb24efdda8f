"""What the counter's script is answered: each outcome with its colour and sentence, and the coupon as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, make_response, request

from core.counter_search import Found
from pos.sentences import SIGNED_OUT, sentence, tone
from web import devices


def wants_json() -> bool:
    """Whether the script asks, and no form."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def given_json() -> object:
    """What the script has sent; None where it is no JSON, or goes deeper than anybody reads."""
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


def answer(outcome: str, said: str, status: int = HTTPStatus.OK, **more: Any) -> Response:  # noqa: ANN401 (JSON)
    """The outcome's code, colour and sentence, and what else there is to tell."""
    return make_response(jsonify(outcome=outcome, sentence=said, tone=tone(outcome), **more), status)


def signed_out() -> Response:
    """Nobody is signed in, and nothing has happened. A store's device that is locked keeps what it needs offline."""
    is_locked = devices.here() is not None
    return answer(SIGNED_OUT, sentence(SIGNED_OUT), HTTPStatus.UNAUTHORIZED, is_locked=is_locked)


def found(outcome: str, coupons: Sequence[Found]) -> Response:
    """What a look-up brought."""
    first = coupons[0] if len(coupons) == 1 else None
    return answer(outcome, sentence(outcome, first), coupons=[as_json(one) for one in coupons])


def as_json(coupon: Found) -> dict[str, Any]:
    """A coupon for the script."""
    return {
        "coupon_id": coupon.coupon_id,
        "reference": coupon.reference,
        "serial": coupon.serial,
        "campaign": coupon.campaign_name,
        "instructions": coupon.instructions,
        "contact": coupon.contact_name,
        "redeemed_at": moment(coupon.redeemed_at),
        "used_from": moment(coupon.used_from),
        "expires_at": moment(coupon.expires_at),
        "stores": list(coupon.stores),
        "verified_at": moment(coupon.verified_at),
        "verified_by": coupon.verified_by,
        "verified_in": coupon.verified_in,
        "undo_until": moment(coupon.undo_until),
        "refusal": coupon.refusal,
    }


def moment(at: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
