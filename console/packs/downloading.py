"""Files to download: a pack's codes, and the rows of a file that could not be used. Streamed, without formulas."""

from flask import Response, abort
from sqlalchemy.orm import Session

from console import files
from console.packs import wording
from console.packs.door import blueprint, campaign
from console.packs.making import ID as IMPORT_ID
from console.packs.withdrawing import ID as PACK_ID
from core import serials
from core.imports import loading, uploads
from core.spreadsheets import safe
from web.services import services
from web.words import say


@blueprint.get(f"/{PACK_ID}/serials.csv")
def codes(slug: str, pack_id: int) -> Response:
    """Every code of a pack of unique serials; each part is read in a transaction of its own, however slow the line."""
    with services().database.read() as session:
        packs = [pack for pack, _ in serials.packs(session, campaign(session, slug).id)]
    if not any(pack.id == pack_id and pack.fixed_code is None for pack in packs):
        abort(404)

    def some(db: Session, place: int | None) -> tuple[list[list[str]], int | None]:
        found = serials.codes_after(db, pack_id, place or 0)
        return [[safe(code)] for _, code in found], found[-1][0] if found else None

    return files.csv(f"{slug}-serials-{pack_id}.csv", ["serial"], files.in_parts(services().database, some))


@blueprint.get(f"/imports/{IMPORT_ID}/wrong.csv")
def wrong(slug: str, import_id: int) -> Response:
    """The rows of the file that cannot be serials, each with why."""
    with services().database.read() as session:
        found = uploads.one(session, campaign(session, slug).id, import_id) or abort(404)
        bad = list(loading.bad_rows(session, found.id))
    head = [say("列", "row"), say("內容", "content"), say("代碼", "reason"), say("原因", "why")]
    rows = [[str(one.row), one.code, one.reason, wording.why(one.reason, one.detail)] for one in bad]
    return files.csv(f"{slug}-wrong-rows-{import_id}.csv", head, [[[safe(cell) for cell in row] for row in rows]])
