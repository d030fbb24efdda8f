"""Filling a pack, one chunk a transaction: whoever goes on after a crash finds what is done, and does no row twice.

The pack is there from the first chunk on, but not whole: it gives out nothing before the transaction that ends the
import. What is discarded is taken away in the same way, some thousand rows at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Action, Deed, Doer
from core.imports import generating, repeats, rows
from core.imports.rows import BadRow, Judged
from db import locks, tables
from db.numbered import insert_serials
from db.tables import Campaign, Import, ImportChunk, Pack, Serial

AT_ONCE = 20_000  # codes a transaction, where no file's chunk says how many; some tenths of a second
KEPT_BAD = 10_000  # bad rows of an import that are kept with their reasons; the others are counted
KEPT = timedelta(days=30)  # that they are kept once the import is over
WORKING = ("loading", "discarding")


def next_open(session: Session, campaign_id: int | None = None) -> int | None:
    """The id of the first import that has work left, of all or of one campaign's.

    In the order in which they came: what a file replaces is taken away before it is loaded.
    """
    is_open = (
        Import.state.in_(WORKING)
        if campaign_id is None
        else (Import.state.in_(WORKING) & (Import.campaign_id == campaign_id))
    )
    return session.scalar(select(Import.id).where(is_open).order_by(Import.id).limit(1))


def step(session: Session, import_id: int, now: datetime) -> Import | None:
    """Do the next part of an import, if it has one; the import as it then is, None where there is none."""
    found = locks.import_alone(session, import_id)
    if found and found.state == "loading":
        _load(session, found, now)
    elif found and found.state == "discarding":
        _discard(session, found, now)
    return found


def _load(session: Session, found: Import, now: datetime) -> None:
    # Its barcode stays while it has a pack; and nobody adds a fixed code that is looked for in vain here.
    campaign = locks.campaign_kept(session, found.campaign_id)
    if found.pack_id is None and not _begin(session, found, campaign, now):
        return
    if found.source == "generated":
        _generate(session, found)
    else:
        _read(session, found, campaign.barcode)
    if found.rows_done >= found.rows_total:
        end(session, found, now)


def _begin(session: Session, found: Import, campaign: Campaign, now: datetime) -> bool:
    """Make the pack; not where the campaign's barcode was changed since somebody asked for codes of a pattern."""
    if found.source == "generated":
        pattern = generating.Pattern(**found.pattern or {})
        if refused := generating.refusal(pattern, found.rows_total, campaign.barcode):
            found.state, found.reason = "discarding", refused.reason
            return False
    values = {"name": found.name, "size": 1, "taken": 0, "created_at": now, "withdrawn_at": now, "is_whole": False}
    pack = Pack(campaign_id=campaign.id, **values)
    session.add(pack)
    session.flush()
    found.pack_id = pack.id
    return True


def _read(session: Session, found: Import, barcode: str) -> None:
    """The chunk behind the rows that are done."""
    is_next = (ImportChunk.import_id == found.id) & (ImportChunk.first_row == found.rows_done + 1)
    chunk = session.scalars(select(ImportChunk).where(is_next)).one()
    skipped = 1 if chunk.first_row == 1 and found.has_header else 0
    lines = rows.lines(chunk.content, found.encoding or "utf-8")
    judged = rows.judge(lines[skipped:], chunk.first_row + skipped, barcode)
    chunk.first_position = found.good + 1
    _put(session, found, judged)
    _keep(session, found, judged.bad)
    found.good += len(judged.codes)
    found.rows_done += chunk.rows
    session.flush()
    session.expunge(chunk)  # its bytes need not be kept with those of all others


def _put(session: Session, found: Import, judged: Judged) -> None:
    """Put in what is neither there nor twice in the chunk. Another import may add one of them at this very moment."""
    pack_id, first = found.pack_id or 0, found.good + 1
    while not repeats.are_certain(session, found, judged.codes) or not insert_serials(
        session, pack_id, found.campaign_id, first, judged.codes
    ):
        room = max(0, KEPT_BAD - found.bad)
        if not (repeated := repeats.sift(session, found, judged, room)):
            raise RuntimeError(f"import {found.id}: nothing is there twice, and yet the index refuses it")
        judged.bad += repeated


