"""Walking over a flow: its texts and its ways, each with its path in the file."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.language import model
from bot.language.model import Flow, Words
from bot.language.source import Path


@dataclass(frozen=True)
class Text:
    """A text of the flow: where it stands, what it is used as, and the step it belongs to."""

    path: Path
    words: Words
    use: str
    step: int

    @property
    def each(self) -> list[str]:
        """The text in every language that it has."""
        return [self.words] if isinstance(self.words, str) else list(self.words.values())


def texts_of(flow: Flow) -> Iterator[Text]:
    """Every text of the flow. `use`: text, title, button, choice, card_text or url."""
    for index, step in enumerate(flow.steps):
        for path, words, use in _texts_of_step(step):
            if words:
                yield Text(("steps", index, *path), words, use, index)


def _texts_of_step(step: model.AnyStep) -> Iterator[tuple[Path, Words, str]]:
    if isinstance(step, model.Say):
        say = step.say
        yield ("say", "text"), say.text, "card_text" if say.buttons else "text"
        yield ("say", "title"), say.title, "title"
        for number, button in enumerate(say.buttons):
            yield ("say", "buttons", number, "label"), button.label, "button"
            yield ("say", "buttons", number, "url"), button.url, "url"
        for number, choice in enumerate(say.choices):
            yield ("say", "choices", number), choice, "choice"
    elif isinstance(step, model.Ask):
        yield ("ask", "text"), step.ask.text, "text"
        yield ("ask", "otherwise"), step.ask.otherwise, "text"
        for number, answer in enumerate(step.ask.choices):
            yield ("ask", "choices", number, "label"), answer.label, "choice"
    elif isinstance(step, model.SendCoupon):
        yield ("send_coupon", "text"), step.send_coupon.text, "card_text"
        yield ("send_coupon", "button"), step.send_coupon.button, "button"


def asked_in(flow: Flow) -> frozenset[str]:
    """The names under which the flow's questions keep their answers."""
    return frozenset(step.ask.keep for step in flow.steps if isinstance(step, model.Ask))


def ways_of(step: model.AnyStep) -> Iterator[tuple[Path, str]]:
    """Every step id that the step may go to, with the place where it is written."""
    if isinstance(step, model.Go):
        yield ("go",), step.go
    elif isinstance(step, model.If):
        yield ("then",), step.then
        if step.else_:
            yield ("else",), step.else_
    elif isinstance(step, model.Ask):
        for number, choice in enumerate(step.ask.choices):
            if choice.go:
                yield ("ask", "choices", number, "go"), choice.go
    elif isinstance(step, model.SendCoupon):
        for reason in model.Refusals.model_fields:
            target = getattr(step.send_coupon.refused, reason)
            if target:
                yield ("send_coupon", "refused", reason), target


def goes_on(step: model.AnyStep) -> bool:
    """Whether the step may be followed by the next one in the file."""
    if isinstance(step, model.Go | model.End | model.HandOver):
        return False
    if isinstance(step, model.If):
        return step.else_ is None
    if isinstance(step, model.Ask) and step.ask.choices:
        return not all(choice.go for choice in step.ask.choices)
    return True
