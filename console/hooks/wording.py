"""Kinds of events, and what became of deliveries, in words; and what is wrong with a form, at its field."""

from core.hook_deliveries import STATES, State
from core.hooks import KINDS
from core.reasons import Reason
from web.words import say


def kind(name: str) -> str:
    """A kind of event."""
    return {
        "sent": say("發送", "sent"),
        "opened": say("打開", "opened"),
        "redeemed": say("兌換", "redeemed"),
        "verified": say("核銷", "verified"),
        "undone": say("取消", "undone"),
        "test": say("測試", "test"),
    }.get(name, name)


def kinds() -> list[tuple[str, str]]:
    """Every kind that an endpoint may hear of, in words."""
    explained = {
        "sent": say("發送：顧客收到優惠券", "Sent: a customer got a coupon"),
        "opened": say("打開：顧客第一次看到券的頁面", "Opened: they saw its page for the first time"),
        "redeemed": say("兌換：券拿到序號", "Redeemed: it got a serial"),
        "verified": say("核銷：在櫃檯或頁面上使用了", "Verified: it was used at a counter or on the page"),
        "undone": say("取消：兌換或核銷被收回", "Undone: a redemption or verification was taken back"),
    }
    return [(name, explained[name]) for name in KINDS]


def state(name: State) -> str:
    """What became of a delivery."""
    return {
        "waiting": say("等待中", "waiting"),
        "delivered": say("已送達", "delivered"),
        "failed": say("已放棄", "given up"),
    }[name]


def states() -> list[tuple[State, str]]:
    """Every such state, in words."""
    return [(name, state(name)) for name in STATES]


def sentence(reason: Reason) -> str:
    """What is wrong, and what to do."""
    return {
        Reason.WEBHOOK_NAME_MALFORMED: say("名稱要有 1 到 64 個字。", "A name has 1 to 64 characters."),
        Reason.WEBHOOK_KINDS_MISSING: say("請至少選一種事件。", "Choose at least one kind of event."),
        Reason.WEBHOOK_URL_MALFORMED: say(
            "這不是完整的網址。例如 https://pos.example.com/hooks，不含密碼和 #。",
            "This is no whole address. It looks like https://pos.example.com/hooks, without a password or a #.",
        ),
        Reason.WEBHOOK_URL_NOT_HTTPS: say(
            "網址要用 https 開頭：內容有序號。", "The address must begin with https: what is sent has serials in it."
        ),
        Reason.WEBHOOK_URL_INSIDE: say(
            "這個網址在內部網路裡，外面連不到。要允許的話，請負責主機的人設定 WEBHOOKS_INSIDE。",
            "This address is within a private network. Whoever runs the server can allow that: WEBHOOKS_INSIDE.",
        ),
    }.get(reason, str(reason))


def wrong_field(reason: Reason) -> str:
    """The field that a refusal is about."""
    fields = {Reason.WEBHOOK_NAME_MALFORMED: "name", Reason.WEBHOOK_KINDS_MISSING: "kinds"}
    return fields.get(reason, "url")
