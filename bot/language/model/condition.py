"""A condition: plain parts, nothing to parse."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, model_validator

from bot.language.model.parts import Key, Name, Part, Several
from bot.language.model.times import WEEKDAYS, Hours
from bot.sentences import Sentence

STATUSES = ("none", "sent", "opened", "redeemed", "verified", "expired")
SHAPES = Sentence(
    "wrong_condition",
    "條件要是其中一種：answer 加 is、attribute 加 is、coupon 加 is、tag、member、channel、language、between、weekday、"
    "all、any、not",
    "a condition is one of: answer with is, attribute with is, coupon with is, tag, member, channel, language, between,"
    " weekday, all, any, not",
)


def _weekdays(given: tuple[str, ...]) -> tuple[str, ...]:
    for day in given:
        if day not in WEEKDAYS:
            message = Sentence(
                "wrong_weekday",
                f"這裡寫的是「{day}」；星期要寫成：{'、'.join(WEEKDAYS)}",
                f"found {day!r}; expected days of the week: {', '.join(WEEKDAYS)}",
            )
            raise ValueError(message)
    return given


class Condition(Part):
    """True or false for a contact: exactly one of these, some of them together with `is`."""

    answer: str | None = None
    attribute: Key | None = None
    coupon: Name | None = None
    is_: Annotated[Several | None, Field(alias="is")] = None
    at_least: FiniteFloat | None = None
    at_most: FiniteFloat | None = None
    tag: Name | None = None
    member: bool | None = None
    channel: Literal["line", "messenger"] | None = None
    language: str | None = None
    between: Hours | None = None
    weekday: Annotated[Several, AfterValidator(_weekdays)] | None = None
    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: Annotated["Condition | None", Field(alias="not")] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Condition":
        subjects = self.model_fields_set - {"is_", "at_least", "at_most"}
        bounded = self.at_least is not None or self.at_most is not None
        if len(subjects) != 1 or None in [getattr(self, name) for name in subjects]:
            raise ValueError(SHAPES)
        if self.is_ is not None and (bounded or not (self.answer or self.attribute or self.coupon)):
            raise ValueError(SHAPES)
        if bounded and not (self.answer or self.attribute):
            message = Sentence(
                "bounds_without_value",
                "`at_least` 和 `at_most` 要和 `answer` 或 `attribute` 一起用",
                "`at_least` and `at_most` go with `answer` or `attribute`",
            )
            raise ValueError(message, "at_least" if self.at_least is not None else "at_most")
        if self.answer and self.is_ is None and not bounded:
            raise ValueError(SHAPES)
        if self.coupon and not (self.is_ and all(one in STATUSES for one in self.is_)):
            message = Sentence(
                "wrong_coupon_status",
                f"券的 `is` 是其中一個或幾個：{'、'.join(STATUSES)}",
                f"a coupon `is` one or several of: {', '.join(STATUSES)}",
            )
            raise ValueError(message, "is")
        return self
