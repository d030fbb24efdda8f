"""A file that follows what was published in the console says so: `# based on version 7`, a line of its own.

`flask flows export` writes the line. It is no part of the text that is published.
"""

import re

_LINE = re.compile(r"^# based on version (\d{1,9})[ \t]*\r?\n?", re.MULTILINE)
_FIRST = re.compile(r"# yaml-language-server:[^\n]*\n")  # editors look for this in the first line


def split(text: str) -> tuple[int, str]:
    """The number of the version that the text is based on, 0 where it does not say, and the text without the line."""
    found = _LINE.search(text)
    return (int(found[1]), text[: found.start()] + text[found.end() :]) if found else (0, text)


def joined(number: int, text: str) -> str:
    """The text, saying that it is based on this version."""
    text = split(text)[1]
    first = _FIRST.match(text)
    place = first.end() if first else 0
    return f"{text[:place]}# based on version {number}\n{text[place:]}"
