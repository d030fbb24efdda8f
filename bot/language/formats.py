"""Mistakes as other programs read them: GitHub's annotations, and JSON."""

import json
from collections.abc import Iterable

from bot.language.mistakes import Mistake


def github(mistakes: Iterable[Mistake]) -> str:
    """A workflow command a line, which GitHub shows beside the line of the file.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions ("Setting an error message")
    """
    return "\n".join(map(_annotation, mistakes))


def as_json(mistakes: Iterable[Mistake]) -> str:
    """A list with an object a mistake."""
    return json.dumps([_plain(mistake) for mistake in mistakes], ensure_ascii=False, indent=2)


def _annotation(mistake: Mistake) -> str:
    place = f"file={_property(mistake.file)},line={mistake.line},col={mistake.column}"
    return f"::{_severity(mistake)} {place}::{_escaped(mistake.message)}"


def _plain(mistake: Mistake) -> dict[str, str | int]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "severity": _severity(mistake),
        "message": mistake.message,
    }


def _severity(mistake: Mistake) -> str:
    return "warning" if mistake.is_warning else "error"


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")
