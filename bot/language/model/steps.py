"""The steps of a flow, one class a kind."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from bot.language.model.asking import Asking
from bot.language.model.condition import Condition
from bot.language.model.parts import Key, Name, Part, Words, short_for
from bot.language.model.saying import Saying
from bot.language.model.waiting import Waiting


class Step(Part):
    """What every step has: a name to go to, if it needs one."""

    id: Name | None = None


class Say(Step):
    """Say something and go on."""

    say: Annotated[Saying, BeforeValidator(short_for("text"), json_schema_input_type=Words | Saying)]


class Ask(Step):
    """Ask, and wait for the answer."""

    ask: Annotated[Asking, BeforeValidator(short_for("text"), json_schema_input_type=Words | Asking)]


class If(Step):
    """Go one way or the other; without `else`, on."""

    if_: Annotated[Condition, Field(alias="if")]
    then: Name
    else_: Annotated[Name | None, Field(alias="else")] = None


class Go(Step):
    """Go to another step."""

    go: Name


class Call(Step):
    """Go through another flow, and come back."""

    call: Name


class Branch(Part):
    """One of the ways of a `random`, taken as often as its weight says."""

    weight: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    go: Name


class Random(Step):
    """Go one of several ways, by chance."""

    random: Annotated[tuple[Branch, ...], Field(min_length=2)]


class Refusals(Part):
    """Where to go when the coupon cannot be sent, by reason; `otherwise` for the rest."""

    limit_reached: str = ""
    sold_out: str = ""
    not_started: str = ""
    ended: str = ""
    unreachable: str = ""
    otherwise: str = ""


class Sending(Part):
    """A coupon to send; the text may use coupon.name and coupon.url, the button opens its page.

    `image` is shown in the place of the campaign's own picture.
    """

    campaign: Name
    text: Words
    image: str = ""
    button: Words
    refused: Refusals = Refusals()


class SendCoupon(Step):
    """Send a coupon, or go where the refusal says."""

    send_coupon: Sending


class Wait(Step):
    """Go on later, or when something has happened."""

    wait: Annotated[Waiting, BeforeValidator(short_for("for"), json_schema_input_type=str | Waiting)]


class TagStep(Step):
    """Give the contact a tag."""

    tag: Name


class Untag(Step):
    """Take a tag away."""

    untag: Name


class Set(Step):
    """Keep values with the contact."""

    set: Annotated[dict[Key, str], Field(min_length=1)]


class Notify(Step):
    """Tell the staff something and go on."""

    notify: Annotated[str, Field(min_length=1)]


class HandOver(Step):
    """A person answers from here on."""

    hand_over: Annotated[str, Field(max_length=200)]


class End(Step):
    """The flow is over; a called one returns to its caller."""

    end: Literal[True]


KINDS: dict[str, type[Step]] = {
    "say": Say,
    "ask": Ask,
    "if": If,
    "go": Go,
    "call": Call,
    "random": Random,
    "send_coupon": SendCoupon,
    "wait": Wait,
    "tag": TagStep,
    "untag": Untag,
    "set": Set,
    "notify": Notify,
    "hand_over": HandOver,
    "end": End,
}


def kind_of(step: Any) -> str | None:  # noqa: ANN401 (whatever the file holds, or a step)
    """The key by which a step is known ('say', 'ask', ...), or None where it has none."""
    if isinstance(step, Step):
        return next(name for name, kind in KINDS.items() if isinstance(step, kind))
    return next((name for name in KINDS if name in step), None) if isinstance(step, dict) else None


AnyStep = Annotated[
    Annotated[Say, Tag("say")]
    | Annotated[Ask, Tag("ask")]
    | Annotated[If, Tag("if")]
    | Annotated[Go, Tag("go")]
    | Annotated[Call, Tag("call")]
    | Annotated[Random, Tag("random")]
    | Annotated[SendCoupon, Tag("send_coupon")]
    | Annotated[Wait, Tag("wait")]
    | Annotated[TagStep, Tag("tag")]
    | Annotated[Untag, Tag("untag")]
    | Annotated[Set, Tag("set")]
    | Annotated[Notify, Tag("notify")]
    | Annotated[HandOver, Tag("hand_over")]
    | Annotated[End, Tag("end")],
    Discriminator(
        kind_of,
        custom_error_type="step_kind",
        custom_error_message="a step is one of: " + ", ".join(KINDS),
    ),
]
