"""A campaign's settings in words."""

from db.tables import Campaign
from web.words import say

UNITS = ((86_400, "天", "day"), (3_600, "小時", "hour"), (60, "分鐘", "minute"), (1, "秒", "second"))  # seconds of each


def good_for(campaign: Campaign) -> str:
    """How long a coupon can be used, and from when that counts: '14 days after it was sent'."""
    seconds = campaign.expires_after_seconds
    size, zh, en = next(unit for unit in UNITS if seconds % unit[0] == 0)
    count = seconds // size
    since_zh, since_en = ("兌換", "redeemed") if campaign.expires_from == "redemption" else ("發送", "sent")
    return say(f"{since_zh}後 {count:,} {zh}", f"{count:,} {en}{'' if count == 1 else 's'} after it was {since_en}")
