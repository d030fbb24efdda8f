"""/console/campaigns/SLUG/records/refused: what was not sent, and taps that got no serial, with the reasons."""

from flask import render_template, request

from console.records.door import blueprint, campaign_of
from core import records_refused
from core.records_refused import KINDS, Kind
from db.base import LARGEST_ID
from web.services import services


@blueprint.get("/records/refused")
def refusals(slug: str) -> str:
    """One of the two lists, the newest first."""
    kind: Kind = next((known for known in KINDS if known == request.args.get("kind")), "sending")
    after, before = (_number(name) for name in ("after", "before"))
    with services().database.read() as db:
        campaign = campaign_of(db, slug)
        page = records_refused.page(db, campaign.id, kind, after, before)
    return render_template("console/records/refused.html", campaign=campaign, kind=kind, page=page)


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= LARGEST_ID else None
