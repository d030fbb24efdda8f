"""Telling how trials went: what a conversation in the file says, and what was done instead, line by line."""

from collections.abc import Iterator, Sequence

from bot.language.mistakes import Mistake
from bot.language.source import Source
from bot.rehearsal.items import Item, items
from bot.rehearsal.trial import Row, Trial
from bot.rehearsal.writing import told
from bot.sentences import Pair, Sentence


def difference(source: str, trial: Trial, language: str = "en") -> list[str]:
    """The stretches in which file and flow differ, with the numbers of the lines, for a reader of this language.

    `-` is expected in the file and was not done; `+` was done and is not in the file.
    """
    places, lines = items(source, trial.number), source.splitlines()
    shown: list[str] = []
    for rows in trial.stretches:
        if not all(row.is_good for row in rows):
            shown += [*(["    ..."] if shown else []), *_stretch(rows, places, lines, language)]
    return shown


def mistakes(source: Source, tried: Sequence[Trial]) -> Iterator[Mistake]:
    """Each conversation that does not go as the file says, as a mistake at the first line where it does not."""
    for trial in tried:
        wrong = next(((rows, place) for rows in trial.stretches for place in [_first_wrong(rows)] if place >= 0), None)
        if wrong is not None:
            rows, place = wrong
            turn = next(row.turn for row in reversed(rows[: place + 1]) if row.turn is not None)
            path = ("conversations", trial.number, "talk", turn)
            name, said = trial.conversation.name, _said(rows[place:])
            message = Sentence(
                "conversation_otherwise",
                f"對話「{name}」和寫的不一樣：{said.zh}",
                f"the conversation {name!r} goes otherwise: {said.en}",
            )
            yield source.mistake(path, message)


def _first_wrong(rows: Sequence[Row]) -> int:
    return next((place for place, row in enumerate(rows) if not row.is_good), -1)


def _said(rows: Sequence[Row]) -> Pair:
    deeds = [row.deed for row in rows if row.turn is None and row.deed is not None]
    if not deeds:
        return Pair("這件事沒有發生", "this does not happen")
    zh, en = (" ".join(map(str.strip, told(deeds[0], language))).removeprefix("- ") for language in ("zh", "en"))
    return Pair(zh, en)


def _stretch(rows: Sequence[Row], places: Sequence[Item], lines: Sequence[str], language: str) -> Iterator[str]:
    for row in rows:
        if row.turn is not None:
            item, sign = places[row.turn], " " if row.is_good else "-"
            for number in range(item.start, item.end):
                yield f"{number + 1:6} {sign} {_outdented(lines[number], item.indent)}"
        elif row.deed is not None:
            yield from (f"       + {line}" for line in told(row.deed, language))


def _outdented(line: str, indent: int) -> str:
    return line.strip() if indent < 0 or line[:indent].strip() else line[indent:]
