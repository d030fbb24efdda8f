"""/console/flows/NAME: a flow's graph with counts, its versions, and the difference between two."""

from datetime import timedelta

from flask import abort, render_template, request
from sqlalchemy.orm import Session

from bot import drafting, versions
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from console.flows import coming, difference, picture, texts
from console.flows.door import blueprint
from console.flows.texts import Text
from console.flows.wording import unreadable
from core import clock, flow_figures, flow_history
from core.flow_figures import Busy
from db.tables import FlowVersion
from web.services import services

SILENT = timedelta(days=1)  # after which who stands at a question or a wait is counted as having left


@blueprint.get("/<name>")
def flow(name: str) -> str:
    """One flow; `?version=` shows an older version's graph."""
    with services().database.read() as session:
        text = texts.of_flow(session, name)
        number = request.args.get("version", type=int)
        version = flow_history.numbered(session, name, number) if number else text.published
        if number and version is None:
            abort(404)
        desk = texts.desk(session, name) if version is None else None
        scope = _scope(session, text, version) if version else {}
    if desk:  # only a draft
        scope = _picture(drafting.checked(desk, text.source).flow, None)
    return render_template("console/flows/flow.html", text=text, **scope)


def _scope(session: Session, text: Text, version: FlowVersion) -> dict[str, object]:
    now, entries = clock.now(), flow_history.of_flow(session, text.name)
    busy = flow_figures.busy_versions(session, version.flow_id)
    shown, in_use = versions.read(version), versions.read(text.published) if text.published else None
    figures = flow_figures.of_version(session, version.id, now - SILENT, now)
    return {
        "entries": entries,
        "busy": busy,
        "behind": sum(busy.get(one.version_id, Busy()).under_way for one in entries if not one.is_published),
        "nobody": Busy(),
        "done": request.args.get("done", ""),
        "moved": request.args.get("moved", type=int),
        "problem": unreadable(shown) if isinstance(shown, Mistake) else "",
        "moments": coming.rows(session, text.name, in_use if isinstance(in_use, Flow) else None, now),
        **_picture(shown if isinstance(shown, Flow) else None, version, figures),
    }


@blueprint.get("/<name>/difference")
def differences(name: str) -> str:
    """What differs between two versions, or between one and the draft (0)."""
    with services().database.read() as session:
        text = texts.of_flow(session, name)
        ends = [request.args.get(end, 0, type=int) for end in ("from", "to")]
        sources = []
        for number in ends:
            version = flow_history.numbered(session, name, number)
            if version is None and (number or not text.draft):
                abort(404)
            sources.append(version.source if version else text.source)
        entries = flow_history.of_flow(session, name)
    changes = difference.lines(*sources)
    return render_template("console/flows/difference.html", text=text, ends=ends, changes=changes, entries=entries)


def _picture(
    flow: Flow | None, version: FlowVersion | None, figures: dict[int, flow_figures.Figures] | None = None
) -> dict[str, object]:
    if flow is None:
        return {"flow": None, "version": version, "drawing": "", "steps": []}
    drawing = picture.drawn(flow, figures)
    return {"flow": flow, "version": version, "drawing": drawing, "steps": picture.steps(flow, figures or {})}
