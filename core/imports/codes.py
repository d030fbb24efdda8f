"""Which codes a campaign takes as serials: the one rule for files, fixed codes and generated ones."""

from core import symbologies
from core.reasons import Reason
from core.refusal import Refused

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet that opens the shop's records would run


def refusal(barcode: str, code: str) -> Refused | None:
    """Why `code` cannot be a serial of a campaign with this barcode, or None where it can."""
    if not code:
        return Refused(Reason.SERIAL_EMPTY, "the row is empty")
    if code.startswith(FORMULA):
        return Refused(Reason.SERIAL_FORMULA, f"{code!r} begins with {code[0]}, as formulas of spreadsheets do")
    return symbologies.refusal(barcode, code)
