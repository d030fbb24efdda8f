"""A flow file's text, read into plain data with the line and column of every part of it.

Unquoted words stay what the marketer typed: `yes`, `12:30`, `007` and `2026-12-01` are texts here, though YAML 1.1
would make them true, 750, 7 and a date. Only `true` and `false` are not texts, and nothing at all is nothing.
"""

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.reader import ReaderError

from bot.language import slips
from bot.language.mistakes import Mistake

LARGEST = 200_000  # characters
DEEPEST = 40  # levels of nesting

Path = tuple[str | int, ...]

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
        return _not_yaml(text, file, error)
    except RecursionError:
        return Mistake(file, 1, 1, f"nested more than {DEEPEST} deep")
    except _Refused as error:
        return Mistake(file, error.line, error.column, str(error))
    return Source(file, data, reader.places)


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position].split("\n")
    return len(before), len(before[-1]) + 1


def _not_yaml(text: str, file: str, error: yaml.MarkedYAMLError) -> Mistake:
    """The slip that is behind the error, else YAML's own words."""
    if slip := slips.of(text, error):
        return Mistake(file, slip.line, slip.column, f"this is not YAML: {slip.en}")
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    quotes = '; put the text in quotes: "..."' if "found character '" in (error.problem or "") else ""
    return Mistake(file, line, column, f"this is not YAML: {error.problem}{quotes}")


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
            raise _Refused(node, f"nested more than {DEEPEST} deep")
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
            key = str(key_node.value)
            if key in found:
                raise _Refused(key_node, f"{key!r} stands here twice")
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, (*path, key))
        return found


def _scalar(node: yaml.ScalarNode) -> str | bool | None:
    if node.tag == _YAML + "null":
        return None
    if node.tag == _YAML + "bool" and node.value.lower() in {"true", "false"}:
        return bool(node.value.lower() == "true")
    return str(node.value)
