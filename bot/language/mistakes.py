"""A mistake in a flow file: where it is, what was found, what was expected."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from bot.sentences import Pair, Sentence

ERROR, WARNING = Pair("錯誤", "error"), Pair("提醒", "warning")


@dataclass(frozen=True, order=True)
class Mistake:
    """Printed as `flows/tea.yaml:12:5: error: ...`, which editors and CI make into a link. A warning stops nothing."""

    file: str
    line: int
    column: int
    message: Sentence
    is_warning: bool = False

    def __str__(self) -> str:
        """The mistake as one line, in English."""
        return self.told("en")

    def told(self, language: str) -> str:
        """The mistake as one line for a reader of this language."""
        severity = (WARNING if self.is_warning else ERROR).of(language)
        return f"{self.file}:{self.line}:{self.column}: {severity}: {self.message.of(language)}"


def did_you_mean(name: str, known: Iterable[str]) -> Pair:
    """The end of a sentence about an unknown name: the nearest known one, or all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return Pair(f"是不是「{near[0]}」？", f"did you mean {near[0]!r}?")
    if names:
        return Pair(f"可用的有：{'、'.join(names)}", f"there are: {', '.join(names)}")
    return Pair("目前一個都沒有", "there are none")
