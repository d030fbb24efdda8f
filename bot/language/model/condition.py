"""A condition: plain parts, nothing to parse."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.language.model.parts import Key, Name, Part, Several
from bot.language.model.times import WEEKDAYS, Hours

STATUSES = ("none", "sent", "opened", "redeemed", "verified", "expired")
SHAPES = (
    "a condition is one of: answer with is, attribute with is, coupon with is, tag, member, channel, language, between,"
    " weekday, all, any, not"
)


def _weekdays(given: tuple[str, ...]) -> tuple[str, ...]:
    for day in given:
        if day not in WEEKDAYS:
            raise ValueError(f"found {day!r}; expected days of the week: {', '.join(WEEKDAYS)}")
    return given


class Condition(Part):
    """True or false for a contact: exactly one of these, some of them together with `is`."""

    answer: str | None = None
    attribute: Key | None = None
    coupon: Name | None = None
    is_: Annotated[Several | None, Field(alias="is")] = None
    at_least: float | None = None
    at_most: float | None = None
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
            raise ValueError("`at_least` and `at_most` go with `answer` or `attribute`")
        if self.answer and self.is_ is None and not bounded:
            raise ValueError(SHAPES)
        if self.coupon and not (self.is_ and all(one in STATUSES for one in self.is_)):
            raise ValueError(f"a coupon `is` one or several of: {', '.join(STATUSES)}")
        return self
