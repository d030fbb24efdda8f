"""/console/flows/NAME/versions/N: an older version's text, and going back to it after a question."""

from flask import abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import drafting
from console.flows import difference, texts, verdict
from console.flows.door import blueprint
from console.flows.wording import refusal
from core import clock, flow_history
from core.flows import Origin
from core.refusal import Refused
from web import login
from web.services import services


@blueprint.get("/<name>/versions/<int:number>")
def version(name: str, number: int) -> str:
    """The version's text, what going back would change, and the question."""
    with services().database.read() as session:
        return _page(session, name, number)


@blueprint.post("/<name>/versions/<int:number>")
def restore(name: str, number: int) -> Response | tuple[str, int]:
    """Publish the version's text as a new version, over the one that the page showed."""
    now = clock.now()
    origin = Origin("console", login.account().user_id, request.form.get("over", 0, type=int))
    with services().database.write() as session:
        older = flow_history.numbered(session, name, number)
        if older is None:
            abort(404)
        done = drafting.publish(
            session, drafting.desk(session, name, now, services().shop.timezone, number), older.source, origin, now
        )
        if isinstance(done, Refused):
            return _page(session, name, number, done), 409
    return redirect(url_for("console.flows.flow", name=name, done="restored"))


def _page(session: Session, name: str, number: int, refused: Refused | None = None) -> str:
    text, older = texts.of_flow(session, name), flow_history.numbered(session, name, number)
    if older is None or text.published is None:
        abort(404)
    desk = drafting.desk(session, name, clock.now(), services().shop.timezone, number)
    return render_template(
        "console/flows/version.html",
        text=text,
        older=older,
        entry=next(entry for entry in flow_history.of_flow(session, name) if entry.number == number),
        changes=difference.lines(text.published.source, older.source),
        verdict=verdict.of_text(desk, older.source),
        failure=refusal(refused) if refused else "",
    )
