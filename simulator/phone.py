"""The phone in the browser, and what tests ask of the stand-ins: people, chats, acts, faults, the clock."""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from simulator import acts, faults, frame, people, webhooks
from simulator.context import Context, current

SHOWN_TRAFFIC = 100

blueprint = Blueprint("phone", __name__, template_folder="templates", static_folder="static")


@blueprint.get("/")
def phone() -> Response:
    """The phone."""
    page = Response(render_template("simulator/phone.html", shop=current().config.shop_name))
    page.headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' http: https: data:; media-src http: https:; frame-src http: https:; "
        "base-uri 'none'; form-action 'self'"
    )
    return page


@blueprint.get("/api/people")
def list_people() -> Response:
    """Everybody, and what they are to the shop."""
    return jsonify([vars(person) for person in people.everybody(current().state)])


@blueprint.get("/portraits/<person_id>.svg")
def portrait(person_id: str) -> Response:
    """A person's picture, as the platform's profile names it: the first letter on the person's colour."""
    person = people.one(current().state, person_id)
    if person is None:
        return _refused("there is no such person", 404)
    return Response(render_template("simulator/portrait.svg", person=person), content_type="image/svg+xml")


@blueprint.get("/menus/<menu_id>")
def menu_picture(menu_id: str) -> Response:
    """A rich menu's picture, as it was uploaded."""
    found = current().state.picture(menu_id)
    if found is None:
        return _refused("there is no such menu", 404)
    picture = Response(found[1], content_type=found[0])
    picture.headers["Cache-Control"] = "private, max-age=86400, immutable"  # a changed menu has another id
    return picture


@blueprint.get("/api/chats/<channel>/<person_id>")
def chat(channel: str, person_id: str) -> Response:
    """What stands around a chat, its bubbles after number `after`, the traffic after `traffic_after`, oldest first."""
    state = current().state
    person = people.find(state, person_id, channel)
    if person is None:
        return _refused("there is no such person", 404)
    after, traffic_after = request.args.get("after", 0, int), request.args.get("traffic_after", 0, int)
    bubbles = state.rows("SELECT * FROM bubbles WHERE person_id = ? AND number > ? ORDER BY number", person_id, after)
    latest = state.rows(
        "SELECT * FROM (SELECT * FROM traffic WHERE number > ? ORDER BY number DESC LIMIT ?) ORDER BY number",
        traffic_after,
        SHOWN_TRAFFIC,
    )
    return jsonify(
        person=vars(person),
        frame=frame.of(state, person),
        bubbles=[row | {"body": json.loads(row["body"])} for row in bubbles],
        traffic=[row | {"request": json.loads(row["request"]), "answer": json.loads(row["answer"])} for row in latest],
    )


@blueprint.post("/api/act")
def act() -> Response:
    """Do something as a person: {"channel", "person", "action": "text", "text": "coupon"}."""

    def work(context: Context, body: dict[str, Any]) -> dict[str, Any]:
        person = people.find(context.state, str(body.get("person")), str(body.get("channel")))
        if person is None:
            raise ValueError("there is no such person")
        return {"webhook_status": acts.do(context, person, body)}

    return _ask(work)


@blueprint.post("/api/redeliver")
def redeliver() -> Response:
    """Post the last webhook again."""
    return _ask(lambda context, _: {"webhook_status": webhooks.post_again(context)})


@blueprint.post("/api/faults")
def add_fault() -> Response:
    """Ask for a fault: {"platform": "line", "endpoint": "push", "kind": "status", "status": 500, "count": 1}."""
    return _ask(faults.add)


@blueprint.delete("/api/faults")
def clear_faults() -> Response:
    """Back to a good day."""
    return _ask(lambda context, _: faults.clear(context))


@blueprint.post("/api/clock")
def clock() -> Response:
    """Move the stand-ins' clock forward: {"advance_seconds": 60}."""

    def work(context: Context, body: dict[str, Any]) -> dict[str, Any]:
        ahead = context.state.setting("clock_ahead", 0) + float(body["advance_seconds"])
        context.state.set("clock_ahead", ahead)
        return {"ahead_seconds": ahead}

    return _ask(work)


@blueprint.post("/api/quota")
def quota() -> Response:
    """Set LINE's monthly messages: {"messages": 200}; -1 is without limit."""
    return _ask(lambda context, body: context.state.set("line_quota", float(body["messages"])))


def _ask(work: Callable[[Context, dict[str, Any]], dict[str, Any] | None]) -> Response:
    """A call with a JSON body; what cannot be done is 400 with a sentence. Pages of other sites are not let in."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return _refused("only the phone itself may ask this", 403)
    try:
        return jsonify(work(current(), request.get_json(silent=True) or {}) or {})
    except (KeyError, ValueError) as error:
        return _refused(str(error), 400)


def _refused(words: str, status: int) -> Response:
    answer = jsonify(error=words)
    answer.status_code = status
    return answer
