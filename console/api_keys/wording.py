"""Keys of POS machines in words: what each scope lets them do, and why a key cannot be as asked."""

from core.api_keys import LONGEST_NAME, Scope
from core.reasons import Reason
from web.words import say


def scopes() -> list[tuple[Scope, str]]:
    """Every scope, with what it may."""
    return [
        ("lookup", say("查詢優惠券", "look coupons up")),
        ("verify", say("核銷", "verify")),
        ("use", say("替客人兌換並核銷", "redeem for a customer and verify")),
        ("undo", say("取消核銷", "undo a verification")),
        ("upload", say("上傳斷線時的核銷", "tell what was verified without a network")),
    ]


def wrong(reason: Reason) -> tuple[str, str]:
    """The field that a refusal is about, and its sentence."""
    return {
        Reason.KEY_NAME_MALFORMED: (
            "name",
            say(
                f"名稱要有 1 到 {LONGEST_NAME} 個看得見的字。",
                f"Write 1 to {LONGEST_NAME} characters that can be seen.",
            ),
        ),
        Reason.KEY_WITHOUT_SCOPES: ("scopes", say("至少選一項。", "Choose one at least.")),
        Reason.UNKNOWN_STORE: ("store", say("沒有這間門市。", "There is no such store.")),
        Reason.KEY_REVOKED: ("", say("這把金鑰已經撤銷了。", "The key is revoked already.")),
    }[reason]
