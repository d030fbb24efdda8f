"""Codes that are there already: twice in a file, or in an earlier pack. The unique index decides; this says where."""

from collections.abc import Sequence
from itertools import islice

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from core.imports import rows
from core.imports.rows import BadRow, Judged
from core.reasons import Reason
from core.refusal import Refused
from db.several import among
from db.tables import Import, ImportChunk, Pack, Serial

_THERE = select(Serial.code, Serial.pack_id, Serial.position).where(
    among(Serial.code, "codes"), Serial.campaign_id == bindparam("campaign")
)
_FIXED = select(Pack.fixed_code).where(Pack.campaign_id == bindparam("campaign"), Pack.fixed_code.is_not(None))


def are_certain(session: Session, found: Import, codes: Sequence[str]) -> bool:
    """Whether nothing is known against `codes` but what the index knows: none is twice, none a fixed serial."""
    distinct = set(codes)
    return len(distinct) == len(codes) and distinct.isdisjoint(_fixed(session, found))


def _fixed(session: Session, found: Import) -> set[str]:
    return {code for code in session.scalars(_FIXED, {"campaign": found.campaign_id}) if code}


def sift(session: Session, found: Import, judged: Judged, told: int) -> list[BadRow]:
    """Take out of `judged` what is there already, and return it, the first `told` each with where it is.

    No more than are kept: for each the chunk that had it is read once more, and of a long file these may be all.
    """
    values = {"codes": list(set(judged.codes)), "campaign": found.campaign_id}
    there = {code: (pack_id, position) for code, pack_id, position in session.execute(_THERE, values)}
    where = dict.fromkeys(_fixed(session, found), "in an earlier pack")
    where |= {code: "in an earlier pack" for code, (pack_id, _) in there.items() if pack_id != found.pack_id}
    own = {code: there[code][1] for code in judged.codes if code in there and there[code][0] == found.pack_id}
    where |= dict.fromkeys(own, "in this file")
    first = dict(islice(own.items(), told))
    where |= {code: f"in row {row}" for code, row in _rows_of(session, found, first).items()}
    kept_rows, kept_codes, bad = [], [], []
    for row, code in zip(judged.rows, judged.codes, strict=True):
        if code in where:
            bad.append(BadRow(row, code, Refused(Reason.SERIAL_DUPLICATE, f"{code!r} is already {where[code]}")))
        else:
            where[code] = f"in row {row}"
            kept_rows.append(row)
            kept_codes.append(code)
    judged.rows, judged.codes = kept_rows, kept_codes
    return bad


def _rows_of(session: Session, found: Import, positions: dict[str, int]) -> dict[str, int]:
    """In which row of the file each of these codes of the pack stood: read once more in the chunk that had it."""
    if not positions or found.source == "generated":
        return dict.fromkeys(positions, 0)
    starts = session.execute(
        select(ImportChunk.first_position, ImportChunk.number)
        .where(ImportChunk.import_id == found.id, ImportChunk.first_position.is_not(None))
        .order_by(ImportChunk.number)
    ).all()
    wanted: dict[int, set[str]] = {}
    for code, position in positions.items():
        number = max(number for first, number in starts if (first or 0) <= position)
        wanted.setdefault(number, set()).add(code)
    of_row: dict[str, int] = {}
    for number, codes in wanted.items():
        chunk = session.execute(
            select(ImportChunk.first_row, ImportChunk.content).where(
                ImportChunk.import_id == found.id, ImportChunk.number == number
            )
        ).one()
        for row, line in enumerate(rows.lines(chunk.content, found.encoding or "utf-8"), chunk.first_row):
            cell = rows.cell(line)
            if not isinstance(cell, Refused) and cell in codes:
                of_row.setdefault(cell, row)
    return of_row
