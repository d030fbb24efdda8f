"""/console/campaigns/new and /console/campaigns/SLUG/edit: a campaign added or changed by its form."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.campaigns import entry, form, slugs
from console.campaigns.door import blueprint, known
from console.campaigns.entry import FIELDS, NEW
from console.campaigns.form import Form
from console.fields import typed
from core import campaigns, clock
from core.campaigns import LANGUAGES, Changed, ChangeRefused, Spec
from core.campaigns.spec import tidied
from db.tables import Campaign
from web import login
from web.services import services

Answer = Response | str | tuple[str, int]


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """A campaign that is to be."""
    if request.method == "GET":
        return form.page(None, Form(entry.of_spec(NEW, services().shop.timezone)))
    filled = form.sent()
    if filled.is_only_asked_for:
        return form.page(None, filled)
    with services().database.read() as session:
        filled.words["slug"] = filled.words["slug"].strip() or slugs.proposed(session, filled.words, clock.now())
    spec = form.read(filled, NEW)
    if filled.wrong:
        return form.page(None, filled), HTTPStatus.UNPROCESSABLE_ENTITY
    with services().database.write() as session:
        done = campaigns.create(session, spec, login.doer(), "console", clock.now())
    if isinstance(done, ChangeRefused):
        form.refuse(filled, done, None)
        return form.page(None, filled), HTTPStatus.CONFLICT
    return _done(spec.slug, "created")


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
def edit(slug: str) -> Answer:
    """A campaign that is there."""
    with services().database.read() as session:
        campaign = known(session, slug)
    before = campaigns.spec_of(campaign)
    if request.method == "GET":
        return form.page(campaign, Form(entry.of_spec(before, services().shop.timezone), campaign.revision))
    filled = form.sent()
    filled.words["slug"] = slug
    if filled.is_only_asked_for:
        return form.page(campaign, filled)
    spec = tidied(form.read(filled, before))
    if filled.wrong:
        return form.page(campaign, filled), HTTPStatus.UNPROCESSABLE_ENTITY
    if filled.revision == campaign.revision and (question := _question(campaign, spec, filled)):
        return question
    with services().database.write() as session:
        done = campaigns.change(session, slug, spec, filled.revision, login.doer(), "console", clock.now())
    if isinstance(done, Changed):
        return _done(slug, "changed" if done.differences else "unchanged")
    with services().database.read() as session:
        campaign = known(session, slug)
    form.refuse(filled, done, campaign)
    return form.page(campaign, filled), HTTPStatus.CONFLICT


def _done(slug: str, what: str) -> Response:
    return redirect(url_for("console.campaigns.overview", slug=slug, done=what), 303)


def _question(campaign: Campaign, spec: Spec, filled: Form) -> str:
    """What the change means for coupons that are out, to be read before it is saved; empty where nothing is to be said.

    Asked once: `agreed` names what was said. What refuses the change is told at its fields, when it is refused.
    """
    with services().database.read() as session:
        standing = campaigns.standing(session, campaign, clock.now())
    before = campaigns.spec_of(campaign)
    found = campaigns.consequences(before, spec, standing)
    said = ",".join(sorted(one.code for one in found))
    if not standing.sent or not found or any(one.is_refused for one in found) or typed("agreed") == said:
        return ""
    return render_template(
        "console/campaigns/question.html",
        campaign=campaign,
        consequences=found,
        differences=campaigns.between(before, spec),
        words={name: filled.words[name] for name in FIELDS},
        revision=filled.revision,
        act=typed("act"),
        agreed=said,
        languages=LANGUAGES,
    )
