"""The stand-in for LINE's Messaging API: the calls that line-bot-sdk makes, refused as LINE refuses them."""

import json
import secrets
import uuid
from typing import Any

from flask import Blueprint, Response, request, url_for

from simulator import people
from simulator.context import Context, current
from simulator.line_answers import Refused, answer, json_body
from simulator.line_rules import Judge

REPLY_TOKEN_SECONDS = 60
RETRY_KEY_SECONDS = 24 * 3600
UNLIMITED = -1

blueprint = Blueprint("line", __name__, url_prefix="/line")


@blueprint.post("/v2/bot/message/reply")
def reply() -> Response:
    """Answer an event, once, within a minute. Free: not counted."""
    return answer("reply", _reply)


def _reply(context: Context) -> dict[str, Any]:
    if "X-Line-Retry-Key" in request.headers:
        raise Refused(400, "The request header X-Line-Retry-Key is not supported for this endpoint")
    body = _body(context, {"replyToken", "messages", "notificationDisabled"})
    with context.state.change() as connection:
        used = connection.execute(
            "UPDATE reply_tokens SET is_used = 1 WHERE token = ? AND is_used = 0 AND at >= ? RETURNING person_id",
            (str(body.get("replyToken")), context.now() - REPLY_TOKEN_SECONDS),
        ).fetchone()
    if used is None:
        raise Refused(400, "Invalid reply token")
    _deliver(context, [used["person_id"]], body["messages"])
    return {"sentMessages": _ids(body["messages"])}


@blueprint.post("/v2/bot/message/push")
def push() -> Response:
    """Send to one person, counted against the month's messages; repeatable under a retry key."""
    return answer("push", _push)


