"""A flow file's text, read into plain data with the line and column of every part of it.

Unquoted words stay what the marketer typed: `yes`, `12:30`, `007` and `2026-12-01` are texts here, though YAML 1.1
would make them true, 750, 7 and a date. Only `true` and `false` are not texts, and nothing at all is nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from bot.language.mistakes import Mistake

LARGEST = 200_000  # characters
DEEPEST = 40  # levels of nesting
TOO_DEEP = f"nested more than {DEEPEST} deep"

Path = tuple[str | int, ...]

# What an escape such as "\\0" or "\\ud800" can put into a text, and no database keeps and no platform takes.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BEYOND = re.compile(r"\\U(?!000[0-9A-Fa-f]{5}|0010[0-9A-Fa-f]{4})[0-9A-Fa-f]{8}")  # escapes of no character at all

_YAML = "tag:yaml.org,2002:"
# What plain YAML makes of a word; anything else was written as !tag and could ask for any object.
_SCALARS = frozenset(_YAML + kind for kind in ("str", "null", "bool", "int", "float", "timestamp", "value", "merge"))


@dataclass(frozen=True)
class Source:
    """The data of a file; `places` maps the path of each part, such as ("steps", 2, "say"), to its line and column."""

    file: str
    data: Any
    places: dict[Path, tuple[int, int]]

    def mistake(self, path: Path, message: str, *, is_warning: bool = False) -> Mistake:
        """A mistake at the part with this path, or at the nearest part around it."""
        return Mistake(self.file, *self.place(path), message, is_warning)

    def place(self, path: Path) -> tuple[int, int]:
        """The line and the column of the part with this path, or of the nearest part around it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def read(text: str, file: str) -> Source | Mistake:
    """The file's data, or the one mistake that keeps it from being read as YAML."""
    if len(text) > LARGEST:
        return Mistake(file, 1, 1, f"the file has {len(text):,} characters; at most {LARGEST:,} are allowed")
    reader = _Reader()
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = reader.value(node, ()) if node else None
    except ReaderError as error:
        line, column = _place(text, error.position)
        found = f"the invisible character U+{ord(text[error.position]):04X}"
        return Mistake(file, line, column, f"this is not YAML: {found} has no place in a text")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Mistake(file, line, column, _not_yaml(text, line, error))
    except (ValueError, OverflowError):  # PyYAML asks Python for a character that there is not
        return _no_character(text, file)
    except (RecursionError, _Refused) as error:
        line, column = (error.line, error.column) if isinstance(error, _Refused) else (1, 1)
        return Mistake(file, line, column, str(error) if isinstance(error, _Refused) else TOO_DEEP)
    return Source(file, data, reader.places)


def _no_character(text: str, file: str) -> Mistake:
    beyond = _BEYOND.search(text)
    line, column = _place(text, beyond.start()) if beyond else (1, 1)
    return Mistake(
        file, line, column, f"this is not YAML: {beyond[0] if beyond else 'an escape'} stands for no character"
    )


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position].split("\n")
    return len(before), len(before[-1]) + 1


def _not_yaml(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    """YAML's own words, and before them the slips that nearly always are behind them."""
    words = text.splitlines()[line - 1] if line <= len(text.splitlines()) else ""
    if "\t" in words:
        return "this is not YAML: there is a tab in this line; use spaces"
    if error.problem and "but got '?'" in error.problem:
        return 'this is not YAML: within { } or [ ] a text with a question mark needs quotes: "...?"'
    if error.problem and "mapping values are not allowed" in error.problem:
        return 'this is not YAML: a text with a colon and a space in it needs quotes: "..."'
    if error.problem and "found character '" in error.problem:
        return f'this is not YAML: {error.problem}; put the text in quotes: "..."'
    return f"this is not YAML: {error.problem}"


class _Refused(Exception):  # noqa: N818 (of this module only)
    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line, self.column = node.start_mark.line + 1, node.start_mark.column + 1


class _Reader:
    """Builds plain data from YAML's nodes and notes where each stands. An alias is refused: it can grow without end."""

    def __init__(self) -> None:
        self.places: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
        if id(node) in self._seen:
            raise _Refused(node, "an alias (*name) is not possible here; write the part out")
        if len(path) > DEEPEST:
            raise _Refused(node, TOO_DEEP)
        self._seen.add(id(node))
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode) and node.tag == _YAML + "map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == _YAML + "seq":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
            return _scalar(node)
        raise _Refused(node, f"the tag {node.tag.replace(_YAML, '!!')!r} is not possible here; put the text in quotes")

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Refused(key_node, 'a name must stand before the colon; put {{ }} in quotes: "{{ ... }}"')
            key = _named(key_node)
            if key in found:
                raise _Refused(key_node, f"{key!r} stands here twice")
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, (*path, key))
        return found


def _named(node: yaml.ScalarNode) -> str:
    _scalar(node)  # refuses what no text can hold
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> str | bool | None:
    if odd := UNSTORABLE.search(node.value):
        raise _Refused(node, f"no text can hold the character U+{ord(odd[0]):04X}; take its escape out")
    if node.tag == _YAML + "null":
        return None
    if node.tag == _YAML + "bool" and node.value.lower() in {"true", "false"}:
        return bool(node.value.lower() == "true")
    return str(node.value)
