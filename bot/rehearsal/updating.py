"""Writing what now happens into the conversations of a file, without touching any other line of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from bot.rehearsal.deeds import Failed
from bot.rehearsal.trial import Row, Trial
from bot.rehearsal.writing import told


class NotWritable(ValueError):  # noqa: N818 (says what it is)
    """What happens cannot be written into the file; the sentence says why."""


@dataclass(frozen=True)
class Item:
    """A turn in the file: its first line and the line after its last, counted from 0, and how far it is indented."""

    start: int
    end: int
    indent: int


def updated(text: str, tried: Sequence[Trial]) -> str:
    """The file's text with every conversation as it went.

    Raises:
        NotWritable: an act failed, or the turns of a talk share a line.
    """
    lines = text.splitlines(keepends=True)
    items = {trial.number: _items(text, lines, trial) for trial in tried if not trial.is_good}
    edits = [edit for trial in tried if not trial.is_good for edit in _edits(trial, items[trial.number])]
    for start, end, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        if start and not lines[start - 1].endswith("\n"):
            lines[start - 1] += "\n"
        lines[start:end] = [line + "\n" for line in new]
    return "".join(lines)


def place_of(text: str, trial: Trial) -> list[Item]:
    """The turns of the conversation in the file; lines only, where they share one."""
    return [Item(node.start_mark.line, node.start_mark.line + 1, 0) for node in _talk(text, trial.number).value]


def _edits(trial: Trial, items: Sequence[Item]) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, line after the last, new lines) for each place that changes."""
    for rows in trial.stretches:
        after = items[rows[0].turn or 0]
        for place, row in enumerate(rows):
            if row.turn is not None:
                after = items[row.turn]
            if isinstance(row.deed, Failed):
                raise NotWritable(f"{trial.conversation.name!r} cannot be written: {row.deed.why}")
            if row.is_good and row.turn is not None:
                new = _beside(rows[place + 1 :], after.indent)
                if new:
                    yield after.end, after.end, new
            elif row.turn is not None:
                yield after.start, after.end, _beside(rows[place + 1 :], after.indent)


def _beside(rows: Sequence[Row], indent: int) -> list[str]:
    """The lines of what was done besides, up to the next turn of the file."""
    lines = []
    for row in rows:
        if row.turn is not None or row.deed is None:
            break
        lines += [" " * indent + line if line else "" for line in told(row.deed)]
    return lines


def _items(text: str, lines: Sequence[str], trial: Trial) -> list[Item]:
    talk = _talk(text, trial.number)
    if talk.flow_style:
        raise NotWritable(f"the turns of {trial.conversation.name!r} share a line; put each on its own, with -")
    column = talk.start_mark.column
    found = []
    for node in talk.value:
        start = node.start_mark.line
        while lines[start][column : column + 1] != "-" or lines[start][:column].strip():
            start -= 1
        end = _last_line(node) + 1
        while not lines[end - 1].strip():
            end -= 1
        found.append(Item(start, end, column))
    return found


def _talk(text: str, number: int) -> yaml.Node:
    """The node of the conversation's talk."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return _under(_under(root, "conversations").value[number], "talk")


def _under(node: yaml.Node, key: str) -> yaml.Node:
    return next(value for name, value in node.value if name.value == key)


def _last_line(node: yaml.Node) -> int:
    """The last line on which something of the node stands; YAML's own mark is behind the comments that follow."""
    if isinstance(node, yaml.ScalarNode):
        return int(node.end_mark.line) - (node.style in ("|", ">"))
    if node.flow_style:
        return int(node.end_mark.line)
    if isinstance(node, yaml.MappingNode):
        return max(_last_line(part) for pair in node.value for part in pair)
    return max(_last_line(part) for part in node.value)
