"""Where the room for campaigns opens: /console/campaigns/, for marketers."""

from flask import Blueprint, abort, request
from sqlalchemy.orm import Session

from core import campaigns
from core.audit import Doer
from db.tables import Campaign
from web import login

blueprint = Blueprint("campaigns", __name__, url_prefix="/campaigns")


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
