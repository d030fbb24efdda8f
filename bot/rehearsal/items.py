"""The turns of a conversation as lines of its file."""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Item:
    """A turn in the file: its first line and the line after its last, counted from 0, and how far it is indented.

    `indent` is -1 where turns may share a line: [{customer: hi}, {bot: hello}].
    """

    start: int
    end: int
    indent: int


def items(text: str, conversation: int) -> list[Item]:
    """The turns of the conversation with this number, in a file that can be read."""
    talk = _under(_under(yaml.compose(text, Loader=yaml.SafeLoader), "conversations").value[conversation], "talk")
    if not isinstance(talk, yaml.SequenceNode) or talk.flow_style:
        return [Item(node.start_mark.line, node.end_mark.line + 1, -1) for node in talk.value]
    lines = text.splitlines()
    return [_item(node, talk.start_mark.column, lines) for node in talk.value]


def _item(node: yaml.Node, column: int, lines: Sequence[str]) -> Item:
    start, end = node.start_mark.line, _last_line(node) + 1
    while lines[start][column : column + 1] != "-" or lines[start][:column].strip():
        start -= 1  # the dash stands on a line of its own
    while not lines[end - 1].strip():
        end -= 1
    return Item(start, end, column)


def _under(node: yaml.Node | None, key: str) -> yaml.Node:
    """What stands behind the key of a mapping that is known to have it."""
    found = [value for name, value in node.value if name.value == key] if node else []
    value: yaml.Node = found[0]
    return value


def _last_line(node: yaml.Node) -> int:
    """The last line on which something of the node stands; YAML's own mark is behind the comments that follow."""
    if isinstance(node, yaml.ScalarNode):
        return int(node.end_mark.line) - (node.style in ("|", ">"))
    if isinstance(node, yaml.CollectionNode) and node.flow_style:
        return int(node.end_mark.line)
    if isinstance(node, yaml.MappingNode):
        return max(_last_line(part) for pair in node.value for part in pair)
    return max(_last_line(part) for part in node.value)
