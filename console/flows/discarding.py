"""POST /console/flows/NAME/discard: throw a draft away."""

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from console.flows import texts
from console.flows.door import blueprint
from core import audit, clock, drafts
from core.audit import Deed
from web import login
from web.services import services


@blueprint.post("/<name>/discard")
def discard(name: str) -> Response:
    """Gone, unless somebody has saved another one since the page was made: then the editor shows that one."""
    seen = texts.moment(request.form.get("seen", ""))
    with services().database.write() as session:
        text = texts.of_flow(session, name)
        refused = drafts.discard(session, name, seen) if seen else None
        if seen and not refused:
            deed = Deed("flow.draft_discarded", "flow", name, {"based on": text.based_on})
            audit.record(session, login.doer(), deed, clock.now())
    if refused:
        return redirect(url_for("console.flows.edit", name=name))
    if text.published:
        return redirect(url_for("console.flows.flow", name=name))
    return redirect(url_for("console.flows.listing"))
