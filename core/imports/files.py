"""An uploaded file before it is stored: whether it can be one of serials, and its rows cut into chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from core.imports import codes, rows
from core.imports.encodings import GUESSED, Recognised, recognise, unmarked
from core.reasons import Reason
from core.refusal import Refused

LONGEST_LINE = 100_000  # bytes; nothing of which a barcode could be made is as long, and a line is held in memory
DIGITS_OF_A_SERIAL = 3
KEPT = 100  # characters of a row that are kept to be shown
# What people call the column; a first row that is one of these is no serial.
_TITLES = (
    "serial serials code codes coupon coupons number no id voucher sn barcode serialnumber serialno couponcode "
    "序號 序号 優惠碼 優惠券 優惠券序號 優惠序號 兌換碼 折扣碼 券號 條碼 代碼 番号 コード クーポン シリアル"
)
TITLES = frozenset(_TITLES.split())


@dataclass(frozen=True)
class Chunk:
    """Some whole rows, in UTF-8, Big5 or Shift-JIS; `first_row` counts from 1."""

    number: int
    first_row: int
    rows: int
    content: bytes


@dataclass(frozen=True)
class Looked:
    """A file that can be one of serials. `encoding` is None where somebody is to be asked which of `encodings`."""

    encodings: tuple[str, ...]
    encoding: str | None
    rows: int
    first_row: str
    second_row: str


def look(file: BinaryIO, limit: int, wanted: str | None = None) -> Looked | Refused:
    """Read the whole file, of fewer than `limit` bytes, as `wanted` (an encoding) or as what it seems to be.

    Refused: FILE_TOO_LARGE, FILE_EMPTY, FILE_IS_SPREADSHEET, FILE_NOT_TEXT, FILE_ENCODING, FILE_LINE_TOO_LONG,
    FILE_COLUMNS.
    """
    if file.seek(0, 2) >= limit:
        return Refused(
            Reason.FILE_TOO_LARGE,
            f"The file has {file.tell():,} bytes; it must be under {limit:,}. Split it into packs.",
        )
    found = recognise(file, wanted)
    if isinstance(found, Refused):
        return found
    return _first_row(file, found)


def _first_row(file: BinaryIO, found: Recognised) -> Looked | Refused:
    count, first, second = 0, "", ""
    for chunk in chunks(file, found.encodings[0]):
        if chunk is None:
            said = f"A row behind row {count:,} has more than {LONGEST_LINE:,} bytes: this is no list of codes."
            return Refused(Reason.FILE_LINE_TOO_LONG, said)
        if not count:
            first, second = heads(chunk.content, stored_as(found.encodings[0]))
        count += chunk.rows
    if not count:
        return Refused(Reason.FILE_EMPTY, "The file is empty.")  # but for a byte order mark
    cell = rows.cell(first) if first else ""
    if isinstance(cell, Refused) and cell.reason == Reason.SERIAL_COLUMNS:
        return Refused(Reason.FILE_COLUMNS, f"Row 1 has {len(first.split(','))} columns; the file may have only one.")
    sure = found.encodings[0] if found.is_sure else None
    return Looked(found.encodings, sure, count, named(first), named(second))


def chunks(file: BinaryIO, encoding: str) -> Iterator[Chunk | None]:
    """The file cut at the ends of rows, each chunk within PIECE and LONGEST_LINE; None for a line beyond that."""
    number, row, rest = 0, 1, b""
    for piece in unmarked(file, encoding):
        rest += piece
        end = rest.rfind(b"\n") + 1 or rest.rfind(b"\r", 0, -1) + 1  # never between \r and \n
        if len(rest) - end > LONGEST_LINE:
            yield None
            return
        if end:
            made = Chunk(number, row, len(rest[:end].splitlines()), rest[:end])
            number, row, rest = number + 1, row + made.rows, rest[end:]
            yield made
    if rest:
        yield Chunk(number, row, len(rest.splitlines()), rest)


def stored_as(encoding: str) -> str:
    """The encoding of the chunks of a file in `encoding`."""
    return "utf-8" if encoding == "utf-16" else encoding


def heads(content: bytes, encoding: str) -> tuple[str, str]:
    """The first two lines of a file's first chunk; empty where there are none."""
    first, second, *_ = [*rows.lines(content, encoding)[:2], "", ""]
    return first, second


def named(line: str) -> str:
    """What stands in the line, without quotes, to be shown and judged."""
    cell = rows.cell(line) if line else ""
    return (cell if isinstance(cell, str) else line)[:KEPT]


def has_header(first_row: str, second_row: str, barcode: str) -> bool | None:
    """Whether the first row names the column rather than being a serial; None where it could be either.

    A row that is empty names nothing, and is passed over like any other. One of the shape of the row after it
    (FL00001, FL00002), three digits or more, is a serial: no name of a column looks like that.
    """
    if not first_row:
        return False
    if "".join(one for one in first_row.casefold() if one.isalnum()) in TITLES:
        return True
    if codes.refusal(barcode, first_row):
        return True
    digits = sum(one.isdigit() for one in first_row)
    return False if digits >= DIGITS_OF_A_SERIAL and _shape(first_row) == _shape(second_row) else None


def _shape(code: str) -> str:
    return "".join("9" if one.isdigit() else "a" if one.isalpha() else one for one in code)


def samples(content: bytes, encodings: tuple[str, ...] = GUESSED) -> dict[str, list[str]]:
    """The first rows that read differently, as each encoding has them: for people to say which one it is."""
    told = [line for line in content.splitlines() if not line.isascii()][:3]
    return {name: [rows.lines(line, name)[0][:KEPT] for line in told] for name in encodings}
