"""What staff read of a coupon at the counter: its colour, what is the matter, and what to do."""

from collections.abc import Callable, Sequence
from typing import Literal

from core.counter_search import Found
from core.reasons import Reason
from web.words import local_time, say

Tone = Literal["yes", "no", "warn"]
STORES_NAMED = 6  # more are counted

# What came of an act at the counter that is no refusal: stable codes, as the reasons are.
FOUND, VERIFIED, UNDONE, SIGNED_OUT = "found", "verified", "undone", "signed_out"

# The coupon may be good, but not here, not yet, or not so.
_WARNINGS = frozenset(
    {
        Reason.AMBIGUOUS,
        Reason.NOT_REDEEMED,
        Reason.NOT_YET_VALID,
        Reason.OTHER_STORE_ONLY,
        Reason.ONLINE_STORE_ONLY,
        Reason.STORE_CLOSED,
        Reason.REASON_MISSING,
    }
)


def tone(outcome: str) -> Tone:
    """Green, red, or yellow: honour it; do not; not here, not yet or not so."""
    if outcome in (FOUND, VERIFIED, UNDONE):
        return "yes"
    return "warn" if outcome in _WARNINGS else "no"


def sentence(outcome: str, coupon: Found | None = None) -> str:
    """The sentence for what came of it, in the reader's language; with when, where and by whom if `coupon` tells it."""
    told = _ABOUT_COUPON.get(outcome)
    if told and coupon:
        return told(coupon)
    zh, en = _PLAIN.get(outcome, ("無法核銷。", "It cannot be verified."))
    return say(zh, en)


def outcome_words(outcome: str) -> str:
    """An outcome in two or three words, for lists."""
    zh, en = _SHORT.get(outcome, (outcome, outcome))
    return say(zh, en)


def undo_sentence(outcome: str, coupon: Found | None) -> str:
    """The same for what came of taking a verification back."""
    if outcome == Reason.OTHER_STORE_ONLY:
        where = coupon.verified_in if coupon else None
        if where is None:
            return say(
                "這張券是在顧客的頁面上核銷的，櫃檯不能取消。請行銷人員在後台取消。",
                "It was verified on the customer's page and cannot be undone at a counter. Ask a marketer to undo it.",
            )
        return say(
            f"這張券是在 {where} 核銷的，只有那間門市能取消。",
            f"It was verified in {where}: only that store can undo it.",
        )
    zh, en = _UNDO.get(outcome, ("無法取消核銷。", "It cannot be undone."))
    return say(zh, en)


def _already_verified(coupon: Found) -> str:
    at, who = local_time(coupon.verified_at), coupon.verified_by
    zh_where, en_where = f"在 {coupon.verified_in} ", f"in {coupon.verified_in}"
    if not coupon.verified_in:
        zh_where, en_where = ("", "") if who else ("在顧客頁面", "on the customer's page")
    zh_who, en_who = (f"由 {who} ", f" by {who}") if who else ("", "")
    return say(
        f"這張券已於 {at} {zh_where}{zh_who}核銷，不能再用一次。",
        f"Already verified on {at} {en_where}{en_who}. It counts once: do not honour it again.",
    )


def _expired(coupon: Found) -> str:
    at = local_time(coupon.expires_at)
    return say(f"這張券已於 {at} 過期，不能再使用。", f"It expired on {at} and is not honoured any more.")


def _not_yet_valid(coupon: Found) -> str:
    at = local_time(coupon.used_from)
    return say(f"這張券從 {at} 起才能使用。請客人到時再來。", f"Good from {at}. Ask the customer to come back then.")


def _other_store_only(coupon: Found) -> str:
    zh, en = _named(coupon.stores)
    return say(
        f"這張券不能在本店使用。請客人到：{zh}。",
        f"Not honoured in this store. Send the customer to: {en}.",
    )


def _named(stores: Sequence[str]) -> tuple[str, str]:
    shown, more = stores[:STORES_NAMED], len(stores) - STORES_NAMED
    zh, en = "、".join(shown), ", ".join(shown)
    return (f"{zh} 等 {len(stores)} 間", f"{en} and {more} more") if more > 0 else (zh, en)


