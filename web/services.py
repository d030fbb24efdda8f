"""What `app.py` hands to every door, and how a request finds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import current_app

from core.claims import Answer
from core.inbox import Delivery
from core.shop import Shop
from core.speech import Chats
from db.database import Database
from db.tables import Campaign

KEY = "tessera"


class Wake(Protocol):
    """How a door wakes workers."""

    def __call__(self, kind: Any, *keys: str) -> None:  # noqa: ANN401 (a kind of bell)
        """Have the work of a kind for each of `keys` done soon."""


@dataclass(frozen=True)
class Services:
    """The database, the shop, the bell, the mailbox, the inbox, and what the channels know of chats.

    `wake(kind, *keys)` announces stored work after commit; it never raises. `keep(delivery)` stores what a webhook
    brought and has it handled; it returns the accounts that have something new. `ask(token, at, seconds)` passes a
    tap on Redeem to a job and waits for its answer; None where none came in time. Where `messenger_page_id` is told,
    events of other Pages are left out. `sample(campaign, face, language, now)` is the coupon's page of a campaign,
    stored or not, as HTML; `barcode(symbology, code)` is a barcode as SVG. Where nothing `sends_mail`, whoever forgets
    a password asks an owner. An uploaded file of serials has fewer than `serials_file_bytes`. Outgoing webhooks may go
    into the shop's own network where `webhooks_inside`.
    """

    database: Database
    shop: Shop
    wake: Wake
    keep: Callable[[Delivery], Sequence[str]]
    ask: Callable[[str, datetime, float], Answer | None]
    line_channel_secret: str
    messenger_app_secret: str
    messenger_verify_token: str
    chats: Chats
    messenger_page_id: str = ""
    sends_mail: bool = False
    sample: Callable[[Campaign, str, str, datetime], str] = field(kw_only=True)
    barcode: Callable[[str, str], str] = field(kw_only=True)
    serials_file_bytes: int = 10_000_000
    webhooks_inside: bool = False


def services() -> Services:
    """The services of the application that answers this request."""
    found: Services = current_app.extensions[KEY]
    return found
