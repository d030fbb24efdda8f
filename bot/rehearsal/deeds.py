"""What an act in a trial led to: the engine's effects, carried out."""

from dataclasses import dataclass

from bot.engine import HandOver, NotifyStaff, SetAttribute, Tag, Untag, Wait
from bot.rehearsal.seen import Seen
from bot.sentences import Pair


@dataclass(frozen=True)
class Spoke:
    """The bot said something; `is_held`: Messenger's 24 hours keep it back, so that nobody reads it yet."""

    seen: Seen
    is_held: bool = False


@dataclass(frozen=True)
class Sent:
    """A coupon was sent."""

    campaign: str


@dataclass(frozen=True)
class NotSent:
    """A coupon was refused; `reason` is the stable code."""

    campaign: str
    reason: str


@dataclass(frozen=True)
class Kept:
    """What the questions were answered; told where a conversation expects other answers."""

    answers: dict[str, str]


@dataclass(frozen=True)
class Ended:
    """The flow is over."""


@dataclass(frozen=True)
class Failed:
    """The flow could not go on, or the act was not possible; nothing of it was done."""

    why: Pair


Deed = Spoke | Sent | NotSent | Tag | Untag | SetAttribute | NotifyStaff | HandOver | Wait | Kept | Ended | Failed
