"""What the bytes of an uploaded file are: which encoding, or no text at all. Bounded memory, whatever comes."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from core.reasons import Reason
from core.refusal import Refused

# As they are kept and shown -> as Python reads them: what Excel writes in Taiwan and Japan are the vendors' own.
CODECS = {"utf-8": "utf-8", "big5": "cp950", "shift_jis": "cp932", "utf-16": "utf-16"}
NAMES = {"utf-8": "UTF-8", "big5": "Big5", "shift_jis": "Shift-JIS", "utf-16": "UTF-16"}
GUESSED = ("big5", "shift_jis")  # in this order: the shop is in Taiwan
PIECE = 256 * 1024  # bytes read at a time
UTF8_MARK, UTF16_MARKS = codecs.BOM_UTF8, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SPREADSHEETS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods are ZIP archives; .xls is OLE
NOT_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"{\\rtf")

IS_SPREADSHEET = "This is an Excel file or an archive, whatever its name says. Save it as CSV UTF-8 and try again."
IS_NOT_TEXT = "This is no text file: it has bytes that no list of codes has. Save the list as CSV UTF-8 and try again."
IS_NO_TEXT_IN = "The file is not {}. Save it as CSV UTF-8 and try again."


@dataclass(frozen=True)
class Recognised:
    """The encodings that the whole file can be, the likeliest first; `is_sure`: nobody need be asked which.

    It is sure where it is Unicode, or where everything behind the first row reads the same in all of them.
    """

    encodings: tuple[str, ...]
    is_sure: bool


def recognise(file: BinaryIO, wanted: str | None = None) -> Recognised | Refused:
    """Read the file once, from its beginning, and say what it is; `wanted` is what somebody says that it is.

    Refused: FILE_EMPTY, FILE_IS_SPREADSHEET, FILE_NOT_TEXT, FILE_ENCODING.
    """
    if wanted and wanted not in CODECS:
        return Refused(Reason.FILE_ENCODING, IS_NO_TEXT_IN.format(f"in {wanted[:40]!r}, which nobody here reads"))
    file.seek(0)
    head = file.read(8)
    if not head:
        return Refused(Reason.FILE_EMPTY, "The file is empty.")
    if head.startswith(SPREADSHEETS):
        return Refused(Reason.FILE_IS_SPREADSHEET, IS_SPREADSHEET)
    if head.startswith(NOT_TEXT):
        return Refused(Reason.FILE_NOT_TEXT, IS_NOT_TEXT)
    if head.startswith(UTF16_MARKS):
        return _of_utf16(file)
    return _of_bytes(file, (wanted,) if wanted else ("utf-8", *GUESSED))


def _of_utf16(file: BinaryIO) -> Recognised | Refused:
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for piece in pieces(file):
            if "\0" in decoder.decode(piece):
                return Refused(Reason.FILE_NOT_TEXT, IS_NOT_TEXT)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Refused(Reason.FILE_ENCODING, IS_NO_TEXT_IN.format("UTF-16"))
    return Recognised(("utf-16",), is_sure=True)


def _of_bytes(file: BinaryIO, candidates: tuple[str, ...]) -> Recognised | Refused:
    decoders = {name: codecs.getincrementaldecoder(CODECS[name])() for name in candidates}
    is_first_row, is_plain = True, True
    for piece in pieces(file):
        if b"\0" in piece:
            return Refused(Reason.FILE_NOT_TEXT, IS_NOT_TEXT)
        for name in [name for name, decoder in decoders.items() if not _reads(decoder, piece)]:
            del decoders[name]
        behind = piece
        if is_first_row:
            _, end, behind = piece.partition(b"\n" if b"\n" in piece else b"\r")
            is_first_row = not end
        is_plain = is_plain and behind.isascii()
    found = tuple(name for name, decoder in decoders.items() if _reads(decoder, b"", final=True))
    if not found:
        return Refused(Reason.FILE_ENCODING, IS_NO_TEXT_IN.format(" or ".join(NAMES[name] for name in candidates)))
    if found[0] == "utf-8":
        return Recognised(("utf-8",), is_sure=True)
    return Recognised(found, is_sure=is_plain or len(candidates) == 1)


def _reads(decoder: codecs.IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file from its beginning, PIECE by PIECE."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def unmarked(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The same without a byte order mark, and UTF-16 as UTF-8: in what comes, a line end is a line end's byte."""
    if encoding == "utf-16":
        decoder = codecs.getincrementaldecoder("utf-16")()
        yield from (decoder.decode(piece).encode() for piece in pieces(file))
        return
    is_first = True
    for piece in pieces(file):
        yield piece.removeprefix(UTF8_MARK) if is_first else piece
        is_first = False
