"""/console/flows/NAME/publish: what publishing the draft will do, said first; then done."""

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import drafting
from bot.drafting import Desk
from bot.moving.forecast import Forecast, forecast
from bot.publishing import Proven
from console.flows import coming, difference, moving, texts, verdict
from console.flows.door import blueprint
from console.flows.texts import Text
from console.flows.wording import refusal
from core import clock, drafts, flow_history
from core.drafts import Saved
from core.flows import Origin
from core.reasons import Reason
from core.refusal import Refused
from web import login
from web.services import services


@blueprint.get("/<name>/publish")
def publish(name: str) -> Response | str:
    """What will happen, the difference, and the button; without a draft there is nothing to publish."""
    with services().database.read() as session:
        text, desk = texts.of_flow(session, name), texts.desk(session, name)
    if text.draft is None:
        return redirect(url_for("console.flows.flow", name=name))
    return _page(text, desk)


@blueprint.post("/<name>/publish")
def publish_now(name: str) -> Response | tuple[str, int]:
    """Publish the draft that the page showed, over the version that the page showed; else the page again.

    The draft is tried before the transaction that publishes it: a long text would keep every other writer waiting.
    """
    with services().database.read() as session:
        text, desk = texts.of_flow(session, name), texts.desk(session, name)
    if text.draft is None:
        return redirect(url_for("console.flows.flow", name=name))
    if text.seen != request.form.get("seen", ""):
        done: object = Refused(Reason.FLOW_DRAFT_CHANGED, name)
    else:
        done = drafting.proven(desk, text.source)
    if isinstance(done, Proven):
        with services().database.write() as session:
            done = _publish(session, desk, text.draft, done)
    if isinstance(done, Refused):
        with services().database.read() as session:
            text, desk = texts.of_flow(session, name), texts.desk(session, name)
        return _page(text, desk, done), 409
    if request.form.get("move"):
        return moving.move_and_say(name, "published")
    return redirect(url_for("console.flows.flow", name=name, done="published"))


def _publish(session: Session, desk: Desk, draft: Saved, proven: Proven) -> object:
    """Publish the draft and clear it away, both or neither; another one may have been saved since it was read."""
    origin = Origin("console", login.account().user_id, request.form.get("over", 0, type=int))
    with session.begin_nested() as both:
        done = drafts.discard(session, draft.name, draft.updated_at) or drafting.publish(
            session, desk, proven, origin, clock.now()
        )
        if isinstance(done, Refused):
            both.rollback()
    return done


def _page(text: Text, desk: Desk, refused: Refused | None = None) -> str:
    judged = verdict.of_text(desk, text.source)
    with services().database.read() as session:
        entries = flow_history.of_flow(session, text.name)
        before = flow_history.numbered(session, text.name, text.based_on)
        number = entries[0].number + 1 if entries else 1
        found = forecast(session, judged.flow, number, desk.known) if judged.flow else Forecast()
        stopped = coming.stopped(session, text.name, judged.flow, clock.now()) if judged.flow else []
    published = text.published.source if text.published else ""
    return render_template(
        "console/flows/publish.html",
        text=text,
        verdict=judged,
        failure=refusal(refused, over_draft=True) if refused else "",
        changes=difference.lines(published, text.source),
        meanwhile=difference.lines(before.source, published) if before and text.number > text.based_on else [],
        newest=next((entry for entry in entries if entry.is_published), None),
        next_number=number,
        forecast=found,
        stopped=stopped,
    )
