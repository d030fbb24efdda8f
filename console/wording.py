"""Campaigns' settings and contacts' limits in words."""

from datetime import timedelta

from core.contact_card import Card
from db.tables import Campaign
from web.services import services
from web.words import say

UNITS = ((86_400, "天", "day"), (3_600, "小時", "hour"), (60, "分鐘", "minute"), (1, "秒", "second"))  # seconds of each


def good_for(campaign: Campaign) -> str:
    """How long a coupon can be used, and from when that counts: '14 days after it was sent'."""
    since_zh, since_en = ("兌換", "redeemed") if campaign.expires_from == "redemption" else ("發送", "sent")
    long = length(campaign.expires_after_seconds)
    return say(f"{since_zh}後 {long}", f"{long} after it was {since_en}")


def length(seconds: int) -> str:
    """A length of time in its largest whole unit: '14 days'."""
    size, zh, en = next(unit for unit in UNITS if seconds % unit[0] == 0)
    count = seconds // size
    return say(f"{count:,} {zh}", f"{count:,} {en}{'' if count == 1 else 's'}")


def time_left(left: timedelta) -> str:
    """How long something still lasts, in its two largest units: '3 hours 12 minutes'."""
    minutes = max(0, int(left.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    return say(
        f"{hours} 小時 {minutes} 分鐘" if hours else f"{minutes} 分鐘",
        f"{hours} h {minutes} min" if hours else f"{minutes} min",
    )


def picture_path(url: str) -> str:
    """The path of a picture of the shop's own; empty for another's: pages load nothing from other hosts."""
    return services().shop.picture_path(url)


def quota(card: Card) -> str:
    """LINE's monthly quota in words; empty where LINE has not told."""
    note = card.notes.get("quota")
    if note is None or not isinstance(note.value, dict):
        return ""
    limit, used = note.value.get("limit"), note.value.get("used")
    if limit is None:
        return say("本月推播則數不限", "no limit on pushed messages this month")
    if not isinstance(limit, int) or not isinstance(used, int):
        return ""
    left = max(0, limit - used)
    if not left:
        return say(
            f"本月 {limit:,} 則推播已用完，訊息要等下個月或升級方案",
            f"all {limit:,} pushed messages of this month are used; yours waits for the next month or a larger plan",
        )
    return say(f"本月還可推播 {left:,} 則（共 {limit:,} 則）", f"{left:,} of {limit:,} pushed messages left this month")


def coupon_text(language: str) -> str:
    """What stands above a coupon where nobody writes anything else, in the customer's language."""
    return "Here is a coupon for you." if language.startswith("en") else "這是送給您的優惠券。"


def coupon_button(language: str) -> str:
    """The button that opens a coupon, in the customer's language."""
    return "Open my coupon" if language.startswith("en") else "打開優惠券"
