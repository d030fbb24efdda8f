"""All that a conversation under trial has come to, as a value that can be stored as JSON."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from bot import engine
from bot.engine import CouponStatus, Wait
from bot.messages import Button
from bot.rehearsal.seen import Seen

TIMEZONE = "Asia/Taipei"


class World(BaseModel):
    """The contact, the clock, and where the conversation stands.

    `coupons` says how far each campaign's newest has come, and `expires` until when those count that were sent here.
    `refuse`: campaigns whose coupons cannot be sent, each with the reason's code. `flow` is the number of the flow
    under way, 0: none; `stopped` says why it could not go on. `buttons` and `choices` are what can be tapped: buttons
    stay, the newest last; quick replies go with the next message. `held` are the messages that Messenger's 24 hours
    keep back. `late` are the flows whose moment came while the customer was chatting: they begin once it is quiet.
    """

    model_config = ConfigDict(frozen=True)

    now: datetime
    channel: Literal["line", "messenger"]
    language: str
    name: str
    shop: str
    timezone: str = TIMEZONE
    tags: frozenset[str] = frozenset()
    attributes: dict[str, str] = {}
    is_member: bool = False
    coupons: dict[str, CouponStatus] = {}
    expires: dict[str, datetime] = {}
    refuse: dict[str, str] = {}
    luck: int = 0

    flow: int = 0
    state: dict[str, Any] = {}
    wait: Wait | None = None
    handed_over: str = ""
    stopped: str = ""
    acted_at: datetime | None = None
    sent: int = 0
    buttons: tuple[Button, ...] = ()
    choices: dict[str, str] = {}
    held: tuple[Seen, ...] = ()
    late: tuple[int, ...] = ()

    def contact(self) -> engine.Contact:
        """What the engine may know."""
        return engine.Contact(
            self.name,
            self.language,
            self.channel,
            self.tags,
            self.shop,
            self.attributes,
            self.is_member,
            self.statuses,
            ZoneInfo(self.timezone),
        )

    def reread(self) -> "World":
        """The world as it is after it was stored as JSON and read again, as happens between any two turns in a shop."""
        return World.model_validate_json(self.model_dump_json())

    @property
    def statuses(self) -> dict[str, CouponStatus]:
        """The coupons as conditions see them: what was verified does not expire, whatever else came before does."""
        over = {campaign for campaign, at in self.expires.items() if self.now >= at}
        return {
            campaign: "expired" if campaign in over and how_far != "verified" else how_far
            for campaign, how_far in self.coupons.items()
        }

    @property
    def answers(self) -> dict[str, str]:
        """What the questions of the flow under way were answered."""
        return dict(self.state.get("answers", {}))
