"""The marketer's console: campaigns with their numbers, and each one's records. It shows; files and commands change."""

from flask import Blueprint, abort, render_template

from console.flows import views as flows
from console.packs import views as packs
from console.wording import good_for
from core import campaigns, records
from web import login
from web.services import services

NEWEST = 100  # records on a campaign's page

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
login.guard(blueprint, "marketer")
blueprint.register_blueprint(flows.blueprint)
blueprint.register_blueprint(packs.blueprint)


@blueprint.get("/")
def overview() -> str:
    """Every campaign with sent, opened, redeemed, verified and what is left."""
    with services().database.read() as db:
        return render_template("console/overview.html", figures=campaigns.figures(db))


@blueprint.get("/campaigns/<slug>")
def campaign(slug: str) -> str:
    """One campaign: its settings and its newest records."""
    with services().database.read() as db:
        figures = next((one for one in campaigns.figures(db) if one.campaign.slug == slug), None)
        if figures is None:
            abort(404)
        newest = list(records.of_campaign(db, figures.campaign.id, newest=NEWEST))
        return render_template(
            "console/campaign.html", figures=figures, records=newest, newest=NEWEST, good_for=good_for
        )
