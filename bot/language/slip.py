"""One slip behind a text that is no YAML, as the rules in `slips` and `quoting` find it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from yaml import Mark, MarkedYAMLError

from bot.sentences import Pair

NAME = r"[A-Za-z][A-Za-z_]*(?:-[A-Za-z]+)*"  # of a part, or a language
# A dash without its space, or another sign that people begin the parts of a list with.
DASH = re.compile(rf"\s*(-(?=[A-Za-z])|[－–—•*·]\s*){NAME}\s*(?:[:：]|$)")  # noqa: RUF001
A_DASH = Pair("清單的每一項用半形的 - 加一個空格開頭", "each part of a list begins with a plain - and a space")
A_SPACE = Pair(
    "這一行開頭有全形或特殊的空格；請改用一般空格", "this line begins with another kind of space; use plain ones"
)


@dataclass(frozen=True)
class Slip:
    """What was done wrong, in both languages of marketers; `line` and `column` begin with 1."""

    line: int
    column: int
    zh: str
    en: str


# Looks at the lines around the one (its index) where YAML gave up.
Rule = Callable[[Sequence[str], int, MarkedYAMLError], Slip | None]


def placed(mark: Mark, zh: str, en: str) -> Slip:
    """A slip at one of YAML's own places."""
    return Slip(mark.line + 1, mark.column + 1, zh, en)
