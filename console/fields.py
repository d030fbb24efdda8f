"""What people type into the console's forms, as it is kept."""

from flask import request


def typed(name: str) -> str:
    """What was typed into a field."""
    return plain(request.form.get(name, ""))


def plain(words: str) -> str:
    """Without NUL, which PostgreSQL does not keep, and with lines ended as messages end them, not as forms do."""
    return words.replace("\0", "").replace("\r\n", "\n")