_ABOUT_COUPON: dict[str, Callable[[Found], str]] = {
    Reason.ALREADY_VERIFIED: _already_verified,
    Reason.EXPIRED: _expired,
    Reason.NOT_YET_VALID: _not_yet_valid,
    Reason.OTHER_STORE_ONLY: _other_store_only,
}
_PLAIN: dict[str, tuple[str, str]] = {
    FOUND: ("這張券可以使用。", "This coupon is good."),
    VERIFIED: ("核銷完成。", "Verified."),
    SIGNED_OUT: ("請重新登入。沒有任何資料被更動。", "Sign in again. Nothing was changed."),
    Reason.AMBIGUOUS: (
        "很多客人有這個序號。請問姓名、看券上的編號，選出這位客人的。",
        "Many customers have this serial: pick this one's by name, or by the reference on their page.",
    ),
    Reason.ALREADY_VERIFIED: (
        "這張券已經核銷過了，不能再用一次。",
        "This coupon was verified before. It counts once: do not honour it again.",
    ),
    Reason.EXPIRED: ("這張券已過期，不能再使用。", "This coupon has expired and is not honoured any more."),
    Reason.NOT_YET_VALID: (
        "這張券還不能使用。請客人到時再來。",
        "It is not good yet. Ask the customer to come back then.",
    ),
    Reason.OTHER_STORE_ONLY: ("這張券不能在本店使用。", "It is not honoured in this store, only in others."),
    Reason.ONLINE_STORE_ONLY: (
        "這張券只能在網路商店使用。請客人在網路商店結帳時使用序號。",
        "For the online store only: the customer uses its serial there at checkout.",
    ),
    Reason.STORE_CLOSED: (
        "這間門市已停止核銷。請向負責人確認。",
        "This store is closed: nothing is verified here any more. Ask the owner.",
    ),
    Reason.WITHDRAWN: (
        "這張券已由商店收回，不能使用。若客人的頁面上有「兌換」，請客人重新兌換。",
        "The shop has taken this coupon back. Where the customer's page offers Redeem, they can redeem it anew.",
    ),
    Reason.NOT_REDEEMED: (
        "這張券尚未兌換。請客人先在優惠券頁面按「兌換」，或幫客人領取。",
        "Nobody has redeemed this yet. Ask the customer to tap Redeem on their page first, or claim it for them.",
    ),
    Reason.WRONG_SHOP: (
        "這是別家商店的連結。請掃描本店的優惠券。",
        "This is another shop's link. Scan a coupon of this shop.",
    ),
    Reason.UNKNOWN_COUPON: (
        "找不到這個序號。請檢查是否輸入正確，或掃描客人的條碼。",
        "There is no such serial. Check what was typed, or scan the customer's barcode.",
    ),
    Reason.LIMIT_REACHED: (
        "這位客人領取的次數已經到上限，沒有再領。",
        "This customer has claimed it as often as they may; nothing more was given.",
    ),
    Reason.SOLD_OUT: (
        "已全數兌換完畢，沒有領到。請向客人致歉，並看看其他優惠。",
        "All of them are gone; nothing was given. Look for another coupon for the customer.",
    ),
    Reason.NOT_STARTED: ("這個活動還沒開始，請到時候再領。", "The campaign has not begun. Claim it then."),
    Reason.ENDED: ("這個活動已結束，沒有領到。", "The campaign is over; nothing was given."),
}
_UNDO: dict[str, tuple[str, str]] = {
    UNDONE: ("已取消核銷。這張券可以再使用。", "Undone. The coupon can be used again."),
    Reason.REASON_MISSING: ("請寫下取消的原因。", "Say why it is undone."),
    Reason.NOT_VERIFIED: ("這張券沒有核銷，不需要取消。", "It is not verified: there is nothing to undo."),
    Reason.UNDO_TOO_LATE: (
        "已超過可以取消的時間。請行銷人員在後台取消。",
        "The time for undoing is over. Ask a marketer to undo it in the console.",
    ),
}
_SHORT: dict[str, tuple[str, str]] = {
    VERIFIED: ("核銷", "Verified"),
    Reason.ALREADY_VERIFIED: ("已經核銷過", "Already verified"),
    Reason.EXPIRED: ("已過期", "Expired"),
    Reason.NOT_YET_VALID: ("還不能使用", "Not good yet"),
    Reason.OTHER_STORE_ONLY: ("限其他門市", "Other stores only"),
    Reason.ONLINE_STORE_ONLY: ("限網路商店", "Online store only"),
    Reason.STORE_CLOSED: ("門市已停止核銷", "Store closed"),
    Reason.FIRST_PURCHASE_USED: ("首購券已使用", "First purchase used"),
    Reason.WITHDRAWN: ("已收回", "Withdrawn"),
    Reason.NOT_REDEEMED: ("尚未兌換", "Not redeemed"),
    Reason.WRONG_SHOP: ("別家商店", "Another shop's"),
    Reason.UNKNOWN_COUPON: ("找不到", "Unknown"),
    Reason.AMBIGUOUS: ("多張券", "Several coupons"),
    Reason.LIMIT_REACHED: ("已達上限", "Limit reached"),
    Reason.SOLD_OUT: ("已兌換完畢", "Sold out"),
    Reason.NOT_STARTED: ("活動尚未開始", "Campaign not begun"),
    Reason.ENDED: ("活動已結束", "Campaign over"),
}
