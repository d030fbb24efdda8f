"""A pack withdrawn, or given out again: after a question that says what it means."""

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.packs import wording
from console.packs.door import blueprint, campaign
from core import clock, serials
from core.refusal import Refused
from db.base import LARGEST_ID
from web import login
from web.services import services

ID = f"<int(max={LARGEST_ID}):pack_id>"


@blueprint.get(f"/{ID}/withdraw")
def withdraw(slug: str, pack_id: int) -> str:
    """What will no more be given out, what stays good, and the button."""
    return _question(slug, pack_id)


@blueprint.get(f"/{ID}/restore")
def restore(slug: str, pack_id: int) -> str:
    """What will be given out again, and the button."""
    return _question(slug, pack_id)


@blueprint.post(f"/{ID}/withdraw")
def withdraw_now(slug: str, pack_id: int) -> Response:
    """Give out no more of it."""
    return _set(slug, pack_id, is_withdrawn=True)


@blueprint.post(f"/{ID}/restore")
def restore_now(slug: str, pack_id: int) -> Response:
    """Give it out again."""
    return _set(slug, pack_id, is_withdrawn=False)


def _set(slug: str, pack_id: int, *, is_withdrawn: bool) -> Response:
    with services().database.write() as session:
        found = campaign(session, slug)
        if pack_id not in {pack.id for pack, _ in serials.packs(session, found.id)}:
            abort(404)
        act = serials.withdraw if is_withdrawn else serials.restore
        if isinstance(act(session, pack_id, clock.now(), login.doer()), Refused):
            abort(404)
    return redirect(url_for("console.packs.listing", slug=slug, done="withdrawn" if is_withdrawn else "restored"), 303)


def _question(slug: str, pack_id: int) -> str:
    with services().database.read() as session:
        found = campaign(session, slug)
        packs = serials.packs(session, found.id)
        stock = serials.stock(session, found.id)
    pack, returned = next((one for one in packs if one[0].id == pack_id), None) or abort(404)
    unused = pack.size - pack.taken + returned
    return render_template(
        "console/packs/withdraw.html",
        campaign=found,
        pack=pack,
        unused=wording.unused(unused, is_given_again=pack.withdrawn_at is not None),
        given=wording.given(pack.taken - returned),
        left=stock - unused if pack.withdrawn_at is None else stock + unused,
    )
