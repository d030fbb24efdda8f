"""The shop that all of this works for."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Shop:
    """The shop's name and time zone, and where customers reach it (no slash at the end)."""

    name: str
    timezone: ZoneInfo
    public_url: str

    def coupon_url(self, token: str) -> str:
        """The page of the coupon with this token."""
        return f"{self.public_url}/c/{token}"

    def image_url(self, image_id: str) -> str:
        """A stored picture."""
        return f"{self.public_url}/images/{image_id}"
