"""Where a campaign's records open: /console/campaigns/SLUG/records and .../statistics, for marketers."""

from flask import Blueprint, abort, request
from sqlalchemy.orm import Session

from core import campaigns
from db.tables import Campaign

blueprint = Blueprint("records", __name__, url_prefix="/campaigns/<slug>")


@blueprint.before_request
def refuse_what_no_name_holds() -> None:
    """PostgreSQL keeps no NUL in a text, not even to compare with it."""
    if any("\0" in str(value) for value in (request.view_args or {}).values()):
        abort(404)


def campaign_of(db: Session, slug: str) -> Campaign:
    """The campaign of that name; 404 where there is none."""
    return campaigns.by_slug(db, slug) or abort(404)
