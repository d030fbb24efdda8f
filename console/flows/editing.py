"""/console/flows/new and /console/flows/NAME/edit: a flow's text, saved as a draft that customers do not meet."""

from flask import Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.flows import difference, samples, starter, texts, trial, verdict
from console.flows.door import blueprint
from console.flows.wording import refusal
from core import clock, drafts, flow_history
from core.refusal import Refused
from web import login
from web.services import services
from web.words import local_time, say


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> AnyResponse | str | tuple[str, int]:
    """Name a new flow; its draft begins with a small example."""
    if request.method == "GET":
        return render_template("console/flows/new.html", name="", title="", failure="")
    name, title = request.form.get("name", "").strip().lower(), request.form.get("title", "").strip()
    failure = starter.wrong_name(name)
    if not failure:
        by = (login.account().user_id, clock.now())
        with services().database.write() as session:
            taken = bool(flow_history.of_flow(session, name)) or drafts.save(
                session, name, starter.text(name, title), 0, None, by
            )
        failure = say(f"已經有「{name}」這個流程了。", f"There is a flow “{name}” already.") if taken else ""
    if failure:
        return render_template("console/flows/new.html", name=name, title=title, failure=failure), 422
    return redirect(url_for("console.flows.edit", name=name))


@blueprint.get("/<name>/edit")
def edit(name: str) -> str:
    """The editor, with the draft or else the published text."""
    return _page(name, None)


@blueprint.post("/<name>/draft")
def save(name: str) -> AnyResponse | tuple[str, int]:
    """Save the draft; `then` says where to go. A script asks for JSON and stays where it is."""
    source = texts.typed(request.form.get("source", ""))
    seen, now = texts.moment(request.form.get("seen", "")), clock.now()
    with services().database.write() as session:
        text = texts.of_flow(session, name)
        based_on = max(0, min(request.form.get("based_on", 0, type=int), text.number))
        refused = drafts.save(session, name, source, based_on, seen, (login.account().user_id, now))
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return _answer(refused, now.isoformat(), local_time(now))
    if refused:
        return _page(name, source, refused), 409
    aims = {"publish": "console.flows.publish", "try": "console.flows.rehearse"}
    return redirect(url_for(aims.get(request.form.get("then", ""), "console.flows.edit"), name=name))


def _answer(refused: Refused | None, seen: str, at: str) -> Response:
    if refused:
        return make_response(jsonify(error=refusal(refused), reason=refused.reason), 409)
    return jsonify(seen=seen, said=say(f"草稿已儲存（{at}）。", f"Draft saved ({at})."))


def _page(name: str, typed: str | None, refused: Refused | None = None) -> str:
    """The editor, with what was `typed` after a refusal, and what in it differs from the draft saved meanwhile."""
    with services().database.read() as session:
        text, desk = texts.of_flow(session, name), texts.desk(session, name)
    source = text.source if typed is None else typed
    found = verdict.of_text(desk, source)
    return render_template(
        "console/flows/edit.html",
        text=text,
        source=source,
        verdict=found,
        failure=refusal(refused) if refused else "",
        changes=difference.lines(text.source, source) if refused else [],
        samples=samples.of_shop(desk.known.campaigns),
        **trial.begun(desk, found),
    )
