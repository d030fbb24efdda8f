"""Signs that are read otherwise than they were meant: `[巧克力，起司]`, `We are #1`, `Hi {contact.name}`."""

import re
from collections.abc import Iterator, Sequence

from bot.language import model, walk
from bot.language.hints import WIDE_COMMAS, cut_by_hash, has_wide_comma
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Sentence

_VALUE = r"\s*((?:contact|shop|answers|attributes|coupon)\.[\w.]+)\s*"
_NOT_DOUBLE = re.compile(rf"(?<!\{{)\{{{_VALUE}\}}(?!\}})|｛+{_VALUE}｝+")  # noqa: RUF001 (as people type them)


def check(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """A warning at each: all of it can be meant as it stands."""
    yield from _lists_of_one(flow, source)
    yield from (source.mistake(path, cut_by_hash(rest), is_warning=True) for path, rest in source.cut.items())
    for text in walk.texts_of(flow):
        for template in text.each if text.use != "flex" else ():
            if found := _NOT_DOUBLE.search(template):
                name = found[1] or found[2]
                message = Sentence(
                    "braces_not_double",
                    f"「{found[0]}」會照原樣說出來；要填入資料請寫 {{{{ {name} }}}}",
                    f"{found[0]!r} is said as it stands; for the value write {{{{ {name} }}}}",
                )
                yield source.mistake(text.path, message, is_warning=True)


def _lists_of_one(flow: Flow, source: Source) -> Iterator[Mistake]:
    """All that a list holds is one text with a full-width comma in it."""
    for path, texts in _lists(flow):
        if (*path, 0) in source.places and len(texts) == 1 and has_wide_comma(texts[0]):
            comma = next(comma for comma in WIDE_COMMAS if comma in texts[0])
            message = Sentence(
                "list_of_one",
                f"「{texts[0]}」是一整段文字，「{comma}」不會把它分開；要寫幾個時，中間用半形逗號加一個空格：`, `",
                f"{texts[0]!r} is one text, as {comma} separates nothing; for several write `, ` between them",
            )
            yield source.mistake((*path, 0), message, is_warning=True)


def _lists(flow: Flow) -> Iterator[tuple[Path, Sequence[str]]]:
    for index, start in enumerate(flow.starts):
        yield ("starts", index, "words"), start.words
        yield ("starts", index, "contains"), start.contains
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Ask):
            labels = [choice.label for choice in step.ask.choices]
            yield ("steps", index, "ask", "choices"), [label for label in labels if isinstance(label, str)]
        elif isinstance(step, model.Say):
            yield ("steps", index, "say", "choices"), [label for label in step.say.choices if isinstance(label, str)]
