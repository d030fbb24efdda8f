"""The three ways to add a pack: a file, codes that are generated, one fixed code many times."""

from typing import BinaryIO, cast

from flask import redirect, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from console.fields import plain
from console.packs import wording
from console.packs.door import blueprint, campaign
from console.packs.listing import page
from core import clock, serials
from core.imports import files, uploads
from core.imports.generating import Pattern
from core.imports.uploads import Wish
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Import
from web import login
from web.services import services
from web.words import say

HEADERS = {"yes": True, "no": False}

Answer = Response | tuple[str, int]


@blueprint.post("/upload")
def upload(slug: str) -> Answer:
    """Store a file, to be loaded by a job; what cannot be a file of serials is refused at once."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return page(slug, failure=say("請先選擇檔案。", "Choose a file first."), failed="file"), 422
    stream = cast("BinaryIO", file.stream)
    looked = files.look(stream, services().serials_file_bytes, request.form.get("encoding") or None)
    if isinstance(looked, Refused):
        return page(slug, failure=wording.why(looked.reason, looked.detail), failed="file"), 422
    wish = Wish(
        name=plain(file.filename),
        has_header=HEADERS.get(request.form.get("header", "")),
        takes_good=request.form.get("wants") == "good",
    )
    with services().database.write() as session:
        made = uploads.accept(session, campaign(session, slug).id, stream, looked, wish, login.doer(), clock.now())
    return _follow(slug, made)


@blueprint.post("/generate")
def generate(slug: str) -> Answer:
    """Begin a pack of codes that nobody can guess."""
    pattern = Pattern(
        text=plain(request.form.get("pattern", ""))[: files.KEPT],
        alphabet=request.form.get("alphabet", ""),
        has_check=request.form.get("check") == "1",
    )
    with services().database.write() as session:
        found = campaign(session, slug)
        made = uploads.generate(session, found.id, pattern, _quantity(), login.doer(), clock.now())
    if isinstance(made, Refused):
        return page(slug, failure=wording.why(made.reason, made.detail), failed="generated"), 422
    return _follow(slug, made)


@blueprint.post("/fixed")
def fixed(slug: str) -> Answer:
    """Add one code many times: a row, whatever the quantity."""
    try:
        with services().database.write() as session:
            code = plain(request.form.get("code", ""))
            serials.add_fixed(session, campaign(session, slug).id, code, _quantity(), clock.now(), login.doer())
    except serials.PackError as error:
        return page(slug, failure=wording.why(error.reason, str(error)), failed="fixed"), 422
    return redirect(url_for("console.packs.listing", slug=slug, done="fixed"), 303)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(error: RequestEntityTooLarge) -> Answer | RequestEntityTooLarge:
    """The limit in words, beside the form; nothing of the file was read.

    The room's guard was not asked before: a stranger reads no page.
    """
    if request.endpoint != "console.packs.upload" or not login.lets_in("marketer"):
        return error
    slug = (request.view_args or {})["slug"]
    return page(slug, failure=wording.why(Reason.FILE_TOO_LARGE), failed="file", is_read=False), 413


def _quantity() -> int:
    """What was typed; 0 where it is no number, which is refused like 0."""
    typed = request.form.get("quantity", "").replace(",", "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0  # noqa: PLR2004 (well beyond a million)


def _follow(slug: str, made: Import) -> Response:
    services().wake("imports")
    return redirect(url_for("console.packs.making", slug=slug, import_id=made.id), 303)
