"""The stand-in for Meta's Graph API: the calls of a Page's bot, refused as Meta refuses them."""

import secrets
from typing import Any

from flask import Blueprint, Response, request, url_for

from simulator import messenger_rules, people
from simulator.context import Context
from simulator.messenger_answers import GraphError, answer

DEAD_TAGS = {"CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"}  # error 100 since 2026-04-27

blueprint = Blueprint("messenger", __name__, url_prefix="/messenger")


@blueprint.post("/<version>/<page>/messages")
def messages(version: str, page: str) -> Response:
    """Send a message to a person inside the 24 hours. No idempotency: what comes twice is delivered twice."""
    del version

    def work(context: Context) -> dict[str, Any]:
        if page not in {"me", context.config.messenger_page_id}:
            raise GraphError(100, f"Object with ID '{page}' does not exist", 33)
        return _send(context)

    return answer("messages", work)


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
    if "message" not in body:
        return {"recipient_id": person.id}
    context.state.say(person.id, body["message"], context.now(), is_from_bot=True)
    return {"recipient_id": person.id, "message_id": "m_" + secrets.token_urlsafe(32)}


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

    return answer("profile", work)
