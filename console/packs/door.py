"""Where a campaign's serials open: /console/campaigns/SLUG/packs/, for marketers. Uploads alone may be large."""

from typing import Any

from flask import Blueprint, abort, request
from flask_login import current_user
from sqlalchemy.orm import Session

from core import campaigns
from core.audit import Doer
from db.tables import Campaign
from web import login
from web.security import LARGEST_REQUEST
from web.services import services

UPLOAD = "console.packs.upload"

blueprint = Blueprint("packs", __name__, url_prefix="/campaigns/<slug>/packs")


@blueprint.url_value_preprocessor
def let_files_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form is read, which is where its CSRF token is. Of strangers no more is read than anywhere else."""
    if endpoint == UPLOAD and current_user.is_authenticated:
        request.max_content_length = services().serials_file_bytes + LARGEST_REQUEST


@blueprint.before_request
def refuse_what_no_name_holds() -> None:
    """PostgreSQL keeps no NUL in a text, not even to compare with it."""
    if "\0" in (request.view_args or {}).get("slug", ""):
        abort(404)


def campaign(session: Session, slug: str) -> Campaign:
    """The campaign of the page's address; 404 where there is none."""
    return campaigns.by_slug(session, slug) or abort(404)


def doer() -> Doer:
    """Who is logged in, for the audit log."""
    account = login.account()
    return Doer(account.user_id, account.username)
