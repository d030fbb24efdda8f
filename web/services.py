"""What `app.py` hands to every door, and how a request finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app

from core.claims import Answer
from core.shop import Shop
from db.database import Database

KEY = "tessera"


@dataclass(frozen=True)
class Services:
    """The database, the shop, the bell, and the mailbox.

    `wake(kind, key)` announces stored work after commit; it never raises. `ask(token, at, seconds)` passes a tap on
    Redeem to a job and waits for its answer; None where none came in time.
    """

    database: Database
    shop: Shop
    wake: Callable[[Any, str], None]
    ask: Callable[[str, datetime, float], Answer | None]
    line_channel_secret: str
    messenger_app_secret: str
    messenger_verify_token: str


def services() -> Services:
    """The services of the application that answers this request."""
    found: Services = current_app.extensions[KEY]
    return found
