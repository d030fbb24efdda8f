"""Why the shop would have refused what a device without a network let somebody have."""

from core.reasons import Reason
from web.words import say


def why(reason: str) -> str:
    """The sentence for a reason, for the owner."""
    known = {
        Reason.ALREADY_VERIFIED: say("這張券在別處已核銷。", "It was verified elsewhere as well."),
        Reason.EXPIRED: say("那時已經過期。", "It had expired by then."),
        Reason.NOT_YET_VALID: say("那時還不能使用。", "It was not good yet."),
        Reason.OTHER_STORE_ONLY: say("只能在別的門市使用。", "It is for other stores only."),
        Reason.ONLINE_STORE_ONLY: say("只能在網路商店使用。", "It is for the online store only."),
        Reason.STORE_CLOSED: say("門市已停止核銷。", "The store was closed."),
        Reason.WITHDRAWN: say("這張券已被收回。", "The coupon had been taken back."),
        Reason.NOT_REDEEMED: say("沒有人兌換過，或兌換已取消。", "Nobody had redeemed it, or that was undone."),
        Reason.UNKNOWN_COUPON: say("沒有這個序號。", "There is no such serial."),
        Reason.AMBIGUOUS: say(
            "很多客人有這個序號，不知是哪一位的。", "Many customers have this serial: whose it was is not known."
        ),
    }
    return known.get(Reason(reason), reason) if reason in set(Reason) else reason
