"""/console/campaigns/SLUG/packs/: packs in their order, what is being made, levels of stock, three ways to add."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.packs import wording
from console.packs.door import blueprint, campaign
from core import clock, serials, stock_levels
from core.imports import uploads
from core.imports.encodings import GUESSED
from core.reasons import Reason
from core.refusal import Refused
from web import login
from web.services import services
from web.words import say


@blueprint.get("/")
def listing(slug: str) -> str:
    """The page."""
    return page(slug)


@blueprint.post("/levels")
def set_levels(slug: str) -> Response | tuple[str, int]:
    """Warn at these numbers of serials left, and at no others."""
    wanted = stock_levels.read(request.form.get("levels", ""))
    if isinstance(wanted, Refused):
        return page(slug, failure=wording.why(Reason.LEVELS_MALFORMED), failed="levels"), 422
    with services().database.write() as session:
        stock_levels.put(session, campaign(session, slug).id, wanted, login.doer(), clock.now())
    return redirect(url_for("console.packs.listing", slug=slug, done="levels"), 303)


def page(slug: str, failure: str = "", failed: str = "", *, is_read: bool = True) -> str:
    """The page; `failed` is the form ('file', 'fixed', 'generated', 'levels') that could not be done, and why.

    A form that is too large is not read.
    """
    with services().database.read() as session:
        found = campaign(session, slug)
        packs = serials.packs(session, found.id)
        left = serials.stock(session, found.id)
        made = uploads.of_campaign(session, found.id)
        levels = stock_levels.levels(session, found.id)
    return render_template(
        "console/packs/list.html",
        campaign=found,
        packs=packs,
        left=left,
        imports=made,
        levels=levels,
        failure=failure,
        failed=failed,
        given=request.form if is_read else {},
        done=_done(request.args.get("done", "")),
        limit=services().serials_file_bytes,
        encodings=("utf-8", *GUESSED),
        wording=wording,
    )


def _done(what: str) -> str:
    words = {
        "fixed": say("已加入固定序號。", "The fixed serials are added."),
        "levels": say("已更新庫存提醒。", "The stock warnings are set."),
        "withdrawn": say("已停用：不再發放這個序號包。", "Withdrawn: no more of it is given out."),
        "restored": say("已恢復發放。", "It is given out again."),
    }
    return words.get(what, "")
