"""What a coupon's page says, by language. Another language is another column here."""

from collections.abc import Mapping

from core.reasons import Reason

WORDS: Mapping[str, Mapping[str, str]] = {
    "zh-Hant": {
        "redeem": "兌換",
        "redeem_counts": "按下兌換後，請於 {interval}內使用。到店再按喔！",
        "good_until": "有效期限",
        "waiting": "正在為您兌換…",
        "waiting_more": "通常只要一下子，這個頁面會自動更新。",
        "again": "重新整理",
        "your_serial": "您的序號",
        "copy": "複製",
        "copied": "已複製",
        "show_staff": "結帳時請出示此畫面給店員掃描。",
        "time_left": "剩餘時間",
        "number": "編號",
        "instructions": "使用說明",
        "for_staff": "店員核銷",
        "sure": "確定要核銷嗎？核銷後這張券就不能再使用。",
        "confirm": "確定核銷",
        "verified": "已使用",
        "verified_at": "已於 {at} 核銷完成。謝謝您的光臨！",
        "times_in": "時間以 {zone} 為準",
        "minute": "{count} 分鐘",
        "hour": "{count} 小時",
        "day": "{count} 天",
    },
    "en": {
        "redeem": "Redeem",
        "redeem_counts": "Once redeemed, it is good for {interval}. Tap when you are at the shop.",
        "good_until": "Good until",
        "waiting": "Redeeming your coupon…",
        "waiting_more": "This takes a moment. The page updates by itself.",
        "again": "Reload",
        "your_serial": "Your serial",
        "copy": "Copy",
        "copied": "Copied",
        "show_staff": "Show this to the staff when you pay.",
        "time_left": "Time left",
        "number": "No.",
        "instructions": "How to use it",
        "for_staff": "For the shop's staff",
        "sure": "Really verify? The coupon cannot be used again afterwards.",
        "confirm": "Yes, verify",
        "verified": "Used",
        "verified_at": "Verified on {at}. Thank you for coming!",
        "times_in": "Times are those of {zone}",
        "minute": "{count} min",
        "hour": "{count} h",
        "day": "{count} days",
    },
}

# Reason -> HTTP status, and for each language a title and a sentence that says what to do.
REFUSALS: Mapping[Reason, tuple[int, Mapping[str, tuple[str, str]]]] = {
    Reason.UNKNOWN_COUPON: (
        404,
        {
            "zh-Hant": ("找不到這張優惠券", "連結可能不完整。請回到聊天室，再點一次優惠券。"),
            "en": (
                "We cannot find this coupon",
                "The link may be cut off. Go back to the chat and tap the coupon again.",
            ),
        },
    ),
    Reason.EXPIRED: (
        410,
        {
            "zh-Hant": ("這張優惠券已過期", "歡迎回到聊天室，看看現在有哪些優惠。"),
            "en": ("This coupon has expired", "Go back to the chat and see what is on offer now."),
        },
    ),
    Reason.NOT_STARTED: (
        403,
        {
            "zh-Hant": ("活動還沒開始", "活動開始後，再打開這個頁面就可以兌換。"),
            "en": ("Not open yet", "Come back to this page when the campaign has begun."),
        },
    ),
    Reason.ENDED: (
        410,
        {
            "zh-Hant": ("活動已經結束", "這個活動已提前結束，不再開放兌換。歡迎回到聊天室看看其他優惠。"),
            "en": (
                "This campaign has ended",
                "Go back to the chat and see what else is on offer.",
            ),
        },
    ),
    Reason.LIMIT_REACHED: (
        403,
        {
            "zh-Hant": ("您已達兌換上限", "這個活動每人可兌換的次數已經用完了。"),
            "en": ("You have redeemed this already", "You have used up the number of times each person may redeem it."),
        },
    ),
    Reason.SOLD_OUT: (
        409,
        {
            "zh-Hant": ("優惠券已全部兌換完畢", "謝謝您的支持！歡迎留意我們的下一個活動。"),
            "en": ("All coupons have been redeemed", "Thank you for your interest! Look out for the next campaign."),
        },
    ),
}
OPENS_AT = {"zh-Hant": "開放時間：{at}", "en": "Opens on {at}"}
UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


def language_of(contact_language: str, accepted: str | None) -> str:
    """The page's language: the contact's, else the browser's (a tag such as "en-GB"), else Traditional Chinese."""
    for tag in (contact_language, accepted or ""):
        base = tag.replace("_", "-").split("-")[0].lower()
        if base == "zh":
            return "zh-Hant"
        if base in WORDS:
            return base
        if base:
            return "en"
    return "zh-Hant"


def interval(seconds: int, language: str) -> str:
    """A length of time in words: 1800 is "30 min"."""
    unit, size = next(((unit, size) for unit, size in UNITS if seconds % size == 0), UNITS[-1])
    return WORDS[language][unit].format(count=max(1, seconds // size))
