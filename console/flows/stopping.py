"""/console/flows/NAME/stop: a start at its time stopped, before it comes or in the middle; after a question."""

from datetime import datetime

import structlog
from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from bot import versions
from bot.language.model import Flow
from console.flows import coming, texts
from console.flows.coming import Row
from console.flows.door import blueprint
from console.sentences import sentence
from core import audit, clock, timed_starts
from core.audit import Action, Deed
from core.refusal import Refused
from web import login
from web.services import services

log = structlog.get_logger(__name__)


@blueprint.get("/<name>/stop")
def stop(name: str) -> str:
    """For how many it would begin, with how many it has begun, and the button."""
    return _page(name, _at(), None)


@blueprint.post("/<name>/stop")
def stop_now(name: str) -> Response | tuple[str, int]:
    """Stop it; one that was stopped while it is ahead can begin after all."""
    at, now = _at(), clock.now()
    flow_id, _ = _row(name, at)
    does_resume = request.form.get("act") == "resume"
    with services().database.write() as session:
        act = timed_starts.resume if does_resume else timed_starts.stop
        done = act(session, flow_id, at, now)
        if not isinstance(done, Refused):
            deed: Action = "flow.start_resumed" if does_resume else "flow.start_stopped"
            detail = {"at": at.isoformat(), "people": done}
            audit.record(session, login.doer(), Deed(deed, "flow", name, detail), now)
    if isinstance(done, Refused):
        return _page(name, at, done), 409
    event, user_id = "start_resumed" if does_resume else "start_stopped", login.account().user_id
    log.info(event, flow=name, at=at.isoformat(), user_id=user_id, people=done)
    return redirect(url_for("console.flows.flow", name=name, done="resumed" if does_resume else "stopped"))


def _at() -> datetime:
    """The moment that the request is about."""
    return texts.moment(request.values.get("at", "")) or abort(400)


def _row(name: str, at: datetime) -> tuple[int, Row]:
    """The flow's id, and the moment as its page shows it; a page that says so where it has no such moment."""
    with services().database.read() as session:
        published = texts.of_flow(session, name).published or abort(404)
        flow = versions.read(published)
        rows = coming.rows(session, name, flow if isinstance(flow, Flow) else None, clock.now())
    return published.flow_id, next((row for row in rows if row.at == at), None) or abort(404)


def _page(name: str, at: datetime, refused: Refused | None) -> str:
    _, row = _row(name, at)
    failure = sentence(refused.reason) if refused else ""
    return render_template("console/flows/stop.html", name=name, row=row, at=at.isoformat(), failure=failure)
