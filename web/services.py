"""What `app.py` hands to every door, and how a request finds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app

from core.shop import Shop
from db.database import Database

KEY = "tessera"


@dataclass(frozen=True)
class Services:
    """The database, the shop, and the bell.

    `wake(kind, key)` announces stored work after commit; it never raises. `wait(kind, key, seconds)` waits for its
    answer and says whether it came; both take a kind of `workers.bell` and a key as text.
    """

    database: Database
    shop: Shop
    wake: Callable[[Any, str], None]
    wait: Callable[[Any, str, float], bool]
    line_channel_secret: str
    messenger_app_secret: str
    messenger_verify_token: str


def services() -> Services:
    """The services of the application that answers this request."""
    found: Services = current_app.extensions[KEY]
    return found
