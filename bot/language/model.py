"""A flow as a marketer's file says it: what starts it, and its steps."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=64)]
LANGUAGE = r"[a-z]{2}(?:-[A-Za-z0-9]{2,8})*"  # a BCP 47 tag, as far as texts need it
Language = Annotated[str, Field(pattern=f"^{LANGUAGE}$")]
Words = str | dict[str, str]  # one text for all languages, or a text a language


A_START = "a start is one of: follow, words: [...], ref: ..., postback: ..."


class Part(BaseModel):
    """Unchangeable, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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


class Saying(Part):
    """Something to say; quick replies (`choices`) send their label as the customer's own words."""

    text: Words = ""
    title: Words = ""
    image: str = ""
    buttons: tuple[Button, ...] = ()
    choices: tuple[Words, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "Saying":
        if not (self.text or self.image):
            raise ValueError("`say` needs a `text` or an `image`")
        return self


class Choice(Part):
    """An answer that is offered; `value` is what is kept (the first language's label where none is given)."""

    label: Words
    value: str = ""
    go: str = ""


class Asking(Part):
    """A question; its answer is kept under `keep`. With choices, an answer that is none of them gets `otherwise`."""

    text: Words
    image: str = ""
    choices: tuple[Annotated[Choice, BeforeValidator(lambda given: _long(given, "label"))], ...] = ()
    keep: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)] = "answer"
    otherwise: Words = ""


class Refusals(Part):
    """Where to go when the coupon cannot be sent, by reason; `otherwise` for the rest."""

    limit_reached: str = ""
    sold_out: str = ""
    not_started: str = ""
    ended: str = ""
    unreachable: str = ""
    otherwise: str = ""


class Sending(Part):
    """A coupon to send; the text may use coupon.name and coupon.url, the button opens its page."""

    campaign: Name
    text: Words
    button: Words
    refused: Refusals = Refusals()


def _long(given: Any, key: str) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`say: Hello` is short for `say: {text: Hello}`; a mapping of languages is a text too."""
    if isinstance(given, str) or (isinstance(given, dict) and given and all(_is_language(name) for name in given)):
        return {key: given}
    return given


def _is_language(name: object) -> bool:
    """Two letters, and perhaps a script or a region: en, zh-Hant. None of a part's own fields looks so but `go`."""
    return isinstance(name, str) and bool(re.fullmatch(LANGUAGE, name)) and name != "go"


class Step(Part):
    """What every step has: a name to go to, if it needs one."""

    id: Name | None = None


class Say(Step):
    """Say something and go on."""

    say: Annotated[Saying, BeforeValidator(lambda given: _long(given, "text"))]


class Ask(Step):
    """Ask, and wait for the answer."""

    ask: Annotated[Asking, BeforeValidator(lambda given: _long(given, "text"))]


class If(Step):
    """Go one way or the other; without `else`, on."""

    if_: Annotated["Condition", Field(alias="if")]
    then: Name
    else_: Annotated[Name | None, Field(alias="else")] = None


class Go(Step):
    """Go to another step."""

    go: Name


class SendCoupon(Step):
    """Send a coupon, or go where the refusal says."""

    send_coupon: Sending


class TagStep(Step):
    """Give the contact a tag."""

    tag: Name


class Untag(Step):
    """Take a tag away."""

    untag: Name


class HandOver(Step):
    """A person answers from here on."""

    hand_over: Annotated[str, Field(max_length=200)]


class End(Step):
    """The conversation is over."""

    end: Literal[True]


class Condition(Part):
    """True or false for a contact: exactly one of these, `answer` together with `is`."""

    answer: str | None = None
    is_: Annotated[str | tuple[str, ...] | None, Field(alias="is")] = None
    tag: Name | None = None
    channel: Literal["line", "messenger"] | None = None
    language: str | None = None
    all: tuple["Condition", ...] | None = None
    any: tuple["Condition", ...] | None = None
    not_: Annotated["Condition | None", Field(alias="not")] = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "Condition":
        given = self.model_fields_set - {"is_"}
        if len(given) != 1 or ((self.answer is None) != (self.is_ is None)):
            raise ValueError("a condition is one of: answer with is, tag, channel, language, all, any, not")
        return self


KINDS: dict[str, type[Step]] = {
    "say": Say,
    "ask": Ask,
    "if": If,
    "go": Go,
    "send_coupon": SendCoupon,
    "tag": TagStep,
    "untag": Untag,
    "hand_over": HandOver,
    "end": End,
}

INSIDE: dict[str, type[Part]] = {"say": Saying, "ask": Asking, "send_coupon": Sending, "if": Condition}


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
    | Annotated[SendCoupon, Tag("send_coupon")]
    | Annotated[TagStep, Tag("tag")]
    | Annotated[Untag, Tag("untag")]
    | Annotated[HandOver, Tag("hand_over")]
    | Annotated[End, Tag("end")],
    Discriminator(
        kind_of,
        custom_error_type="step_kind",
        custom_error_message="a step is one of: " + ", ".join(KINDS),
    ),
]


def _listed(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`words: coupon` is short for `words: [coupon]`."""
    return [given] if isinstance(given, str) else given


class Start(Part):
    """One thing that starts the flow: words, a link's ref, a button's postback, or becoming a friend."""

    words: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    ref: str = ""
    postback: str = ""
    follow: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "Start":
        if len(self.model_fields_set) != 1:
            raise ValueError(A_START)
        if not (
            self.follow or self.ref.strip() or self.postback.strip() or (self.words and all(map(str.strip, self.words)))
        ):
            raise ValueError("this start is empty, so nothing would ever start the flow by it")
        return self


def _start(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`follow` alone is short for `follow: true`."""
    if isinstance(given, str) and given != "follow":
        raise ValueError(A_START)
    return {"follow": True} if given == "follow" else given


class Flow(Part):
    """A whole flow. `languages`: the first is the one used where the contact's own is not among them."""

    flow: Name
    title: str = ""
    languages: Annotated[tuple[Language, ...], Field(min_length=1)] = ("zh-Hant",)
    starts: Annotated[tuple[Annotated[Start, BeforeValidator(_start)], ...], Field(min_length=1)]
    steps: Annotated[tuple[AnyStep, ...], Field(min_length=1)]

    def place(self, step_id: str) -> int:
        """The index of the step with this id; raises KeyError where there is none."""
        return {step.id: index for index, step in enumerate(self.steps) if step.id}[step_id]
