"""Writing what now happens into the conversations of a file, without touching any other line of it."""

from collections.abc import Iterator, Sequence

from bot.rehearsal.deeds import Failed
from bot.rehearsal.items import Item, items
from bot.rehearsal.trial import Row, Trial
from bot.rehearsal.writing import told
from bot.sentences import Pair


class NotWritable(ValueError):  # noqa: N818 (says what it is)
    """What happens cannot be written into the file; the words say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Pair(zh, en)


def updated(text: str, tried: Sequence[Trial]) -> str:
    """The file's text with every conversation as it went.

    Raises:
        NotWritable: an act failed, or the turns of a talk share a line.
    """
    lines = text.splitlines(keepends=True)
    line_break = "\r\n" if "\r\n" in text else "\n"
    edits = [edit for trial in tried if not trial.is_good for edit in _edits(trial, items(text, trial.number))]
    for start, end, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        if start and not lines[start - 1].endswith("\n"):
            lines[start - 1] += line_break
        lines[start:end] = [line + line_break for line in new]
    return "".join(lines)


def _edits(trial: Trial, places: Sequence[Item]) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, line after the last, new lines) for each place that changes."""
    if places[0].indent < 0:
        name = trial.conversation.name
        raise NotWritable(
            f"對話「{name}」有好幾句寫在同一行；請各占一行，前面加 -",
            f"the turns of {name!r} share a line; put each on its own, with -",
        )
    for rows in trial.stretches:
        after = places[rows[0].turn or 0]
        for place, row in enumerate(rows):
            if row.turn is not None:
                after = places[row.turn]
            if isinstance(row.deed, Failed):
                name, why = trial.conversation.name, row.deed.why
                raise NotWritable(f"對話「{name}」無法寫入：{why.zh}", f"{name!r} cannot be written: {why.en}")
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
