"""/console/flows/NAME/move: people in older versions moved to the one in use; first said who would, who not."""

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot import surroundings, versions
from bot.language.mistakes import Mistake
from bot.moving import batches
from bot.moving.forecast import forecast
from console.flows import texts
from console.flows.door import blueprint
from core import clock
from web import login
from web.services import services

LONGEST = 8  # seconds that a page lets one wait; some ten thousand people move in them


@blueprint.get("/<name>/move")
def move(name: str) -> Response | str:
    """How many people would move, how many would not and why, and the button."""
    with services().database.read() as session:
        text = texts.of_flow(session, name)
        if text.published is None:
            abort(404)
        flow = versions.read(text.published)
        if isinstance(flow, Mistake):  # the flow's page says so
            return redirect(url_for("console.flows.flow", name=name))
        found = forecast(session, flow, text.number, surroundings.known(session, clock.now()))
    done = request.args.get("moved", type=int)
    return render_template("console/flows/move.html", text=text, forecast=found, moved=done)


@blueprint.post("/<name>/move")
def move_now(name: str) -> Response:
    """Move them."""
    with services().database.read() as session:
        texts.of_flow(session, name)
    return move_and_say(name)


def move_and_say(name: str, done: str = "") -> Response:
    """Move them, then the flow's page; where time was too short for all of them, the question once more."""
    moved = batches.move(services().database, name, LONGEST, login.doer())
    if moved is None:
        abort(404)
    aim = "console.flows.flow" if moved.is_whole else "console.flows.move"
    return redirect(url_for(aim, name=name, moved=moved.people, done=done or None))
