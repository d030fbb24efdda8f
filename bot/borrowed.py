"""What a published version took from the files that were beside its own: shared texts, Flex containers, pictures.

The console has no files. What a flow's versions have taken stays at hand for its drafts.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bot.language.mistakes import Mistake
from bot.language.source import Path, read
from db.tables import FlowVersion


@dataclass
class Borrowed:
    """Shared texts by their names, the text of other files by theirs, and the stored pictures' ids by theirs."""

    texts: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, str] = field(default_factory=dict)


def borrowed(versions: Iterable[FlowVersion]) -> Borrowed:
    """What the versions took; of two with the same name, what a later one of `versions` took."""
    found = Borrowed()
    for version in versions:
        found.pictures |= version.pictures
        for path, name in _named(version.source):
            value = _at(version.document, path)
            if path[-1] == "flex" and isinstance(value, dict):
                found.files[name] = json.dumps(value, ensure_ascii=False)
            elif path[-1] != "flex" and value is not None:
                found.texts[name] = value
    return found


@lru_cache(maxsize=256)  # a version's text never changes
def _named(text: str) -> tuple[tuple[Path, str], ...]:
    """Each place in a flow's text where a shared text or a Flex file is named."""
    source = read(text, "")
    return () if isinstance(source, Mistake) else tuple(_within(source.data, ()))


def _within(part: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(part, dict):
        if set(part) == {"use"} and isinstance(part["use"], str):
            yield path, part["use"]
        for name, inner in part.items():
            if name == "flex" and isinstance(inner, str):
                yield (*path, name), inner
            else:
                yield from _within(inner, (*path, name))
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _within(inner, (*path, number))


def _at(document: Any, path: Path) -> Any:  # noqa: ANN401 (whatever the flow holds there)
    """What the flow has at the path; a text that was written in its short form stands in `text`."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document["text"] if isinstance(document, dict) and "text" in document else document
