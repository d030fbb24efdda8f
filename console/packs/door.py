"""Where a campaign's serials open: /console/campaigns/SLUG/packs/, for marketers. Uploads alone may be large."""

from typing import Any

from flask import Blueprint, abort, request
from flask_login import current_user
from sqlalchemy.orm import Session

from core import campaigns
from db.tables import Campaign
from web.security import LARGEST_REQUEST
from web.services import services

UPLOAD = "console.packs.upload"

blueprint = Blueprint("packs", __name__, url_prefix="/campaigns/<slug>/packs")


@blueprint.url_value_preprocessor
def let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form is read, which is where its CSRF token is. Of strangers no more is read than anywhere else."""
    if endpoint == UPLOAD and current_user.is_authenticated:
        request.max_content_length = services().serials_file_bytes + LARGEST_REQUEST


def campaign(session: Session, slug: str) -> Campaign:
    """The campaign of the page's address; 404 where there is none."""
    return campaigns.by_slug(session, slug) or abort(404)