def _keep(session: Session, found: Import, bad: Sequence[BadRow]) -> None:
    room = max(0, KEPT_BAD - found.bad)
    kept = sorted(bad, key=lambda one: one.row)[:room]
    values = [
        {
            "import_id": found.id,
            "row": one.row,
            "code": one.code[:100].replace("\0", ""),
            "reason": one.refusal.reason,
            "detail": one.refusal.detail[:300].replace("\0", ""),
        }
        for one in kept
    ]
    if values:
        session.execute(insert(tables.BadRow), values)
    found.bad += len(bad)


def _generate(session: Session, found: Import) -> None:
    pattern = generating.Pattern(**found.pattern or {})
    made = generating.codes(pattern, min(AT_ONCE, found.rows_total - found.rows_done))
    judged = Judged(rows=[0] * len(made), codes=made)
    _put(session, found, judged)  # what is there already is left out, and made up for in the next step
    found.good += len(judged.codes)
    found.rows_done += len(judged.codes)


def end(session: Session, found: Import, now: datetime) -> None:
    """All rows are done: the pack is whole, and given out from now on; or the marketer is to choose."""
    if found.good == 0 or (found.bad and found.wants == "all"):
        found.state = "choosing"
        _forget_file(session, found)
        return
    pack = session.get_one(Pack, found.pack_id)
    pack.size, pack.is_whole, pack.withdrawn_at = found.good, True, None
    _over(session, found, "done", now)
    record(session, found, "pack.added", {"pack": pack.id, "serials": found.good, "left out": found.bad}, now)


def _discard(session: Session, found: Import, now: datetime) -> None:
    top = session.scalar(select(func.max(Serial.position)).where(Serial.pack_id == found.pack_id))
    if top:
        gone = (Serial.pack_id == found.pack_id) & (Serial.position > top - AT_ONCE)
        session.execute(delete(Serial).where(gone), execution_options={"synchronize_session": False})
        return
    pack_id, found.pack_id = found.pack_id, None
    _over(session, found, "discarded", now)
    session.flush()
    session.execute(delete(Pack).where(Pack.id == pack_id), execution_options={"synchronize_session": False})


def _over(session: Session, found: Import, state: str, now: datetime) -> None:
    found.state, found.finished_at = state, now
    _forget_file(session, found)


def _forget_file(session: Session, found: Import) -> None:
    gone = ImportChunk.import_id == found.id
    session.execute(delete(ImportChunk).where(gone), execution_options={"synchronize_session": False})


def record(
    session: Session,
    found: Import,
    action: Action,
    detail: Mapping[str, object],
    now: datetime,
    doer: Doer | None = None,
) -> None:
    """Keep in the audit log what became of an import; done by whoever began it, where nobody else is named."""
    slug = session.get_one(Campaign, found.campaign_id).slug
    said = {"import": found.id, "name": found.name, **detail}
    audit.record(session, doer or Doer(found.user_id, found.actor), Deed(action, "campaign", slug, said), now)


def give_up(session: Session, import_id: int, reason: str) -> None:
    """An import that cannot go on for a reason of its own is taken away, with the reason."""
    found = locks.import_alone(session, import_id)
    if found and found.state == "loading":
        found.state, found.reason = "discarding", reason


def bad_rows(session: Session, import_id: int, most: int = KEPT_BAD) -> Iterable[tables.BadRow]:
    """The first bad rows of an import, in their order."""
    kept = select(tables.BadRow).where(tables.BadRow.import_id == import_id).order_by(tables.BadRow.row).limit(most)
    return session.scalars(kept)


def outdated(session: Session, now: datetime) -> Sequence[int]:
    """Imports that have been over for KEPT and still have bad rows."""
    has_some = select(tables.BadRow.row).where(tables.BadRow.import_id == Import.id).exists()
    return session.scalars(select(Import.id).where(Import.finished_at <= now - KEPT, has_some)).all()


def forget_bad_rows(session: Session, import_id: int) -> None:
    """Remove the bad rows of an import that is over; how many there were stays with it."""
    gone = tables.BadRow.import_id == import_id
    session.execute(delete(tables.BadRow).where(gone), execution_options={"synchronize_session": False})
