"""What the counter's app asks for while it has a network, and what it tells of the time when it had none."""

import json
import secrets
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, make_response
from flask_wtf.csrf import generate_csrf
from pydantic import AwareDatetime, BaseModel, Field, ValidationError
from sqlalchemy.orm import Session

from core import clock, counter_search, honouring, offline, offline_codes
from core.offline import Taken, Told
from core.offline_codes import Codes
from pos import replies
from pos.actor import actor
from pos.replies import moment
from pos.sentences import sentence
from web import login
from web.services import services

MOST_TOLD = 200  # at once
SALT = 16  # bytes
NOBODYS = 0  # the id of no coupon

blueprint = Blueprint("offline", __name__, url_prefix="/offline")


class Item(BaseModel):
    """One verification as the app has kept it."""

    nonce: str = Field(min_length=16, max_length=64)
    entered: str = Field(max_length=300)
    coupon_id: int | None = None
    at: AwareDatetime
    user_id: int | None = None
    store_id: int | None = None


@blueprint.get("/state")
def state() -> Response:
    """Who is signed in, and the token for what is posted."""
    account = login.account()
    return jsonify(
        csrf=generate_csrf(),
        user_id=account.user_id,
        user=account.username,
        store_id=account.store_id,
        store=account.store_name,
    )


@blueprint.get("/codes")
def codes() -> Response:
    """The list to verify by without a network: the length of its head, the head as JSON, and row by row the coupons."""
    salt, now = secrets.token_bytes(SALT), clock.now()
    with services().database.snapshot() as db:
        kept = offline_codes.pack(db, login.account().store_id, salt, now)
    head = json.dumps(_head(kept, salt, now), separators=(",", ":")).encode()
    head += b" " * (-(len(head) + 4) % 4)
    answer = make_response(len(head).to_bytes(4, "big") + head + kept.rows)
    answer.content_type = "application/octet-stream"
    return answer


def _head(kept: Codes, salt: bytes, now: datetime) -> dict[str, Any]:
    campaigns = [
        {
            "name": one.name,
            "instructions": one.instructions,
            "used_from": moment(one.used_from),
            "fixed": one.fixed,
        }
        for one in kept.campaigns
    ]
    row, store = offline_codes.ROW.size, login.account().store_id
    return {
        "salt": salt.hex(),
        "at": moment(now),
        "store_id": store,
        "is_whole": kept.is_whole,
        "row": row,
        "campaigns": campaigns,
    }


@blueprint.post("/told")
def told() -> Response | tuple[Response, int]:
    """Take what was verified without a network, at most 200. `left`: what cannot be read, or is another store's."""
    given = replies.given_json()
    listed = given.get("items") if isinstance(given, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_TOLD:
        return jsonify(error="items"), 400
    account, now = login.account(), clock.now()
    items, left = [], []
    for one in listed:
        item = _read(one)
        if item and item.store_id == account.store_id:
            items.append(item)
        else:
            left.append(one.get("nonce") if isinstance(one, dict) else None)
    with services().database.write() as db:
        taken = offline.take(
            db,
            [Told(one.nonce, one.entered, _meant(db, one), honouring.sensible(one.at), one.user_id) for one in items],
            actor(),
            now,
        )
    return jsonify(taken=[_as_json(one) for one in taken], left=left)


def _meant(db: Session, item: Item) -> int | None:
    """The coupon that it names; nobody's where what was entered there was another's, as by whoever counts ids."""
    if item.coupon_id is None or counter_search.stands_for(db, item.entered, item.coupon_id):
        return item.coupon_id
    return NOBODYS


def _read(given: object) -> Item | None:
    try:
        return Item.model_validate(given)
    except ValidationError:
        return None


def _as_json(taken: Taken) -> dict[str, Any]:
    return {
        "nonce": taken.nonce,
        "outcome": taken.outcome,
        "sentence": sentence(taken.outcome),
        "tone": "no" if taken.is_conflict else "yes",
        "is_conflict": taken.is_conflict,
        "coupon_id": taken.coupon_id,
        "first_at": moment(taken.first_at),
        "first_store": taken.first_store,
        "first_by": taken.first_by,
    }
