"""What no database keeps and no platform takes in a text."""

import re

# PostgreSQL keeps neither NUL nor half a surrogate pair; in a file an escape such as "\\0" or "\\ud800" makes one.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with a mark in the place of each such character."""
    return UNSTORABLE.sub("\ufffd", text)
