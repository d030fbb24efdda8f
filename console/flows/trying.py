"""/console/flows/NAME/try: a chat with the draft beside its graph."""

from typing import cast

from flask import render_template, request

from bot.drafting import Desk
from console.flows import texts, trial, verdict
from console.flows.door import blueprint
from console.flows.talk import opened
from console.flows.trial import Channel, Scope
from web.services import services


@blueprint.get("/<name>/try")
def rehearse(name: str) -> str:
    """A conversation that is about to begin."""
    return _page(name, None)


@blueprint.post("/<name>/try")
def act(name: str) -> str:
    """One act of it. An editor sends the text that is being written; else it is had with the draft."""
    return _page(name, request.form.get("source"))


def _page(name: str, source: str | None) -> str:
    with services().database.read() as session:
        text = texts.of_flow(session, name)
        desk = texts.desk(session, name)
    found = verdict.of_text(desk, texts.typed(source) if source else text.source)
    return render_template("console/flows/try.html", text=text, verdict=found, **_scope(desk, found))


def _scope(desk: Desk, found: verdict.Verdict) -> Scope:
    kind, _, data = request.form.get("act", "").partition(":")
    if kind == "write" and not request.form.get("write", "").strip() and request.form.get("after", "").strip():
        kind = "after"  # Enter in the field for the time presses the form's first button, which is the one for words
    talk = opened(request.form.get("talk", "")) if kind not in {"", "restart"} else None
    if talk:
        return trial.gone_on(desk, found, talk, kind, data or request.form.get(kind, ""))
    channel = "messenger" if request.values.get("channel") == "messenger" else "line"
    return trial.begun(desk, found, cast("Channel", channel), request.values.get("language", ""))
