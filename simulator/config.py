"""What the stand-ins are told when they are made."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SimulatorConfig:
    """Where the stand-ins keep their state, where the shop is, and the secrets they share with it.

    `allow_loopback_http`: LINE takes https only; on one machine there is none, so http to a loopback host is let
    through. This is the one thing in which the stand-in asks less than LINE.
    """

    state_path: Path
    shop_url: str
    line_channel_secret: str
    line_channel_access_token: str
    messenger_app_secret: str
    messenger_page_token: str
    messenger_page_id: str
    shop_name: str = "Shop"
    allow_loopback_http: bool = True
