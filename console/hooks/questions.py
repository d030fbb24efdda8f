"""What an owner reads before something is done to an endpoint."""

from console.question import Question
from core.hooks import Endpoint
from web.words import say


def of(deed: str, endpoint: Endpoint) -> Question:
    """The question before a deed."""
    name = endpoint.name
    return {
        "rotate": Question(
            say(f"更換 {name} 的密鑰？", f"Change the secret of {name}?"),
            say(
                "接下來 24 小時，每一筆都用新、舊兩個密鑰簽章，接收的系統可以在這段時間裡換。之後只用新的。"
                "如果上次更換還不到 24 小時，上次的舊密鑰馬上失效。",
                "For 24 hours everything is signed with the new and the old one, so that the receiver can change over; "
                "afterwards with the new one only. Where it was changed less than 24 hours ago already, the "
                "one from before that ends at once.",
            ),
            say("更換密鑰", "Change the secret"),
            say("已更換。新的密鑰在下面。", "Changed. The new secret is below."),
        ),
        "disable": Question(
            say(f"停用 {name}？", f"Disable {name}?"),
            say(
                "不再送任何東西過去；停用期間發生的事件也不會為它保留。正在等待的會等到恢復。",
                "Nothing is sent there, and what happens meanwhile is not kept for it. What waits, waits until it is "
                "enabled.",
            ),
            say("停用", "Disable"),
            say("已停用。", "Disabled."),
            is_grave=True,
        ),
        "enable": Question(
            say(f"恢復 {name}？", f"Enable {name}?"),
            say(
                "從現在起的事件會送過去，等待中的也會送出。",
                "It hears of what happens from now on, and what waited is sent.",
            ),
            say("恢復", "Enable"),
            say("已恢復。", "Enabled."),
        ),
        "delete": Question(
            say(f"刪除 {name}？", f"Delete {name}?"),
            say(
                "不再送任何東西過去，等待中的也不會送；它的密鑰和送出的紀錄都看不到了，也不能恢復。只是暫時不送的話，請用停用。",
                "Nothing is sent there any more, what waits neither. Its secret and its deliveries cannot be seen any "
                "longer, and it cannot be brought back. To stop for a while, disable it.",
            ),
            say("刪除", "Delete"),
            say(f"已刪除 {name}。", f"{name} is deleted."),
            is_grave=True,
        ),
        "replay": Question(
            say(f"重送 {name} 放棄的？", f"Send again what {name} did not take?"),
            say(
                "把放棄的全部再送一次，事件編號不變。",
                "All that were given up and were made since this time are sent again, under the same ids.",
            ),
            say("重送", "Send again"),
            "",
        ),
    }[deed]
