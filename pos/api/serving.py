"""How every operation is served: whose key it is, in which store, once for each Idempotency-Key, in one transaction."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from core import api_keys, api_replies, clock
from core.api_keys import Key
from core.api_replies import Asked, Reply
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor
from db.tables import Store
from pos.api import bodies
from pos.api.operations import Call, Operation, Refusal
from pos.api.refusals import REFUSALS
from web import problems
from web.problems import ProblemError
from web.services import services
from web.words import say

OK = 200
REPLAYED = "Idempotent-Replayed"


def view(operation: Operation) -> Callable[[], Response]:
    """The view of an operation."""

    def serve() -> Response:
        now = clock.now()
        key = _key(now)
        if operation.scope and operation.scope not in key.scopes:
            told = say(f"這把金鑰沒有 {operation.scope} 權限。", f"The key has not the scope {operation.scope}.")
            raise ProblemError(Reason.SCOPE_MISSING, told)
        body = bodies.read(operation)
        if body is None:
            with services().database.read() as db:
                return _response(_answered(operation, Call(db, key, Actor("pos"), now), None))
        return _once(operation, key, body, now)

    return serve


def _once(operation: Operation, key: Key, body: BaseModel, now: datetime) -> Response:
    """Do it and store the reply in one transaction; or give the reply to the same request that came before."""
    named = bodies.idempotency_key()
    digest = api_replies.digest(request.method, request.path, request.get_data())
    asked = Asked(key.key_id, named, digest) if named else None
    with services().database.write() as db:
        first = api_replies.begin(db, asked, now) if asked else None
        if isinstance(first, Refused):
            raise ProblemError(first.reason, _about_key(first.reason))
        if first:
            return _response(first, is_repeat=True)
        actor = Actor("pos", store_id=_store(db, key, body), api_key_id=key.key_id)
        reply = _answered(operation, Call(db, key, actor, now), body)
        if asked:
            api_replies.keep(db, asked, reply, now)
    return _response(reply)


def _key(now: datetime) -> Key:
    """Whose request this is: a guessed, an old and a revoked key are told the same."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    database = services().database
    with database.read() as db:
        known = api_keys.known(db, secret.strip(), now) if kind.lower() == "bearer" else None
    if known is None:
        raise ProblemError(Reason.API_KEY_WRONG, say("這把金鑰無效。", "This key lets nobody in."))
    if not api_keys.is_noted(known, now):
        with database.write() as db:
            api_keys.note_use(db, known.key_id, now)
    return known


def _store(db: Session, key: Key, body: BaseModel) -> int:
    """The store in which this is done: the key's own, or the one that the request names."""
    named: int | None = getattr(body, "store_id", None)
    if key.store_id is not None:
        if named not in (None, key.store_id):
            raise ProblemError(
                Reason.KEY_OF_ANOTHER_STORE, say("這把金鑰屬於另一間門市。", "The key belongs to another store.")
            )
        return key.store_id
    if named is None or db.get(Store, named) is None:
        raise ProblemError(Reason.UNKNOWN_STORE, say("請用 store_id 指定門市。", "Say in which store, as store_id."))
    return named


def _answered(operation: Operation, call: Call, body: BaseModel | None) -> Reply:
    outcome = operation.do(call, body)
    if isinstance(outcome, BaseModel):
        return Reply(OK, outcome.model_dump_json())
    return _refused(outcome)


def _refused(refusal: Refusal) -> Reply:
    kind = REFUSALS[refusal.reason]
    more: dict[str, object] = {}
    if refusal.coupon:
        more["coupon"] = refusal.coupon.model_dump(mode="json")
    if refusal.coupons:
        more["coupons"] = [one.model_dump(mode="json") for one in refusal.coupons]
    return Reply(kind.status, problems.text(refusal.reason, kind, refusal.detail, more))


def _response(reply: Reply, *, is_repeat: bool = False) -> Response:
    media_type = "application/json" if reply.status == OK else problems.MEDIA_TYPE
    response = Response(reply.body, reply.status, mimetype=media_type)
    if is_repeat:
        response.headers[REPLAYED] = "true"
    return response


def _about_key(reason: Reason) -> str:
    if reason is Reason.IDEMPOTENCY_KEY_IN_USE:
        return say("同一個要求正在處理中。", "The same request is being answered at this moment.")
    return say("這個 Idempotency-Key 已經用在別的要求。", "This Idempotency-Key was used for another request.")
