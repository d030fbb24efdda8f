"""What marketers do with packs in the making: begin one, answer what it asks, choose, cancel."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import Doer
from core.imports import files, generating, loading
from core.imports.encodings import GUESSED
from core.imports.files import Chunk, Looked
from core.imports.generating import Pattern
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import Campaign, Import, ImportChunk, Pack

NAME_KEPT = 100
_NOTHING = {"rows_done": 0, "good": 0, "bad": 0}


@dataclass(frozen=True)
class Wish:
    """What somebody says of a file beforehand. `has_header` is None where the first row is to speak for itself."""

    name: str
    has_header: bool | None = None
    takes_good: bool = False


def accept(
    session: Session, campaign_id: int, file: BinaryIO, looked: Looked, wish: Wish, doer: Doer, now: datetime
) -> Import:
    """Store a file that was looked at, to be loaded by a job. What another file waits for in this campaign is over."""
    campaign = session.get_one(Campaign, campaign_id)
    for waiting in _waiting(session, campaign_id):
        discard(session, waiting, Reason.IMPORT_REPLACED, doer, now)
    has_header = wish.has_header
    if has_header is None and looked.encoding:
        has_header = files.has_header(looked.first_row, looked.second_row, campaign.barcode)
    made = Import(
        campaign_id=campaign_id,
        source="file",
        name=(wish.name.strip() or looked.first_row or "serials")[:NAME_KEPT],
        encoding=files.stored_as(looked.encoding) if looked.encoding else None,
        has_header=has_header,
        first_row=looked.first_row,
        wants="good" if wish.takes_good else "all",
        state="loading" if looked.encoding and has_header is not None else "asking",
        rows_total=looked.rows,
        user_id=doer.user_id,
        actor=doer.name,
        created_at=now,
        **_NOTHING,
    )
    session.add(made)
    session.flush()
    for chunk in files.chunks(file, looked.encodings[0]):
        _store(session, made.id, chunk)
    loading.record(session, made, "pack.uploaded", {"rows": made.rows_total}, now)
    return made


def _store(session: Session, import_id: int, chunk: Chunk | None) -> None:
    if chunk:
        row = ImportChunk(import_id=import_id, **vars(chunk))
        session.add(row)
        session.flush()
        session.expunge(row)


def _waiting(session: Session, campaign_id: int) -> Sequence[int]:
    """Files of the campaign that wait for the marketer: they hold codes that a mended file would bring again."""
    waits = Import.state.in_(("asking", "choosing"))
    theirs = select(Import.id).where(Import.campaign_id == campaign_id, waits)
    return session.scalars(theirs.order_by(Import.id)).all()  # in the order in which they are locked


def generate(
    session: Session, campaign_id: int, pattern: Pattern, quantity: int, doer: Doer, now: datetime
) -> Import | Refused:
    """Begin a pack of `quantity` codes that nobody can guess, to be made by a job. Refused: as `generating.refusal`."""
    campaign = session.get_one(Campaign, campaign_id)
    if refused := generating.refusal(pattern, quantity, campaign.barcode):
        return refused
    made = Import(
        campaign_id=campaign_id,
        source="generated",
        name=pattern.text[:NAME_KEPT],
        pattern=asdict(pattern),
        first_row="",
        wants="all",
        state="loading",
        rows_total=quantity,
        user_id=doer.user_id,
        actor=doer.name,
        created_at=now,
        **_NOTHING,
    )
    session.add(made)
    session.flush()
    loading.record(session, made, "pack.generated", {"quantity": quantity}, now)
    return made


def answer(
    session: Session, import_id: int, encoding: str | None, *, has_header: bool | None, doer: Doer, now: datetime
) -> Import | Refused:
    """What the encoding is, or the first row, of a file that asks; where both are known it is loaded.

    Refused: UNKNOWN_IMPORT, IMPORT_OVER (it asks nothing), FILE_ENCODING.
    """
    found = locks.import_alone(session, import_id)
    if found is None or found.state != "asking":
        return _gone(found)
    if encoding and encoding not in GUESSED:
        return Refused(Reason.FILE_ENCODING, encoding[:NAME_KEPT])
    if found.encoding is None and encoding:
        found.encoding = encoding
        first = session.get_one(ImportChunk, (import_id, 0))
        found.first_row, second = map(files.named, files.heads(first.content, encoding))
        barcode = session.get_one(Campaign, found.campaign_id).barcode
        if found.has_header is None:
            found.has_header = files.has_header(found.first_row, second, barcode)
    if has_header is not None:
        found.has_header = has_header
    if found.encoding and found.has_header is not None:
        found.state = "loading"
    said = {"encoding": found.encoding, "has header": found.has_header}
    loading.record(session, found, "pack.answered", said, now, doer)
    return found


def choose(session: Session, import_id: int, *, takes_good: bool, doer: Doer, now: datetime) -> Import | Refused:
    """Whether to take the good rows where others are bad; one that has come to its end and waited for this is over.

    Refused: UNKNOWN_IMPORT, IMPORT_OVER, NO_GOOD_ROW.
    """
    found = locks.import_alone(session, import_id)
    if found is None or found.state not in {"asking", "loading", "choosing"}:
        return _gone(found)
    if takes_good and found.state == "choosing" and not found.good:
        return Refused(Reason.NO_GOOD_ROW)
    found.wants = "good" if takes_good else "all"
    loading.record(session, found, "pack.chosen", {"rows": found.wants}, now, doer)
    if found.state == "choosing":
        loading.end(session, found, now)
    return found


def discard(session: Session, import_id: int, reason: Reason, doer: Doer, now: datetime) -> Import | Refused:
    """Take everything of an import away that is not over; a job does it. Refused: UNKNOWN_IMPORT, IMPORT_OVER."""
    found = locks.import_alone(session, import_id)
    if found is None or found.state not in {"asking", "loading", "choosing"}:
        return _gone(found)
    found.state, found.reason = "discarding", reason
    loading.record(session, found, "pack.discarded", {"reason": str(reason)}, now, doer)
    return found


def _gone(found: Import | None) -> Refused:
    return Refused(Reason.IMPORT_OVER if found else Reason.UNKNOWN_IMPORT)


def of_campaign(session: Session, campaign_id: int, newest: int = 10) -> list[tuple[Import, Pack | None]]:
    """The campaign's newest imports, the newest first, each with its pack where it has one."""
    found = select(Import, Pack).outerjoin(Pack, Pack.id == Import.pack_id)
    newest_first = found.where(Import.campaign_id == campaign_id).order_by(Import.id.desc()).limit(newest)
    return [(made, pack) for made, pack in session.execute(newest_first)]


def one(session: Session, campaign_id: int, import_id: int) -> Import | None:
    """The import of this campaign with this id, or None."""
    found = session.get(Import, import_id)
    return found if found and found.campaign_id == campaign_id else None
