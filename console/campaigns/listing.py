"""/console/campaigns/: every campaign with its status, what is left, and how far its coupons have come."""

from flask import render_template, request

from console.campaigns import funnel
from console.campaigns.door import blueprint
from console.fields import plain
from core import campaign_search, clock, limits
from core.campaigns import Status
from web.services import services

LONGEST_SEARCH = 100  # characters


@blueprint.get("/")
def listing() -> str:
    """The list: found by words and status, archived ones only where they are asked for."""
    words = plain(request.args.get("q", "")).strip()[:LONGEST_SEARCH]
    show = next((one for one in Status if one == request.args.get("show")), None)
    number = request.args.get("page", 1, type=int)
    with services().database.read() as session:
        page = campaign_search.find(session, words, show, number, clock.now())
        ids = [row.campaign.id for row in page.rows]
        funnels, stocks = funnel.of_campaigns(session, ids), campaign_search.stocks(session, ids)
        left = {row.campaign.id: limits.can_give(row.campaign, stocks[row.campaign.id]) for row in page.rows}
    return render_template("console/campaigns/list.html", page=page, funnels=funnels, left=left, words=words, show=show)
