"""/console/flows/NAME/versions/N: an older version's text, and going back to it after a question."""

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import drafting
from bot.publishing import Proven
from console.flows import difference, texts, verdict
from console.flows.door import blueprint
from console.flows.wording import refusal
from core import clock, flow_history
from core.flows import Origin
from core.refusal import Refused
from db.tables import FlowVersion
from web import login
from web.services import services


@blueprint.get("/<name>/versions/<int:number>")
def version(name: str, number: int) -> str:
    """The version's text, what going back would change, and the question."""
    return _page(name, number)


@blueprint.post("/<name>/versions/<int:number>")
def restore(name: str, number: int) -> Response | tuple[str, int]:
    """Publish the version's text as a new version, over the one that the page showed; tried before it is stored."""
    with services().database.read() as session:
        older, desk = _older(session, name, number), texts.desk(session, name, number)
    origin = Origin("console", login.account().user_id, request.form.get("over", 0, type=int))
    done: object = drafting.proven(desk, older.source)
    if isinstance(done, Proven):
        with services().database.write() as session:
            done = drafting.publish(session, desk, done, origin, clock.now())
    if isinstance(done, Refused):
        return _page(name, number, done), 409
    return redirect(url_for("console.flows.flow", name=name, done="restored"))


def _older(session: Session, name: str, number: int) -> FlowVersion:
    return flow_history.numbered(session, name, number) or abort(404)


def _page(name: str, number: int, refused: Refused | None = None) -> str:
    with services().database.read() as session:
        text, older = texts.of_flow(session, name), _older(session, name, number)
        desk, entries = texts.desk(session, name, number), flow_history.of_flow(session, name)
    if text.published is None:
        abort(404)
    return render_template(
        "console/flows/version.html",
        text=text,
        older=older,
        entry=next(entry for entry in entries if entry.number == number),
        changes=difference.lines(text.published.source, older.source),
        verdict=verdict.of_text(desk, older.source),
        failure=refusal(refused) if refused else "",
    )
