"""Starts that fight: of two flows with the same start only one could answer."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.language import starts
from bot.language.folding import stands_in
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.language.starts import Mark

if TYPE_CHECKING:
    from bot.language.check import Known


def check(flow: Flow, source: Source, known: "Known") -> Iterator[Mistake]:
    """No start stands twice in the flow, nor in another one; and it is said which of two goes first."""
    seen, told = set[Mark](), set[Mark]()
    for path, mark in starts.marks(flow):
        other = (known.starts or {}).get(mark)
        if other is not None:
            message = f"the start {_shown(mark)} is taken by the flow {other!r}"
            if other in known.unpublished:
                yield source.mistake(path, f"{message}, whose file is here and not published", is_warning=True)
            elif other in known.gone:
                yield source.mistake(
                    path, f"{message}, which is published though its file is not here", is_warning=True
                )
            else:
                yield source.mistake(path, f"{message}; only one of the two can have it")
        else:
            yield from _contained(path, mark, source, known)
        if mark in seen - told:
            told.add(mark)
            yield source.mistake(path, f"the start {_shown(mark)} stands here twice")
        seen.add(mark)


def _shown(mark: Mark) -> str:
    return repr(" ".join(mark).strip())


def _contained(path: Path, mark: Mark, source: Source, known: "Known") -> Iterator[Mistake]:
    """Exact words of one flow in which words of another one stand: the exact ones go first."""
    for (kind, words), other in sorted((known.starts or {}).items()):
        if (mark[0], kind) == ("word", "contains") and stands_in(words, mark[1]):
            message = f"{mark[1]!r} starts this flow, although {other!r} starts by all that contains {words!r}"
            yield source.mistake(path, message, is_warning=True)
        elif (mark[0], kind) == ("contains", "word") and stands_in(mark[1], words):
            message = f"{words!r} contains this, but it starts the flow {other!r}: exact words go first"
            yield source.mistake(path, message, is_warning=True)