def _push(context: Context) -> dict[str, Any]:
    body = _body(context, {"to", "messages", "notificationDisabled", "customAggregationUnits"})
    person = people.find(context.state, str(body.get("to")), "line")
    if person is None:
        raise Refused(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
    sent = _ids(body["messages"])
    _check_quota(context, 0 if person.is_blocking else 1)
    _once(context, body, sent)
    _count(context, 0 if person.is_blocking else 1)
    _deliver(context, [person.id], body["messages"])
    return {"sentMessages": sent}


@blueprint.post("/v2/bot/message/multicast")
def multicast() -> Response:
    """Send the same to up to 500 people."""
    return answer("multicast", _multicast)


def _multicast(context: Context) -> dict[str, Any]:
    body = _body(context, {"to", "messages", "notificationDisabled", "customAggregationUnits"})
    to = body.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= 500:  # noqa: PLR2004 (LINE's limit)
        raise Refused(400, "A message (messages) in the request body is invalid", [("to", "Size must be 1 to 500")])
    known = [person.id for one in to if (person := people.find(context.state, str(one), "line"))]
    _check_quota(context, len(known))
    _once(context, body, [])
    _count(context, len(known))
    _deliver(context, known, body["messages"])
    return {}


@blueprint.post("/v2/bot/message/validate/<kind>")
def validate(kind: str) -> Response:
    """Judge messages without sending them."""
    del kind
    return answer("validate", _validate)


def _validate(context: Context) -> dict[str, Any]:
    _body(context, {"messages"})
    return {}


@blueprint.get("/v2/bot/profile/<user_id>")
def profile(user_id: str) -> Response:
    """A friend's name, picture and language."""

    def work(context: Context) -> dict[str, Any]:
        person = people.find(context.state, user_id, "line")
        if person is None or person.is_blocking:
            raise Refused(404, "Not found")
        picture = url_for("phone.portrait", person_id=person.id, _external=True)
        return {"userId": person.id, "displayName": person.name, "pictureUrl": picture, "language": person.language}

    return answer("profile", work)


@blueprint.get("/v2/bot/message/quota")
def quota() -> Response:
    """How many messages may be sent in the month."""

    def work(context: Context) -> dict[str, Any]:
        limit = int(context.state.setting("line_quota", UNLIMITED))
        return {"type": "none"} if limit == UNLIMITED else {"type": "limited", "value": limit}

    return answer("quota", work)


@blueprint.get("/v2/bot/message/quota/consumption")
def consumption() -> Response:
    """How many have been sent."""
    return answer("quota", lambda context: {"totalUsage": int(context.state.setting("line_sent", 0))})


@blueprint.get("/v2/bot/info")
def info() -> Response:
    """The bot itself."""
    bot = {
        "userId": "U" + "0" * 32,
        "basicId": "@demo",
        "displayName": current().config.shop_name,
        "chatMode": "bot",
        "markAsReadMode": "auto",
    }
    return answer("info", lambda _: bot)


@blueprint.post("/v2/bot/chat/loading/start")
def loading() -> Response:
    """Show for some seconds that the bot is busy: 5 to 60, in fives, in a chat with one person."""
    return answer("loading", _loading)


def _loading(context: Context) -> tuple[dict[str, Any], int]:
    body = json_body()
    seconds = body.get("loadingSeconds", 20)
    if not isinstance(seconds, int) or not 5 <= seconds <= 60 or seconds % 5:  # noqa: PLR2004 (LINE's numbers)
        raise Refused(400, "The request body has 1 error(s)", [("loadingSeconds", "must be 5 to 60, in fives")])
    if people.find(context.state, str(body.get("chatId")), "line") is None:
        raise Refused(400, "The property, 'chatId', in the request body is invalid")
    return {}, 202


def _body(context: Context, known: set[str]) -> dict[str, Any]:
    """The request's JSON, judged as LINE judges it."""
    body = json_body()
    found = [(name, "unknown property") for name in body.keys() - known]
    found += Judge(allow_loopback_http=context.config.allow_loopback_http).messages(body.get("messages"))
    if found:
        raise Refused(400, f"The request body has {len(found)} error(s)", found)
    return body


def _once(context: Context, body: dict[str, Any], sent: list[dict[str, str]]) -> None:
    """Take the request's retry key, if it has one; where it was taken before, the answer is 409."""
    key = request.headers.get("X-Line-Retry-Key")
    if key is None:
        return
    try:
        uuid.UUID(key)
    except ValueError as error:
        raise Refused(400, "The request header X-Line-Retry-Key is invalid") from error
    now = context.now()
    with context.state.change() as connection:
        connection.execute("DELETE FROM retry_keys WHERE at < ?", (now - RETRY_KEY_SECONDS,))
        values = (key.lower(), _canonical(body), str(uuid.uuid4()), json.dumps(sent), now)
        taken = connection.execute("INSERT OR IGNORE INTO retry_keys VALUES (?, ?, ?, ?, ?)", values).rowcount
    if taken:
        return
    found = context.state.row("SELECT * FROM retry_keys WHERE key = ?", key.lower()) or {}
    is_same = found.get("body") == _canonical(body)
    more = {"sentMessages": json.loads(found["sent"])} if is_same else {}
    headers = {"x-line-accepted-request-id": found.get("request_id", "")}
    raise Refused(409, "The retry key is already accepted", headers=headers, **more)


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True)


def _check_quota(context: Context, recipients: int) -> None:
    limit, sent = context.state.setting("line_quota", UNLIMITED), context.state.setting("line_sent", 0)
    if limit != UNLIMITED and sent + recipients > limit:
        raise Refused(429, "You have reached your monthly limit.")


def _count(context: Context, recipients: int) -> None:
    context.state.set("line_sent", context.state.setting("line_sent", 0) + recipients)


def _deliver(context: Context, ids: list[str], messages: list[dict[str, Any]]) -> None:
    """Into the chats of those who do not block; the answer says nothing of those who do, as LINE's does not."""
    for person_id in ids:
        person = people.find(context.state, person_id, "line")
        for message in messages:
            if person and not person.is_blocking:
                context.state.say(person_id, message, context.now(), is_from_bot=True)


def _ids(messages: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"id": str(secrets.randbelow(10**18)), "quoteToken": secrets.token_urlsafe(12)} for _ in messages]
