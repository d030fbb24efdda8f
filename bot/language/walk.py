"""Walking over a flow: its texts, its pictures and its ways, each with its path in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    """Every text of the flow.

    `use`: text, title, button, choice, url; card_text (over buttons); value (of an attribute), notice; flex, and
    alt_text, which stands for it.
    """
    for index, step in enumerate(flow.steps):
        for path, words, use in _texts_of_step(step):
            if words:
                yield Text(("steps", index, *path), words, use, index)


Found = tuple[Path, Words, str]


def _texts_of_step(step: model.AnyStep) -> Iterator[Found]:
    if isinstance(step, model.Say):
        yield from _texts_of_saying(step.say)
    elif isinstance(step, model.Ask):
        yield ("ask", "text"), step.ask.text, "text"
        yield ("ask", "otherwise"), step.ask.otherwise, "text"
        for number, answer in enumerate(step.ask.choices):
            yield ("ask", "choices", number, "label"), answer.label, "choice"
    elif isinstance(step, model.SendCoupon):
        yield ("send_coupon", "text"), step.send_coupon.text, "card_text"
        yield ("send_coupon", "button"), step.send_coupon.button, "button"
    elif isinstance(step, model.Set):
        for name, value in step.set.items():
            yield ("set", name), value, "value"
    elif isinstance(step, model.Notify):
        yield ("notify",), step.notify, "notice"


def _texts_of_saying(say: model.Saying) -> Iterator[Found]:
    use = "alt_text" if say.flex else "card_text" if say.buttons else "text"
    for number, words in enumerate(say.variants):
        yield ("say", "text", *((number,) if isinstance(say.text, tuple) else ())), words, use
    yield ("say", "title"), say.title, "title"
    yield from _texts_of_buttons(("say",), say.buttons)
    for number, card in enumerate(say.cards):
        yield ("say", "cards", number, "title"), card.title, "title"
        yield ("say", "cards", number, "text"), card.text, "card_text"
        yield from _texts_of_buttons(("say", "cards", number), card.buttons)
    for number, choice in enumerate(say.choices):
        yield ("say", "choices", number), choice, "choice"
    for words in strings(say.flex) if isinstance(say.flex, dict) else ():
        yield ("say", "flex"), words, "flex"


def _texts_of_buttons(path: Path, buttons: tuple[model.Button, ...]) -> Iterator[Found]:
    for number, button in enumerate(buttons):
        yield (*path, "buttons", number, "label"), button.label, "button"
        yield (*path, "buttons", number, "url"), button.url, "url"


def strings(part: Any) -> Iterator[str]:  # noqa: ANN401 (whatever a Flex file holds)
    """Every text within lists and mappings, without the names of their parts."""
    if isinstance(part, dict | list | tuple):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from strings(inner)
    elif isinstance(part, str):
        yield part


def pictures_of(flow: Flow) -> Iterator[tuple[Path, str]]:
    """Every picture that the flow shows: a file beside it, or an address."""
    for index, step in enumerate(flow.steps):
        path = ("steps", index)
        if isinstance(step, model.Say):
            yield (*path, "say", "image"), step.say.image
            yield (*path, "say", "preview"), step.say.preview
            for number, card in enumerate(step.say.cards):
                yield (*path, "say", "cards", number, "image"), card.image
        elif isinstance(step, model.Ask):
            yield (*path, "ask", "image"), step.ask.image
        elif isinstance(step, model.SendCoupon):
            yield (*path, "send_coupon", "image"), step.send_coupon.image


def buttons_of(flow: Flow) -> Iterator[tuple[Path, model.Button]]:
    """Every button that a `say` shows."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.Say):
            path = ("steps", index, "say")
            for number, button in enumerate(step.say.buttons):
                yield (*path, "buttons", number), button
            for place, card in enumerate(step.say.cards):
                for number, button in enumerate(card.buttons):
                    yield (*path, "cards", place, "buttons", number), button


def conditions_of(flow: Flow) -> Iterator[tuple[Path, model.Condition]]:
    """Every condition as it is written, with what may be within it."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.If):
            yield ("steps", index, "if"), step.if_


def asked_in(flow: Flow) -> frozenset[str]:
    """The names under which the flow's questions keep their answers."""
    return frozenset(step.ask.keep for step in flow.steps if isinstance(step, model.Ask))
