"""A pack in the making: how far it has come, what it asks, its bad rows, and the choice what is to become of it."""

from flask import Response as Json
from flask import abort, jsonify, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from console.packs import wording
from console.packs.door import blueprint, campaign
from core import clock
from core.imports import files, loading, uploads
from core.reasons import Reason
from core.refusal import Refused
from db.base import LARGEST_ID
from db.tables import Campaign, Import, ImportChunk
from web import login
from web.services import services

SHOWN = 50  # bad rows on the page; the file has the others
ID = f"<int(max={LARGEST_ID}):import_id>"


@blueprint.get(f"/imports/{ID}")
def making(slug: str, import_id: int) -> str:
    """The page; a script of it asks `progress`, and without scripts it loads anew by itself."""
    return _page(slug, import_id)


@blueprint.get(f"/imports/{ID}/progress")
def progress(slug: str, import_id: int) -> Json:
    """How far it has come, for the page's script."""
    with services().database.read() as session:
        _, made = _found(session, slug, import_id)
    return jsonify(state=made.state, done=made.rows_done, total=made.rows_total, good=made.good, bad=made.bad)


@blueprint.post(f"/imports/{ID}/answer")
def answer(slug: str, import_id: int) -> Response | tuple[str, int]:
    """What the file's encoding is, or its first row."""
    has_header = {"yes": True, "no": False}.get(request.form.get("header", ""))
    with services().database.write() as session:
        _found(session, slug, import_id)
        encoding = request.form.get("encoding") or None
        done = uploads.answer(session, import_id, encoding, has_header=has_header, doer=login.doer(), now=clock.now())
    return _after(slug, import_id, done)


@blueprint.post(f"/imports/{ID}/choose")
def choose(slug: str, import_id: int) -> Response | tuple[str, int]:
    """Take the good rows, all or none, or discard the whole."""
    act = request.form.get("act")
    with services().database.write() as session:
        _found(session, slug, import_id)
        if act == "discard":
            done = uploads.discard(session, import_id, Reason.IMPORT_CANCELLED, login.doer(), clock.now())
        else:
            done = uploads.choose(session, import_id, takes_good=act == "good", doer=login.doer(), now=clock.now())
    return _after(slug, import_id, done)


def _after(slug: str, import_id: int, done: Import | Refused) -> Response | tuple[str, int]:
    if isinstance(done, Refused):
        return _page(slug, import_id, wording.why(done.reason, done.detail)), 409
    services().wake("imports")
    return redirect(url_for("console.packs.making", slug=slug, import_id=import_id), 303)


def _found(session: Session, slug: str, import_id: int) -> tuple[Campaign, Import]:
    found = campaign(session, slug)
    return found, uploads.one(session, found.id, import_id) or abort(404)


def _page(slug: str, import_id: int, failure: str = "") -> str:
    with services().database.read() as session:
        found, made = _found(session, slug, import_id)
        bad = list(loading.bad_rows(session, made.id, SHOWN))
        chunk = session.get(ImportChunk, (made.id, 0)) if made.state == "asking" and made.encoding is None else None
        samples = files.samples(chunk.content) if chunk else {}
    return render_template(
        "console/packs/making.html",
        campaign=found,
        made=made,
        bad=bad,
        samples=samples,
        failure=failure,
        is_working=made.state in loading.WORKING,
        kept=loading.KEPT_BAD,
        wording=wording,
    )
