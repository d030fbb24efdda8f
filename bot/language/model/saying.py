"""What a step says: texts, pictures, videos, cards, buttons."""

from typing import Annotated, Any

from pydantic import WithJsonSchema, model_validator

from bot.language.model.parts import Part, Words


class Button(Part):
    """Opens a link, or sends a postback that starts a flow."""

    label: Words
    url: Words = ""
    postback: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Button":
        if bool(self.url) == bool(self.postback):
            raise ValueError("a button needs either `url` or `postback`")
        return self


class Card(Part):
    """One of several things shown side by side."""

    title: Words = ""
    text: Words = ""
    image: str = ""
    buttons: tuple[Button, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "Card":
        if not (self.title or self.text):
            raise ValueError("a card needs a `title` or a `text`")
        return self


class Saying(Part):
    """Something to say; quick replies (`choices`) send their label as the customer's own words.

    Of several texts, each time another one is said. `flex` is a LINE Flex container, which checking has read from its
    file; `text` stands for it where it cannot be shown.
    """

    text: Words | tuple[Words, ...] = ""
    title: Words = ""
    image: str = ""
    video: str = ""
    preview: str = ""
    cards: tuple[Card, ...] = ()
    flex: Annotated[str | dict[str, Any], WithJsonSchema({"type": "string"})] = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[Words, ...] = ()

    @property
    def variants(self) -> tuple[Words, ...]:
        """The texts, of which one is said."""
        return self.text if isinstance(self.text, tuple) else (self.text,)

    @model_validator(mode="after")
    def _fits_together(self) -> "Saying":
        if not (self.text or self.image or self.video or self.cards or self.flex):
            raise ValueError("`say` needs a `text`, an `image`, a `video`, `cards` or `flex`")
        if bool(self.video) != bool(self.preview):
            raise ValueError("a `video` and the picture that stands for it, `preview`, go together")
        if self.flex and not self.text:
            raise ValueError("`flex` needs a `text` that is said where it cannot be shown")
        if self.flex and (self.title or self.image or self.video or self.cards or self.buttons):
            raise ValueError("`flex` goes with a `text` and `choices` only; all else is within it")
        if self.cards and (self.title or self.image or self.video or self.buttons):
            raise ValueError("`cards` go with a `text` and `choices` only; titles, images and buttons are within them")
        return self
