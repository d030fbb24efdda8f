"""The stand-in for Meta's Graph API: the calls of a Page's bot, refused as Meta refuses them."""

import hashlib
import hmac
import json
import secrets
from typing import Any

from flask import Blueprint, Response, request, url_for

from simulator import faults, messenger_rules, people
from simulator.context import Context, current
from simulator.traffic import noted

DEAD_TAGS = {"CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"}  # error 100 since 2026-04-27

blueprint = Blueprint("messenger", __name__, url_prefix="/messenger")


class GraphError(Exception):
    """An error in Graph's shape."""

    def __init__(self, code: int, message: str, subcode: int | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(code, message, subcode)


def error_body(code: int, message: str, subcode: int | None = None) -> dict[str, Any]:
    """The JSON of an error."""
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": secrets.token_urlsafe(8)}
    return {"error": error | ({"error_subcode": subcode} if subcode else {})}


def _answer(endpoint: str, work: Any) -> Response:  # noqa: ANN401 (a function of the context)
    context = current()

    def answer() -> Response:
        try:
            _check_token(context)
            body, status = work(context), 200
        except GraphError as error:
            body, status = error.body, error.status
        return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=UTF-8")

    with noted(context, "messenger") as note:
        response = faults.around(
            context,
            "messenger",
            endpoint,
            answer,
            lambda fault: error_body(fault["code"], fault["message"] or "fault"),
        )
        note(response)
        return response


def _check_token(context: Context) -> None:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ") or request.args.get("access_token", "")
    token = context.config.messenger_page_token
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise GraphError(190, "Invalid OAuth access token.", status=401)
    proof = hmac.new(context.config.messenger_app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
    if not secrets.compare_digest(request.args.get("appsecret_proof", proof).encode(), proof.encode()):
        raise GraphError(100, "Invalid appsecret_proof provided in the API argument")


@blueprint.post("/<version>/<page>/messages")
def messages(version: str, page: str) -> Response:
    """Send a message to a person inside the 24 hours. No idempotency: what comes twice is delivered twice."""
    del version

    def work(context: Context) -> dict[str, Any]:
        if page not in {"me", context.config.messenger_page_id}:
            raise GraphError(100, f"Object with ID '{page}' does not exist", 33)
        return _send(context)

    return _answer("messages", work)


def _send(context: Context) -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise GraphError(100, "The request body is not JSON")
    if body.get("tag") in DEAD_TAGS:
        raise GraphError(100, f"The message tag {body['tag']} has been removed")
    found = messenger_rules.faults_of(body)
    if found:
        raise GraphError(100, "(#100) " + "; ".join(found))
    person = people.find(context.state, str((body.get("recipient") or {}).get("id")), "messenger")
    if person is None:
        raise GraphError(100, "No matching user found", 2018001)
    if person.is_blocking:
        raise GraphError(551, "This person isn't available right now.", 1545041)
    if person.last_acted_at is None or context.now() - person.last_acted_at >= people.WINDOW_SECONDS:
        raise GraphError(10, "This message is sent outside of allowed window.", 2018278)
    if "message" in body:
        context.state.say(person.id, body["message"], context.now(), is_from_bot=True)
    return {"recipient_id": person.id, "message_id": "m_" + secrets.token_urlsafe(32)}


@blueprint.post("/<version>/me/messenger_profile")
def messenger_profile(version: str) -> Response:
    """Get Started button, greeting, menu."""
    del version
    return _answer("messenger_profile", lambda _: {"result": "success"})


@blueprint.get("/<version>/<person_id>")
def profile(version: str, person_id: str) -> Response:
    """A person's name and language; the fields that are asked for."""
    del version

    def work(context: Context) -> dict[str, Any]:
        person = people.find(context.state, person_id, "messenger")
        if person is None:
            raise GraphError(100, f"Unsupported get request. Object with ID '{person_id}' does not exist", 33)
        first, _, last = person.name.partition(" ")
        known = {"first_name": first, "last_name": last, "name": person.name, "locale": person.language}
        known["profile_pic"] = url_for("phone.portrait", person_id=person.id, _external=True)
        asked = request.args.get("fields", "name").split(",")
        return {"id": person.id} | {name: known[name] for name in asked if known.get(name)}

    return _answer("profile", work)
