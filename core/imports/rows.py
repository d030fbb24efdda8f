"""Rows of a file of serials: one line each, one column, judged one by one. Pure.

A quoted cell ends on its line: no code has a line end, and a quote that was left open costs one row, not the file.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.imports import codes
from core.imports.encodings import CODECS
from core.reasons import Reason
from core.refusal import Refused
from core.symbologies import LONGEST


@dataclass(frozen=True)
class BadRow:
    """A row of the file that cannot be a serial; `row` counts from 1, a header being row 1."""

    row: int
    code: str
    refusal: Refused


@dataclass
class Judged:
    """The rows that can be serials, as their numbers and their codes, and those that cannot."""

    rows: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def lines(content: bytes, encoding: str) -> list[str]:
    """The lines of a chunk, without their ends, whichever those are."""
    text = content.decode(CODECS[encoding], errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = text.split("\n")
    if not found[-1]:
        found.pop()
    return found


def judge(found: Sequence[str], first_row: int, barcode: str) -> Judged:
    """Every line judged by itself; empty ones are passed over. Whether a code is there twice, the database says."""
    judged = Judged()
    longest = LONGEST[barcode]
    for row, line in enumerate(found, first_row):
        if line.isalnum() and line.isascii() and len(line) <= longest and (barcode != "code39" or line.isupper()):
            code: str | Refused = line  # most are: it saves three quarters of the time
        elif not line:
            continue
        else:
            code = cell(line)
            if isinstance(code, str) and (refused := codes.refusal(barcode, code)):
                judged.bad.append(BadRow(row, code, refused))
                continue
        if isinstance(code, Refused):
            judged.bad.append(BadRow(row, line, code))
        else:
            judged.rows.append(row)
            judged.codes.append(code)
    return judged


def cell(line: str) -> str | Refused:
    """The one cell of a line. Empty cells behind it, as spreadsheets leave them, count for nothing.

    Refused: SERIAL_QUOTES, SERIAL_COLUMNS.
    """
    if '"' not in line and "," not in line:
        return line.strip()
    try:
        cells = next(csv.reader([line], strict=True))
    except csv.Error as error:
        return Refused(Reason.SERIAL_QUOTES, f"the quotes are not right: {error}")
    if any(one.strip() for one in cells[1:]):
        return Refused(Reason.SERIAL_COLUMNS, f"the row has {len(cells)} columns; there may be only one")
    return cells[0].strip()
