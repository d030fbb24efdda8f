"""Mistakes as other programs read them: GitHub's annotations, and JSON. The words are in the reader's language."""

import json
from collections.abc import Iterable

from bot.language.mistakes import Mistake


def github(mistakes: Iterable[Mistake], language: str) -> str:
    """A workflow command a line, which GitHub shows beside the line of the file; the finding's code is its title.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions ("Setting an error message")
    """
    return "\n".join(_annotation(mistake, language) for mistake in mistakes)


def as_json(mistakes: Iterable[Mistake], language: str) -> str:
    """A list with an object a mistake."""
    return json.dumps([_plain(mistake, language) for mistake in mistakes], ensure_ascii=False, indent=2)


def _annotation(mistake: Mistake, language: str) -> str:
    place = f"file={_property(mistake.file)},line={mistake.line},col={mistake.column},title={mistake.message.code}"
    return f"::{_severity(mistake)} {place}::{_escaped(mistake.message.of(language))}"


def _plain(mistake: Mistake, language: str) -> dict[str, str | int]:
    return {
        "file": mistake.file,
        "line": mistake.line,
        "column": mistake.column,
        "severity": _severity(mistake),
        "code": mistake.message.code,
        "message": mistake.message.of(language),
    }


def _severity(mistake: Mistake) -> str:
    return "warning" if mistake.is_warning else "error"


def _escaped(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _escaped(words).replace(":", "%3A").replace(",", "%2C")
