"""Files to download: a pack's codes, and the rows of a file that could not be used. Streamed, without formulas."""

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, abort, stream_with_context

from console.packs import wording
from console.packs.door import blueprint, campaign
from console.packs.making import ID as IMPORT_ID
from console.packs.withdrawing import ID as PACK_ID
from core import serials
from core.imports import loading, uploads
from core.spreadsheets import safe
from web.services import services
from web.words import say

MARK = "\ufeff"  # without it Excel takes UTF-8 for Big5


@blueprint.get(f"/{PACK_ID}/serials.csv")
def codes(slug: str, pack_id: int) -> Response:
    """Every code of a pack of unique serials; each part is read in a transaction of its own, however slow the line."""
    with services().database.read() as session:
        packs = [pack for pack, _ in serials.packs(session, campaign(session, slug).id)]
    if not any(pack.id == pack_id and pack.fixed_code is None for pack in packs):
        abort(404)
    return _file(_parts(pack_id), f"serials-{pack_id}.csv")


def _parts(pack_id: int) -> Iterator[str]:
    yield f"{MARK}serial\r\n"
    after, found = 0, [(0, "")]
    while found:
        with services().database.read() as session:
            found = serials.codes_after(session, pack_id, after)
        yield _rows([code] for _, code in found)
        after = found[-1][0] if found else after


@blueprint.get(f"/imports/{IMPORT_ID}/wrong.csv")
def wrong(slug: str, import_id: int) -> Response:
    """The rows of the file that cannot be serials, each with why."""
    with services().database.read() as session:
        found = uploads.one(session, campaign(session, slug).id, import_id) or abort(404)
        bad = list(loading.bad_rows(session, found.id))
    head = [say("列", "row"), say("內容", "content"), say("代碼", "reason"), say("原因", "why")]
    rows = [[str(one.row), one.code, one.reason, wording.why(one.reason, one.detail)] for one in bad]
    return _file([MARK, _rows([head, *rows])], f"wrong-rows-{import_id}.csv")


def _rows(rows: Iterable[Iterable[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([safe(cell) for cell in row] for row in rows)
    return written.getvalue()


def _file(parts: Iterable[str], name: str) -> Response:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(stream_with_context(iter(parts)), mimetype="text/csv", headers=disposition)
