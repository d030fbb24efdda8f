"""/console/flows/: every flow, what starts it, its published version, and how many are in it."""

from dataclasses import dataclass

from flask import render_template

from bot.catalog import flow_of
from bot.language.graph import graph
from console.flows.door import blueprint
from core import drafts, flow_figures, flow_history, flows
from core.drafts import Saved
from core.flow_figures import Busy
from core.flow_history import Entry
from web.services import services
from web.words import say

UNREADABLE = "This version cannot be read any more; publish it anew."


@dataclass(frozen=True)
class Row:
    """A flow in the list; one that is only a draft has no entry."""

    name: str
    title: str
    starts: str
    entry: Entry | None
    draft: Saved | None
    busy: Busy


@blueprint.get("/")
def listing() -> str:
    """The list."""
    with services().database.read() as session:
        under_way = {draft.name: draft for draft in drafts.all_of(session)}
        busy = flow_figures.busy(session)
        rows = []
        for entry in flow_history.published(session):
            flow = flow_of(flows.version(session, entry.version_id))
            figures = busy.get(entry.flow_id, Busy())
            starts = graph(flow).nodes[0].text if flow else say("這一版讀不了，請重新發布。", UNREADABLE)
            rows.append(
                Row(entry.name, flow.title if flow else "", starts, entry, under_way.pop(entry.name, None), figures)
            )
    rows += [Row(name, "", "", None, draft, Busy()) for name, draft in under_way.items()]
    return render_template("console/flows/list.html", rows=sorted(rows, key=lambda row: row.name))
