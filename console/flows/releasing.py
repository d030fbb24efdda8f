"""/console/flows/NAME/publish: what publishing the draft will do, said first; then done."""

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import drafting
from bot.drafting import Desk
from bot.moving.forecast import Forecast, forecast
from console.flows import difference, moving, texts, verdict
from console.flows.door import blueprint
from console.flows.texts import Text
from console.flows.wording import refusal
from core import clock, drafts, flow_figures, flow_history
from core.flow_figures import Busy
from core.flows import Origin
from core.reasons import Reason
from core.refusal import Refused
from web import login
from web.services import services


@blueprint.get("/<name>/publish")
def publish(name: str) -> Response | str:
    """What will happen, the difference, and the button; without a draft there is nothing to publish."""
    with services().database.read() as session:
        text = texts.of_flow(session, name)
        if text.draft is None:
            return redirect(url_for("console.flows.flow", name=name))
        return _page(session, text, drafting.desk(session, name, clock.now(), services().shop.timezone))


@blueprint.post("/<name>/publish")
def publish_now(name: str) -> Response | tuple[str, int]:
    """Publish the draft that the page showed, over the version that the page showed; else the page again."""
    now, seen = clock.now(), request.form.get("seen", "")
    origin = Origin("console", login.account().user_id, request.form.get("over", 0, type=int))
    with services().database.write() as session:
        text = texts.of_flow(session, name)
        desk = drafting.desk(session, name, now, services().shop.timezone)
        if text.draft is None or text.seen != seen:
            done: object = Refused(Reason.FLOW_DRAFT_CHANGED, name)
        else:
            done = drafting.publish(session, desk, text.source, origin, now)
        if text.draft and not isinstance(done, Refused):  # one that was saved in this very moment stays
            drafts.discard(session, name, text.draft.updated_at)
    if isinstance(done, Refused):
        with services().database.read() as session:
            return _page(
                session, texts.of_flow(session, name), drafting.desk(session, name, now, services().shop.timezone), done
            ), 409
    if request.form.get("move"):
        return moving.move_and_say(name, "published")
    return redirect(url_for("console.flows.flow", name=name, done="published"))


def _page(session: Session, text: Text, desk: Desk, refused: Refused | None = None) -> str:
    entries = flow_history.of_flow(session, text.name)
    before = flow_history.numbered(session, text.name, text.based_on)
    busy = flow_figures.busy(session).get(entries[0].flow_id, Busy()) if entries else Busy()
    published = text.published.source if text.published else ""
    judged = verdict.of_text(desk, text.source)
    next_number = entries[0].number + 1 if entries else 1
    return render_template(
        "console/flows/publish.html",
        text=text,
        verdict=judged,
        failure=refusal(refused) if refused else "",
        changes=difference.lines(published, text.source),
        meanwhile=difference.lines(before.source, published) if before and text.number > text.based_on else [],
        newest=next((entry for entry in entries if entry.is_published), None),
        next_number=next_number,
        busy=busy,
        forecast=forecast(session, judged.flow, next_number, desk.known) if judged.flow else Forecast(),
    )
