"""What starts a flow."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bot.language.model.parts import LANGUAGE, Part, Several, SeveralNames
from bot.language.model.times import Moment
from bot.sentences import Sentence

A_START = Sentence(
    "wrong_start",
    "開始方式要是其中一種：follow、follow: first、follow: again、words: [...]、contains: [...]、ref: ...、"
    "postback: ...、at: ... 加 with: ...、otherwise、called",
    "a start is one of: follow, follow: first, follow: again, words: [...], contains: [...], ref: ..., postback: ...,"
    " at: ... with: ..., otherwise, called",
)
ALONE = ("follow", "otherwise", "called")


class Audience(Part):
    """For whom a moment comes: who has one of the tags, and where it is said, is in this channel or reads this."""

    tag: Annotated[SeveralNames, Field(min_length=1)]
    channel: Literal["line", "messenger"] | None = None
    language: Annotated[str, Field(pattern=f"^{LANGUAGE}$")] | None = None


class Start(Part):
    """One thing that starts the flow.

    Words that are all the customer writes, or that stand in it (`contains`); a link's ref; a button's postback;
    becoming a friend, the first time or again after a block; a moment, `with` those for whom it comes; `otherwise`:
    words that nothing else answers; `called`: another flow.
    """

    words: Several = ()
    contains: Several = ()
    ref: str = ""
    postback: str = ""
    follow: Literal[True, "first", "again"] | None = None
    at: Moment | None = None
    with_: Annotated[Audience | None, Field(alias="with")] = None
    otherwise: bool = False
    called: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "Start":
        if self.at and not self.with_:
            message = Sentence(
                "at_without_audience",
                "時間到了要對誰開始？請加上 `with: {tag: ...}`",
                "for whom does this moment come? Add `with: {tag: ...}`",
            )
            raise ValueError(message)
        if self.with_ and not self.at:
            message = Sentence(
                "audience_without_at",
                "`with` 要和 `at` 一起用：日期和時間，例如 2026-12-01 12:00",
                "`with` goes with `at`: a day and a time such as 2026-12-01 12:00",
            )
            raise ValueError(message, "with")
        if len(self.model_fields_set - {"with_"}) != 1:
            raise ValueError(A_START)
        words = (*self.words, *self.contains)
        is_worded = bool(words) and all(map(str.strip, words))
        is_marked = bool(self.ref.strip() or self.postback.strip())
        if not (is_worded or is_marked or self.follow or self.at or self.otherwise or self.called):
            message = Sentence(
                "start_empty",
                "這個開始方式是空的，永遠不會開始流程",
                "this start is empty, so nothing would ever start the flow by it",
            )
            raise ValueError(message)
        return self


def long_start(given: Any) -> Any:  # noqa: ANN401 (whatever the file holds)
    """`follow` alone is short for `follow: true`."""
    if isinstance(given, str) and given not in ALONE:
        raise ValueError(A_START)
    return {given: True} if isinstance(given, str) else given
