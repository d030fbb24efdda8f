"""What can be done in a trial: the customer acts, the staff verify and give back, time passes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bot.engine import Happening


@dataclass(frozen=True)
class Writes:
    """The customer writes."""

    text: str


@dataclass(frozen=True)
class Taps:
    """The customer taps a quick reply or a button, by its label."""

    label: str


@dataclass(frozen=True)
class Comes:
    """The customer becomes a friend, comes by a link's ref, or taps something with a postback."""

    kind: Literal["first", "again", "ref", "postback"]
    data: str = ""


@dataclass(frozen=True)
class Passes:
    """Time passes; what comes due on the way happens at its time."""

    time: timedelta


@dataclass(frozen=True)
class Reaches:
    """Time passes until this moment of the shop's clock, as a flow file writes it."""

    at: str


@dataclass(frozen=True)
class Uses:
    """The customer opens or redeems the campaign's coupon, or the staff verify it."""

    what: Happening
    campaign: str


@dataclass(frozen=True)
class GivesBack:
    """The person who has taken over gives the conversation back to the bot."""


Act = Writes | Taps | Comes | Passes | Reaches | Uses | GivesBack
