"""Which codes a barcode can carry, and a phone can show wide enough to be scanned."""

import re

from core.reasons import Reason
from core.refusal import Refused

# Longest code whose bars are two device pixels wide on the narrowest phone (360 CSS pixels, two device pixels each,
# 328 CSS pixels left for the barcode): CODE 39 at 3:1 needs 243 modules for 12 characters, CODE 128 set B 275 for 20.
# Thinner bars than these, a sixth of a millimetre, fewer scanners read: the page shows such codes sideways as well.
LONGEST = {"qr": 64, "code39": 12, "code128": 20}
# CODE 39 has 43 characters and no lower case (ISO/IEC 16388); CODE 128 set B the printable ASCII (ISO/IEC 15417).
# In CODE 39 a scanner set to "full ASCII" reads $ % / + with a letter behind it as one other character.
CARRIES = {
    # Nothing that cannot be seen: control characters, marks of direction, joiners and blanks of no width; and not what
    # stands in for what could not be read (U+FFFD).
    "qr": re.compile(r"[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd\ud800-\udfff]+"),
    "code39": re.compile(r"(?!.*[$%/+][A-Z])[0-9A-Z \-.$/+%]+"),
    "code128": re.compile(r"[\x20-\x7e]+"),
}
NAMES = {"qr": "QR code", "code39": "CODE 39", "code128": "CODE 128"}
CARRIED = {
    "qr": "any printable character",
    "code39": "only 0-9, A-Z, space and - . $ / + %, the last four with no letter behind them",
    "code128": "only printable ASCII characters",
}


def refusal(barcode: str, code: str) -> Refused | None:
    """Why `code` cannot be shown as `barcode` ('qr', 'code39' or 'code128'), or None where it can."""
    if not CARRIES[barcode].fullmatch(code):
        return Refused(
            Reason.BARCODE_CANNOT_CARRY, f"{code!r} cannot be a {NAMES[barcode]}, which carries {CARRIED[barcode]}"
        )
    if len(code) > LONGEST[barcode]:
        return Refused(
            Reason.BARCODE_TOO_WIDE,
            f"{code!r} has {len(code)} characters; as a {NAMES[barcode]} a phone shows at most {LONGEST[barcode]}",
        )
    return None
