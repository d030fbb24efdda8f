"""/console/campaigns/SLUG/: one campaign: where it stands, what is to be done, and what was done to it."""

from flask import render_template, request

from console.audit.wording import about
from console.campaigns import funnel, looks, wording
from console.campaigns.door import blueprint, known
from console.campaigns.entry import COLORS
from console.wording import good_for
from core import campaign_log, campaign_search, campaigns, clock
from core.campaigns import ChangeRefused
from core.refusal import Refused
from web.services import services
from web.words import language

NEWEST = 30  # deeds that are shown


@blueprint.get("/<slug>/")
def overview(slug: str) -> str:
    """The page; `done` says what has just been done."""
    return page(slug, None, request.args.get("done", ""))


def page(slug: str, refused: Refused | None, done: str = "") -> str:
    """The campaign's page, with what was refused just now."""
    now = clock.now()
    with services().database.read() as session:
        campaign = known(session, slug)
        of_it = funnel.of_campaigns(session, [campaign.id])[campaign.id]
        stock = campaign_search.stocks(session, [campaign.id])[campaign.id]
        deeds = campaign_log.of_campaign(session, slug, NEWEST)
    return render_template(
        "console/campaigns/overview.html",
        campaign=campaign,
        status=campaigns.status(campaign, now),
        funnel=of_it,
        stock=stock,
        good_for=good_for(campaign),
        weak=looks.weaknesses({name: getattr(campaign, name) for name in COLORS}),
        deeds=deeds,
        deed_about=about,
        done=wording.done(done),
        failure=_failure(refused),
    )


def _failure(refused: Refused | None) -> str:
    if isinstance(refused, ChangeRefused) and refused.consequences:
        return " ".join(one.of(language()) for one in refused.consequences)
    return wording.refusal(refused) if refused else ""
