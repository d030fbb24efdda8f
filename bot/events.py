"""What a customer did in a chat, in one shape for every channel."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["text", "media", "postback", "referral", "follow", "unfollow", "account_link", "other"]


@dataclass(frozen=True)
class Inbound:
    """One event of one account, as an adapter read it from a webhook.

    `event_id` is the platform's own (or a documented fingerprint) and never the same for two events.
    `ref` is the link's ref, whichever of the platform's shapes brought it; `data` a button's postback.
    `reply_token` is LINE's, empty elsewhere. `opens_window` says that Messenger's 24 hours start anew.
    """

    event_id: str
    account_id: str
    kind: Kind
    occurred_at: datetime
    text: str = ""
    data: str = ""
    ref: str = ""
    reply_token: str = ""
    opens_window: bool = False
    is_unblocked: bool = False
