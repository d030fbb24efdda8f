"""A mistake in a flow file: where it is, what was found, what was expected."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """Printed as `flows/tea.yaml:12:5: error: ...`, which editors and CI make into a link. A warning stops nothing."""

    file: str
    line: int
    column: int
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        """The mistake as one line."""
        return f"{self.file}:{self.line}:{self.column}: {'warning' if self.is_warning else 'error'}: {self.message}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: the nearest known one, or all there are."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"there are: {', '.join(names)}" if names else "there are none"
