"""A flow file's text, read into plain data with the line and column of every part of it."""

from dataclasses import dataclass
from typing import Any

import yaml

from bot.language.mistakes import Mistake

LARGEST = 500_000  # characters
DEEPEST = 40  # levels of nesting

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Source:
    """The data of a file; `places` maps the path of each part, such as ("steps", 2, "say"), to its line and column."""

    file: str
    data: Any
    places: dict[Path, tuple[int, int]]

    def mistake(self, path: Path, message: str, *, is_warning: bool = False) -> Mistake:
        """A mistake at the part with this path, or at the nearest part around it."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return Mistake(self.file, line, column, message, is_warning)


def read(text: str, file: str) -> Source | Mistake:
    """The file's data, or the one mistake that keeps it from being read as YAML."""
    if len(text) > LARGEST:
        return Mistake(file, 1, 1, f"the file has {len(text):,} characters; at most {LARGEST:,} are allowed")
    reader = _Reader(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = reader.value(node, ()) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return Mistake(file, line, column, f"this is not YAML: {error.problem}")
    except yaml.YAMLError as error:
        return Mistake(file, 1, 1, f"this is not YAML: {error}")
    except _Refused as error:
        return Mistake(file, error.line, error.column, str(error))
    return Source(file, data, reader.places)


class _Refused(Exception):  # noqa: N818 (of this module only)
    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line, self.column = node.start_mark.line + 1, node.start_mark.column + 1


class _Reader:
    """Builds plain data from YAML's nodes and notes where each stands. An alias is refused: it can grow without end."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path, tuple[int, int]] = {}
        self._seen: set[int] = set()
        self._plain = yaml.SafeLoader("")

    def value(self, node: yaml.Node, path: Path) -> Any:  # noqa: ANN401 (whatever the file holds)
        if id(node) in self._seen:
            raise _Refused(node, "an alias (*name) is not possible here; write the part out")
        if len(path) > DEEPEST:
            raise _Refused(node, f"nested more than {DEEPEST} deep")
        self._seen.add(id(node))
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)  # a marketer who writes 2026-12-01 means these characters
        return self._plain.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                raise _Refused(key_node, f"{key!r} stands here twice")
            self.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, (*path, key))
        return found
