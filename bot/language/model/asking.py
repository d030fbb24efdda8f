"""What a step asks, and what it does with an answer that does not come or does not fit."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat, model_validator

from bot.language.model.parts import Key, Part, Words, short_for
from bot.language.model.times import Duration
from bot.sentences import Sentence

Kind = Literal["text", "number", "date", "phone", "email"]


class Choice(Part):
    """An answer that is offered; `value` is what is kept (the first language's label where none is given)."""

    label: Words
    value: str = ""
    go: str = ""


class Tries(Part):
    """How many answers may fail to fit, and where to go then; without `go`, on."""

    at_most: Annotated[int, Field(ge=1, le=20)]
    go: str = ""


class Timeout(Part):
    """How long to wait, and where to go then; without `go`, on."""

    after: Duration
    go: str = ""


class Asking(Part):
    """A question; its answer is kept under `keep`. An answer that does not fit gets `otherwise`."""

    text: Words
    image: str = ""
    kind: Kind = "text"
    min: FiniteFloat | None = None
    max: FiniteFloat | None = None
    choices: tuple[
        Annotated[Choice, BeforeValidator(short_for("label"), json_schema_input_type=Words | Choice)], ...
    ] = ()
    keep: Key = "answer"
    otherwise: Words = ""
    tries: Tries | None = None
    timeout: Timeout | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Asking":
        if self.choices and self.kind != "text":
            message = Sentence(
                "choices_with_kind",
                "`choices` 和 `kind` 不能一起用：有選項時只能選其中一個",
                "`choices` and `kind` do not go together: the choices are all that can be answered",
            )
            raise ValueError(message, "kind")
        if (self.min is not None or self.max is not None) and self.kind != "number":
            message = Sentence(
                "bounds_without_number",
                "`min` 和 `max` 只能和 `kind: number` 一起用",
                "`min` and `max` are for `kind: number`",
            )
            raise ValueError(message, "min" if self.min is not None else "max")
        if self.min is not None and self.max is not None and self.min > self.max:
            message = Sentence(
                "bounds_crossed",
                "`min` 比 `max` 大，沒有數字符合",
                "`min` is more than `max`, so no number fits",
            )
            raise ValueError(message, "max")
        if self.tries and not self.choices and self.kind == "text":
            message = Sentence(
                "tries_for_any_text",
                "`tries` 是給可能不符合的答案用的；這裡什麼文字都可以",
                "`tries` is for answers that may not fit; any text fits here",
            )
            raise ValueError(message, "tries")
        return self
