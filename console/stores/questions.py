"""What an owner reads before something is done to a store or a device: what comes of it, and whether it goes back."""

from console.question import Question
from core.devices import Listed
from core.stores import Place
from web.words import say


def of_store(deed: str, place: Place) -> Question:
    """The question before a store is closed or opened again."""
    if deed == "close":
        return Question(
            say(f"關閉 {place.name}？", f"Close {place.name}?"),
            say(
                "從現在起這裡不能核銷任何優惠券。紀錄、店員和裝置都留著；店員登入後會看到門市已關閉。之後隨時可以重新開放。",
                "From now on no coupon is verified there. Records, staff and devices stay; staff who sign in are told "
                "that the store is closed. You can open it again at any time.",
            ),
            say("關閉門市", "Close the store"),
            say("已關閉。", "Closed."),
            is_grave=True,
        )
    return Question(
        say(f"重新開放 {place.name}？", f"Open {place.name} again?"),
        say("店員可以馬上在這裡核銷。", "Its staff can verify there at once."),
        say("重新開放", "Open again"),
        say("已重新開放。", "Open again."),
    )


def of_device(deed: str, device: Listed) -> Question:
    """The question before a device is shut out, or another phone takes its place."""
    if deed == "revoke":
        return Question(
            say(f"撤銷「{device.name}」？", f"Revoke “{device.name}”?"),
            say(
                "這台裝置馬上登出，什麼都打不開，例如遺失的時候。還沒掃描的代碼也失效。在上面做過的事都留著。之後可以用新的代碼再綁定。",
                "It is signed out at once and opens nothing any more, as when it is lost; a code that waits to be "
                "scanned ends, too. What was done on it stays. A new code binds it again.",
            ),
            say("撤銷", "Revoke"),
            say("已撤銷。", "Revoked."),
            is_grave=True,
        )
    return Question(
        say(f"為「{device.name}」產生新的代碼？", f"Make a new code for “{device.name}”?"),
        say(
            "會顯示一個 QR code，十五分鐘內有效，只能用一次。掃描的手機或平板就成為這台裝置，"
            "原來的那一台馬上登出；在那之前照常使用。",
            "A QR code is shown that works once, within 15 minutes. Whatever scans it becomes this device, and the one "
            "before is signed out then; until then it goes on.",
        ),
        say("產生代碼", "Make a code"),
    )
