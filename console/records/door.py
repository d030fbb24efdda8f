"""Where a campaign's records open: /console/campaigns/SLUG/records and .../statistics, for marketers."""

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from core import campaigns
from db.tables import Campaign

blueprint = Blueprint("records", __name__, url_prefix="/campaigns/<slug>")


def campaign_of(db: Session, slug: str) -> Campaign:
    """The campaign of that name; 404 where there is none."""
    return campaigns.by_slug(db, slug) or abort(404)
