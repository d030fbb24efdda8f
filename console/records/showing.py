"""/console/campaigns/SLUG/records/REFERENCE: all that happened to one coupon, and what can be taken back."""

from http import HTTPStatus

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.fields import typed
from console.records.door import blueprint, campaign_of
from core import clock, records_history
from core.correcting import WHATS, Correction, What, correct
from core.refusal import Refused
from core.undo import REASON_KEPT
from web import login
from web.services import services


@blueprint.get("/records/<reference>")
def record(slug: str, reference: str) -> str:
    """The record's page."""
    return _page(slug, reference, done=request.args.get("done", ""))


@blueprint.post("/records/<reference>/undo")
def undo(slug: str, reference: str) -> Response | tuple[str, int]:
    """Take the redemption or the verification back, with the reason that was typed."""
    what: What | None = next((known for known in WHATS if known == typed("what")), None)
    if what is None:
        abort(HTTPStatus.BAD_REQUEST)
    correction = Correction(what, typed("reason"), is_burnt=typed("serial") == "burn")
    with services().database.read() as db:  # its whole history, before anybody is held up
        history = records_history.of_reference(db, campaign_of(db, slug).id, reference) or abort(404)
    with services().database.write() as db:
        outcome = correct(db, history.record.coupon_id, correction, login.doer(), clock.now())
    if isinstance(outcome, Refused):
        return _page(slug, reference, refused=outcome, reason=correction.reason), HTTPStatus.CONFLICT
    return redirect(url_for("console.records.record", slug=slug, reference=reference, done=what), 303)


def _page(slug: str, reference: str, **more: object) -> str:
    with services().database.read() as db:
        campaign = campaign_of(db, slug)
        history = records_history.of_reference(db, campaign.id, reference) or abort(404)
    return render_template(
        "console/records/record.html",
        campaign=campaign,
        history=history,
        record=history.record,
        most=records_history.MOST,
        longest=REASON_KEPT,
        **more,
    )
