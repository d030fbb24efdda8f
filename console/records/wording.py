"""Records, and what happened to them, in words."""

from console.sentences import sentence
from core.records_history import Happening
from web.words import say

# In Chinese and in English.
_WORDS = {
    "sent": ("已發送", "Sent"),
    "opened": ("已開啟", "Opened"),
    "redeemed": ("已兌換", "Redeemed"),
    "verified": ("已核銷", "Verified"),
    "preview": ("連結預覽", "Link previews"),
    "prefetch": ("預先載入", "Fetched ahead"),
    "line": ("LINE", "LINE"),
    "messenger": ("Messenger", "Messenger"),
}


def word(name: str) -> str:
    """A status, a kind of figure or a channel; the name itself where it is none."""
    return say(*_WORDS.get(name, (name, name)))


def happening(one: Happening) -> str:
    """What happened, in a sentence; who, where and why stand beside it."""
    told = say(*_HAPPENINGS.get(one.what, (one.what, one.what))).format(serial=one.serial, count=one.count)
    return f"{told}{say('：', ': ')}{sentence(one.reason)}" if one.reason else told


_HAPPENINGS = {
    "sent": ("發送", "Sent"),
    "opened": ("顧客打開了頁面", "The customer opened the page"),
    "preview": ("聊天軟體抓了連結預覽，{count:,} 次，不算開啟", "Link preview, {count:,} times: no opening"),
    "prefetch": ("瀏覽器預先載入，{count:,} 次，不算開啟", "Fetched ahead by a browser, {count:,} times: no opening"),
    "redeemed": ("兌換，序號 {serial}", "Redeemed, serial {serial}"),
    "redeem_refused": ("顧客按了兌換，但沒有得到序號", "The customer tapped Redeem and got no serial"),
    "redemption_undone": ("取消兌換，序號 {serial} 收回", "Redemption undone, serial {serial} went back"),
    "redemption_undone_burnt": ("取消兌換，序號 {serial} 作廢", "Redemption undone, serial {serial} burnt"),
    "verified": ("核銷", "Verified"),
    "verify_refused": ("想核銷，但被拒絕", "Tried to verify, refused"),
    "honoured_offline": ("沒有網路時核銷，但系統會拒絕", "Verified without a network, which would have been refused"),
    "verification_undone": ("取消核銷", "Verification undone"),
}
