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

    def picture_path(self, url: str) -> str:
        """The path of a picture of the shop's own; empty for another's: pages load nothing from other hosts."""
        return url.removeprefix(self.public_url) if url.startswith(f"{self.public_url}/images/") else ""
