"""What staff read in a customer's profile: what a coupon is, what it waits for, and why something cannot be done."""

from urllib.parse import urlsplit

from core.profile import Card
from core.reasons import Reason
from pos import sentences
from web.words import local_time, say


def kind(card: Card) -> str:
    """Which of the three kinds a coupon is, in a few words."""
    if card.used_at:
        return say("首購，已用過", "First purchase, used")
    return {
        "claimable": say("可領取", "Can be claimed"),
        "claimed": say("已領取", "Claimed"),
        "single": say("共用序號", "Single code"),
    }[card.kind]


def channel(card: Card) -> str:
    """Where it can be used."""
    stores = say("、", ", ").join(card.stores)
    return {
        "store": say(f"門市：{stores}", f"Stores: {stores}") if stores else say("門市", "Retail store"),
        "both": say(f"門市（{stores}）與網路商店", f"Stores ({stores}) and online")
        if stores
        else say("門市與網路商店", "Retail store and online"),
        "online": say("網路商店", "Online store"),
    }[card.used_in]


def waits(card: Card) -> str:
    """What stands in the place of a button that would not work."""
    at = local_time(card.used_from)
    stores = say("、", ", ").join(card.stores)
    return {
        Reason.NOT_YET_VALID: say(f"尚未開始：{at} 起可使用", f"Not started yet: good from {at}"),
        Reason.STORE_CLOSED: say("門市已關閉", "The store is closed"),
        Reason.ONLINE_STORE_ONLY: say("限網路商店使用", "Online store only"),
        Reason.OTHER_STORE_ONLY: say(f"限 {stores} 使用", f"Only in {stores}"),
        Reason.NOT_STARTED: say("活動尚未開始", "The campaign has not begun"),
        Reason.SOLD_OUT: say("已全數兌換完畢", "All of them are gone"),
    }.get(card.refusal or Reason.NOT_STARTED, str(card.refusal))


def sentence(reason: Reason) -> str:
    """Why nothing was done, and what to do."""
    known = {
        Reason.UNKNOWN_COUPON: say(
            "找不到這張券。請重新整理客人的資料，再選一次。",
            "There is no such coupon. Open the customer's profile anew and choose again.",
        ),
        Reason.EXPIRED: say("這張券已過期，不能使用。", "This coupon has expired and cannot be used."),
        Reason.NOT_PUBLISHED: say("這個活動還沒發布。請聯絡行銷人員。", "The campaign is a draft. Ask a marketer."),
        Reason.ARCHIVED: say("這個活動已結束，沒有領到。", "The campaign is over; nothing was given."),
        Reason.ALREADY_VERIFIED: say(
            "這張券已經用過了，不能再用一次。請查看「櫃檯」的紀錄。",
            "This coupon was used before. It counts once: see where and when at the counter.",
        ),
        Reason.FIRST_PURCHASE_USED: say(
            "這是首購限定的優惠，這位客人已經用過了，不能再用一次。",
            "This is for a first purchase, and this customer has used it before. It cannot be used again.",
        ),
        Reason.NOT_YET_VALID: say(
            "還不能使用：可使用時間還沒到。請客人到時候再來。",
            "It cannot be used yet. Ask the customer to come back once it can.",
        ),
        Reason.OTHER_STORE_ONLY: say(
            "這張券不能在這間門市使用。請告訴客人適用的門市。",
            "This coupon does not count in this store. Tell the customer which stores take it.",
        ),
        Reason.ONLINE_STORE_ONLY: say(
            "這張券限網路商店使用。可以給客人看商品清單。",
            "This coupon is for the online store only. Show the customer its product list.",
        ),
        Reason.NOT_REDEEMED: say("這張券還沒領取，請先領取。", "Nobody has claimed this coupon. Claim it first."),
        Reason.STORE_CLOSED: say(
            "這間門市已經關閉，不能再使用優惠券。請聯絡店主。",
            "This store is closed, and nothing is used here any more. Ask the owner.",
        ),
        Reason.WITHDRAWN: say(
            "這個序號已經被收回，不能使用。請聯絡店主。", "This serial was withdrawn and cannot be used. Ask the owner."
        ),
    }
    return known.get(reason) or sentences.sentence(reason)


def nobody(reason: Reason | None) -> str:
    """Why a search brought nobody, and what to do."""
    known = {
        Reason.WRONG_SHOP: say(
            "這是別的商店的優惠券。請客人打開我們的優惠券頁面。",
            "This coupon is another shop's. Ask the customer for the page of ours.",
        ),
        Reason.UNKNOWN_COUPON: say(
            "這個連結沒有優惠券。請客人從聊天中重新打開。",
            "There is no coupon behind this link. Ask the customer to open it from the chat again.",
        ),
        Reason.NOT_REDEEMED: say("這個序號還沒有發給任何人。", "This serial has not been given to anybody yet."),
    }
    return known.get(
        reason or Reason.AMBIGUOUS,
        say(
            "找不到這位客人。請檢查輸入，或掃描客人優惠券頁面的 QR。",
            "Nobody was found. Check what was typed, or scan the QR of the customer's coupon page.",
        ),
    )


def products_host(url: str | None) -> str:
    """The host of a list of products, for staff to judge; empty where it is no web page."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""
