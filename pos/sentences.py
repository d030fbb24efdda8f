"""What staff read when a coupon cannot be verified: what is the matter, and what to do."""

from core.reasons import Reason
from web.words import say


def sentence(reason: Reason) -> str:
    """The sentence for a reason, in the reader's language."""
    known = {
        Reason.ALREADY_VERIFIED: say(
            "這張券已經核銷過了，不能再用一次。", "This coupon was verified before. It counts once."
        ),
        Reason.EXPIRED: say("這張券已過期。", "This coupon has expired."),
        Reason.NOT_REDEEMED: say(
            "這張券尚未兌換。請客人先在優惠券頁面按「兌換」。",
            "Nobody has redeemed this yet. Ask the customer to tap Redeem on their page first.",
        ),
        Reason.UNKNOWN_COUPON: say(
            "找不到這個序號。請檢查是否輸入正確，或掃描客人的條碼。",
            "There is no such serial. Check what was typed, or scan the customer's barcode.",
        ),
    }
    return known.get(reason, say("無法核銷。", "It cannot be verified."))
