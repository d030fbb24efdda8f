"""/console/flows/: every flow, what starts it, its published version, and how many are in it."""

from dataclasses import dataclass

from flask import render_template
from sqlalchemy.orm import Session

from bot import versions
from bot.language.graph import graph
from bot.language.mistakes import Mistake
from console.flows.door import blueprint
from console.flows.wording import unreadable
from core import drafts, flow_figures, flow_history, flows
from core.drafts import Saved
from core.flow_figures import Busy
from core.flow_history import Entry
from web.services import services


@dataclass(frozen=True)
class Row:
    """A flow in the list; one that is only a draft has no entry. `problem`: its published version cannot be read."""

    name: str
    title: str
    starts: str
    entry: Entry | None
    draft: Saved | None
    busy: Busy
    problem: str = ""


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as session:
        under_way = {draft.name: draft for draft in drafts.all_of(session)}
        busy = flow_figures.busy(session)
        rows = [
            _row(session, entry, under_way.pop(entry.name, None), busy.get(entry.flow_id, Busy()))
            for entry in flow_history.published(session)
        ]
    rows += [Row(name, "", "", None, draft, Busy()) for name, draft in under_way.items()]
    return render_template("console/flows/list.html", rows=sorted(rows, key=lambda row: row.name))


def _row(session: Session, entry: Entry, draft: Saved | None, busy: Busy) -> Row:
    flow = versions.read(flows.version(session, entry.version_id))
    if isinstance(flow, Mistake):
        return Row(entry.name, "", "", entry, draft, busy, unreadable(flow))
    return Row(entry.name, flow.title, graph(flow).nodes[0].text, entry, draft, busy)
