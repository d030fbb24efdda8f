"""The marketer's console: one room for campaigns, one for flows; contacts have doors of their own."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from console.audit import views as audit
from console.campaigns import views as campaigns
from console.flows import views as flows
from console.packs import views as packs
from console.records import views as records
from web import login

blueprint = Blueprint("console", __name__, url_prefix="/console", template_folder="templates", static_folder="static")
login.guard(blueprint, "marketer")
blueprint.register_blueprint(flows.blueprint)
blueprint.register_blueprint(campaigns.blueprint)
blueprint.register_blueprint(packs.blueprint)
blueprint.register_blueprint(records.blueprint)
blueprint.register_blueprint(audit.blueprint)


@blueprint.get("/")
def overview() -> Response:
    """The console begins with the campaigns."""
    return redirect(url_for("console.campaigns.listing"))
