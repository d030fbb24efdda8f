"""What a step says: texts, pictures, videos, cards, buttons."""

from typing import Annotated, Any

from pydantic import WithJsonSchema, model_validator

from bot.language.model.parts import Part, Words
from bot.sentences import Sentence


class Button(Part):
    """Opens a link, or sends a postback that starts a flow."""

    label: Words
    url: Words = ""
    postback: str = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> "Button":
        if bool(self.url) == bool(self.postback):
            message = Sentence(
                "button_without_aim",
                "按鈕要有 `url` 或 `postback` 其中一項",
                "a button needs either `url` or `postback`",
            )
            raise ValueError(message)
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
            raise ValueError(Sentence("card_empty", "卡片要有 `title` 或 `text`", "a card needs a `title` or a `text`"))
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
            message = Sentence(
                "say_empty",
                "`say` 要有 `text`、`image`、`video`、`cards` 或 `flex`",
                "`say` needs a `text`, an `image`, a `video`, `cards` or `flex`",
            )
            raise ValueError(message)
        if bool(self.video) != bool(self.preview):
            message = Sentence(
                "video_without_preview",
                "`video` 和代表它的圖片 `preview` 要一起寫",
                "a `video` and the picture that stands for it, `preview`, go together",
            )
            raise ValueError(message, "video" if self.video else "preview")
        if self.flex and not self.text:
            message = Sentence(
                "flex_without_text",
                "`flex` 要有 `text`，在不能顯示 Flex 的地方改說這段文字",
                "`flex` needs a `text` that is said where it cannot be shown",
            )
            raise ValueError(message)
        beside = [name for name in ("title", "image", "video", "cards", "buttons") if getattr(self, name)]
        if self.flex and beside:
            message = Sentence(
                "flex_with_others",
                "`flex` 只能和 `text`、`choices` 一起用；其他內容都寫在 Flex 裡面",
                "`flex` goes with a `text` and `choices` only; all else is within it",
            )
            raise ValueError(message, beside[0])
        beside = [name for name in beside if name != "cards"]
        if self.cards and beside:
            message = Sentence(
                "cards_with_others",
                "`cards` 只能和 `text`、`choices` 一起用；標題、圖片和按鈕寫在每張卡片裡面",
                "`cards` go with a `text` and `choices` only; titles, images and buttons are within them",
            )
            raise ValueError(message, beside[0])
        return self
