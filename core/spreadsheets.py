"""Cells of files that people open in a spreadsheet."""

# A cell that begins like this is a formula to a spreadsheet: whoever wrote it would have it run on another's machine.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(cell: str) -> str:
    """The cell as a spreadsheet takes it for text, never for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
