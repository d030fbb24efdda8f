"""Cells of files that people open in a spreadsheet."""

# A cell that begins like this is a formula to a spreadsheet: a contact may call itself =HYPERLINK(...).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 (full width)


def safe(cell: str) -> str:
    """The cell as a spreadsheet takes it for text, never for a formula."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
