"""What is done to a campaign beside its form: published, ended, resumed, archived, duplicated."""

from http import HTTPStatus

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from console.campaigns import overview
from console.campaigns.door import blueprint, known
from core import campaigns, clock
from core.campaigns import Changed
from core.refusal import Refused
from web import login
from web.services import services

LIFE = {
    "archive": campaigns.archive,
    "unarchive": campaigns.unarchive,
    "end": campaigns.end,
    "resume": campaigns.resume,
}
PUBLISHING = {"publish": campaigns.publish, "unpublish": campaigns.unpublish}


@blueprint.get("/<slug>/<any(archive, end):act>")
def ask(slug: str, act: str) -> str:
    """What it will mean, and the button."""
    with services().database.read() as session:
        campaign = known(session, slug)
        standing = campaigns.standing(session, campaign, clock.now())
    return render_template("console/campaigns/ask.html", campaign=campaign, act=act, standing=standing)


@blueprint.post("/<slug>/<any(archive, unarchive, end, resume, publish, unpublish, duplicate):act>")
def do(slug: str, act: str) -> Response | tuple[str, int]:
    """Do it. The campaign's page then says so, or why not."""
    with services().database.write() as session:
        known(session, slug)
        done = _do(session, slug, act)
    if isinstance(done, Refused):
        return overview.page(slug, done), HTTPStatus.CONFLICT
    if isinstance(done, Changed) and act == "duplicate":
        return redirect(url_for("console.campaigns.edit", slug=done.campaign.slug, done="duplicate"), 303)
    return redirect(url_for("console.campaigns.overview", slug=slug, done=act), 303)


def _do(session: Session, slug: str, act: str) -> object:
    by, now = login.doer(), clock.now()
    if act == "duplicate":
        return campaigns.duplicate(session, slug, campaigns.free_slug(session, slug), by, "console", now)
    if act in PUBLISHING:
        return PUBLISHING[act](session, slug, by, "console", now)
    return LIFE[act](session, slug, now, by)
