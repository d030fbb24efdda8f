"""Conversations written in a flow's file: who talks, what they do, and what the bot must answer. They are its tests.

How they are run is `bot/rehearsal/`' work.
"""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.language.model.parts import LANGUAGE, Key, Name, Part
from bot.language.model.times import Duration, Moment
from bot.sentences import Sentence

Refusal = Literal["limit_reached", "sold_out", "not_started", "ended", "unreachable", "unknown_campaign"]
Status = Literal["none", "sent", "opened", "redeemed", "verified", "expired"]

ACTS = ("customer", "taps", "follow", "ref", "postback", "at", "after", "opened", "redeemed", "verified", "given_back")
WORDS = ("follow", "given_back", "end")  # turns of one word
A_TURN = Sentence(
    "wrong_turn",
    "對話的一行只能有一項，例如 `customer: ...` 或 `bot: ...`；下一行請用 - 開頭",
    "a turn has exactly one part, such as `customer: ...` or `bot: ...`; begin another turn with -",
)


class Heard(Part):
    """What the customer reads, sees and can tap. Only the parts that are given are compared; `...` is any words."""

    text: str = ""
    title: str = ""
    image: str = ""
    buttons: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> "Heard":
        if not self.model_fields_set:
            message = Sentence(
                "heard_nothing",
                "機器人說的話要有 `text`，或別項可以比對的內容",
                "what the bot says needs a `text`, or another part to compare",
            )
            raise ValueError(message)
        return self


def _heard(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`bot: Hello` is short for `bot: {text: Hello}`."""
    return {"text": given} if isinstance(given, str) else given


SomethingHeard = Annotated[Heard | None, BeforeValidator(_heard, json_schema_input_type=str | Heard)]


class Who(Part):
    """The contact as it is when the conversation begins. `coupons`: a campaign's name, and how far its coupon is."""

    name: str = "小美"
    tags: tuple[Name, ...] = ()
    attributes: dict[Key, str] = Field(default_factory=dict)
    member: bool = False
    coupons: dict[Name, Status] = Field(default_factory=dict)


def _who(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`contact: Alex` is short for `contact: {name: Alex}`."""
    return {"name": given} if isinstance(given, str) else given


class Turn(Part):
    """One line of a talk: an act (what the customer does, or time that passes), or what has happened since the last.

    The names are those of the starts and of the steps. `at`: this moment comes; `given_back`: the person who has
    taken over gives the conversation back to the bot.
    """

    customer: str = ""
    taps: str = ""
    follow: bool | Literal["first", "again"] = False
    ref: str = ""
    postback: str = ""
    at: Moment | None = None
    after: Duration | None = None
    opened: str = ""
    redeemed: str = ""
    verified: str = ""
    given_back: bool = False

    bot: SomethingHeard = None
    held: SomethingHeard = None
    send_coupon: str = ""
    tag: str = ""
    untag: str = ""
    set: dict[str, str] = Field(default_factory=dict)
    answers: dict[str, str] = Field(default_factory=dict)
    notify: str = ""
    hand_over: str = ""
    end: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "Turn":
        if len(self.model_fields_set) != 1:
            raise ValueError(A_TURN)
        if not getattr(self, self.kind):
            raise ValueError(Sentence("turn_empty", f"這裡的 `{self.kind}` 是空的", f"`{self.kind}` is empty here"))
        return self

    @property
    def kind(self) -> str:
        """The turn's one part: `customer`, `bot`, ..."""
        return next(iter(self.model_fields_set))

    @property
    def is_act(self) -> bool:
        """Whether something is done here; else it is what must have happened."""
        return self.kind in ACTS


def _turn(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`- follow` is short for `- follow: true`, and so for the other words that stand alone."""
    if isinstance(given, str) and given not in WORDS:
        message = Sentence(
            "wrong_turn",
            "對話的一行要寫成 `customer: ...` 或 `bot: ...` 這樣；只有 follow、given_back 和 end 可以單獨寫",
            "a turn is a part such as `customer: ...` or `bot: ...`; only follow, given_back and end stand alone",
        )
        raise ValueError(message)
    return {given: True} if isinstance(given, str) else given


AnyTurn = Annotated[Turn, BeforeValidator(_turn, json_schema_input_type=Literal["follow", "given_back", "end"] | Turn)]


class Conversation(Part):
    """One conversation. `refuse`: campaigns whose coupons cannot be sent, and why. `at`: when it begins.

    `language` empty: the flow's first. `luck`: the number on which all that happens by chance depends.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    channel: Literal["line", "messenger"] = "line"
    language: Annotated[str, Field(pattern=f"^(?:{LANGUAGE})?$")] = ""
    contact: Annotated[Who, BeforeValidator(_who, json_schema_input_type=str | Who)] = Who()
    shop: str = "日日茶"
    at: Moment = "2026-12-01 12:00"
    luck: int = 0
    refuse: dict[Name, Refusal] = Field(default_factory=dict)
    talk: Annotated[tuple[AnyTurn, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _begins(self) -> "Conversation":
        if not self.talk[0].is_act:
            message = Sentence(
                "talk_begins_otherwise",
                "對話要從客人做的事開始，例如 `customer: ...` 或 `follow`",
                "the talk must begin with what the customer does, such as `customer: ...` or `follow`",
            )
            raise ValueError(message)
        return self
