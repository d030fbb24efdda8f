"""Where the room for campaigns opens: /console/campaigns/, for marketers."""

from typing import Any

from flask import Blueprint, abort, request
from flask_login import current_user
from sqlalchemy.orm import Session

from core import campaigns
from core.audit import Doer
from db.tables import Campaign
from web import login

# Without scripts a photo comes with the form as it is. No phone's is larger; one that is too large for a coupon is then
# refused at its field, and with it the form comes back as it was typed.
LARGEST_FORM = 64_000_000  # bytes
WITH_PICTURE = {"console.campaigns.new", "console.campaigns.edit", "console.campaigns.preview"}

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@blueprint.url_value_preprocessor
def let_pictures_in(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before the form is read, which is where its CSRF token is. Of strangers no more is read than anywhere else."""
    if endpoint in WITH_PICTURE and current_user.is_authenticated:
        request.max_content_length = LARGEST_FORM


@blueprint.before_request
def refuse_what_no_slug_holds() -> None:
    """PostgreSQL keeps no NUL in a text, not even to compare with it."""
    if "\0" in (request.view_args or {}).get("slug", ""):
        abort(404)


def known(session: Session, slug: str) -> Campaign:
    """The campaign; a page that says so where there is none."""
    return campaigns.by_slug(session, slug) or abort(404)


def doer() -> Doer:
    """Who is logged in, for the audit log."""
    account = login.account()
    return Doer(account.user_id, account.username)
