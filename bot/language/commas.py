"""Lists that were written with full-width commas: YAML reads `[巧克力，起司]` as a list of one."""

from collections.abc import Iterator, Sequence

from bot.language import model
from bot.language.hints import WIDE_COMMAS, has_wide_comma
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Sentence


def check(flow: Flow, source: Source, _: Known) -> Iterator[Mistake]:
    """A warning where all that a list holds is one text with a full-width comma in it."""
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
