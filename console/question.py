"""What somebody reads before something is done that is not undone at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """`button` is what the deed is called; `done` is said afterwards."""

    title: str
    explained: str
    button: str
    done: str = ""
    is_grave: bool = False
