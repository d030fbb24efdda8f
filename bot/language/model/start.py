"""What starts a flow."""

from typing import Any, Literal

from pydantic import model_validator

from bot.language.model.parts import Part, Several
from bot.sentences import Sentence

A_START = Sentence(
    "wrong_start",
    "開始方式要是其中一種：follow、follow: first、follow: again、words: [...]、contains: [...]、ref: ...、"
    "postback: ...、otherwise、called",
    "a start is one of: follow, follow: first, follow: again, words: [...], contains: [...], ref: ..., postback: ...,"
    " otherwise, called",
)
ALONE = ("follow", "otherwise", "called")


class Start(Part):
    """One thing that starts the flow.

    Words that are all the customer writes, or that stand in it (`contains`); a link's ref; a button's postback;
    becoming a friend, the first time or again after a block; `otherwise`: words that nothing else answers;
    `called`: another flow.
    """

    words: Several = ()
    contains: Several = ()
    ref: str = ""
    postback: str = ""
    follow: Literal[True, "first", "again"] | None = None
    otherwise: bool = False
    called: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> "Start":
        if len(self.model_fields_set) != 1:
            raise ValueError(A_START)
        words = (*self.words, *self.contains)
        is_worded = bool(words) and all(map(str.strip, words))
        is_marked = bool(self.ref.strip() or self.postback.strip())
        if not (is_worded or is_marked or self.follow or self.otherwise or self.called):
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
