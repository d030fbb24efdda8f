"""Where the room for campaigns opens: /console/campaigns/, for marketers."""

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from core import campaigns
from db.tables import Campaign

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


def known(session: Session, slug: str) -> Campaign:
    """The campaign; a page that says so where there is none."""
    return campaigns.by_slug(session, slug) or abort(404)
