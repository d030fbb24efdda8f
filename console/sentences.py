"""What a marketer reads about messages, coupons and flows that did not go as meant, and about what was just done."""

from core.reasons import Reason
from core.transcript import Bubble
from web.words import language, local_time, say


def sentence(reason: str) -> str:
    """The sentence for a reason code, in the reader's language; the code itself where there is none."""
    return told(reason, language())


def told(reason: str, language: str) -> str:
    """The same for a reader of this language, where no browser tells it: 'en', else Chinese."""
    zh, en = _SENTENCES.get(reason, (reason, reason))
    return en if language == "en" else zh


# (zh, en): what is the matter, and what to do where something can be done.
_SENTENCES: dict[str, tuple[str, str]] = {
    Reason.WINDOW_CLOSED: (
        "距離客人上次留言已超過 24 小時，Messenger 不允許主動傳訊；客人再留言就會送出。",
        "The 24 hours since the customer's last message are over; Messenger allows it when they write again.",
    ),
    Reason.OUTCOME_UNKNOWN: (
        "平台沒有回覆結果，不確定客人是否收到；為了不重複，沒有再送。",
        "The platform did not say whether it took it. It was not repeated, so that nobody gets it twice.",
    ),
    Reason.RETRIES_USED_UP: (
        "試了約兩個小時都送不出去。請再寫一次。",
        "It was tried for about two hours in vain. Write it again.",
    ),
    Reason.RATE_LIMITED: ("平台要求放慢速度，稍後會再試。", "The platform asks to slow down; it is tried again later."),
    Reason.QUOTA_USED_UP: (
        "LINE 本月的訊息則數用完了。請升級方案，或等下個月。",
        "LINE's messages of this month are used up. Take a larger plan, or wait for the next month.",
    ),
    Reason.RECIPIENT_UNREACHABLE: (
        "客人封鎖了帳號，或帳號已不存在。",
        "The customer has blocked the shop, or the account is gone.",
    ),
    Reason.UNREACHABLE: (
        "客人封鎖了我們，收不到訊息；解除封鎖後才能再傳。",
        "The customer has blocked the shop and gets nothing until they come back by themselves.",
    ),
    Reason.MESSAGE_REFUSED: ("平台拒收這則訊息的內容。", "The platform refuses this message itself."),
    Reason.CHANNEL_CREDENTIALS: (
        "通道的存取權杖遺失、錯誤或過期。請管理員更新設定。",
        "The channel's access token is missing, wrong or expired. Ask your operator to renew it.",
    ),
    Reason.CHANNEL_UNAVAILABLE: ("平台暫時連不上，會自動再試。", "The platform is out of reach; it is tried again."),
    Reason.REPLY_TOKEN_REFUSED: (
        "免費回覆的時限已過，改用推播。",
        "The free reply was too late; it is pushed instead.",
    ),
    Reason.MESSAGE_EMPTY: ("還沒有寫內容。", "There is nothing written yet."),
    Reason.MESSAGE_TOO_LONG: ("超過 2,000 字，請分成幾則。", "It has more than 2,000 characters. Send it in parts."),
    Reason.TAG_MALFORMED: (
        "標籤只能用小寫英文、數字和單一連字號，最多 64 個字，例如 tea-lover。",
        "A tag has a to z, 0 to 9 and single hyphens, at most 64 of them, such as tea-lover.",
    ),
    Reason.UNKNOWN_CAMPAIGN: ("找不到這個活動。請重新選擇。", "There is no such campaign. Choose another."),
    Reason.NOT_PUBLISHED: ("活動還是草稿，請先發布。", "The campaign is a draft. Publish it first."),
    Reason.ARCHIVED: ("活動已經封存。", "The campaign is in the archive."),
    Reason.NOT_STARTED: ("活動還沒開始發送。", "The campaign's sending period has not begun."),
    Reason.ENDED: ("活動已經結束發送。", "The campaign sends nothing any more."),
    Reason.LIMIT_REACHED: (
        "這位客人已達這個活動的兌換上限。",
        "This person has redeemed the campaign as often as they may.",
    ),
    Reason.SOLD_OUT: ("這個活動的序號已經發完。", "No serial of the campaign is left."),
    Reason.EXPIRED: ("優惠券已經過期。", "The coupon has expired."),
    Reason.UNKNOWN_COUPON: ("找不到這張優惠券。", "There is no such coupon."),
    Reason.NOT_REDEEMED: ("優惠券還沒有兌換。", "The coupon is not redeemed."),
    Reason.NOT_VERIFIED: ("優惠券還沒有核銷。", "The coupon is not verified."),
    Reason.ALREADY_VERIFIED: ("優惠券已經核銷。", "The coupon is verified already."),
    Reason.VERIFY_BUTTON_OFF: ("這個活動的頁面沒有核銷按鈕。", "The campaign's pages have no button to verify."),
    Reason.NOT_YET_VALID: ("優惠券還不能使用。", "The coupon was not good yet."),
    Reason.OTHER_STORE_ONLY: ("優惠券不能在這間門市使用。", "The coupon is for other stores only."),
    Reason.ONLINE_STORE_ONLY: ("優惠券限網路商店使用。", "The coupon is for the online store only."),
    Reason.STORE_CLOSED: ("這間門市已關閉。", "The store is closed."),
    Reason.WITHDRAWN: ("序號已經收回。", "The serial was taken back."),
    Reason.FIRST_PURCHASE_USED: ("首購優惠已經用過。", "It is for a first purchase, and was used before."),
    Reason.REASON_MISSING: ("請寫下原因。", "Write down the reason."),
    Reason.FLOW_STEP_LIMIT: (
        "流程連續跑了太多步驟，可能繞圈了。請檢查流程。",
        "The flow ran too many steps without an answer. Look for a loop in it.",
    ),
    Reason.FLOW_TEMPLATE: (
        "流程中有一段文字無法套用到這位客人。請修正文字。",
        "A text of the flow could not be filled in for this customer. Correct the text.",
    ),
    Reason.FLOW_UNKNOWN: (
        "流程呼叫了另一個沒有發布的流程。請發布它，或修正名稱。",
        "The flow calls another one that is not published. Publish it, or correct the name.",
    ),
    Reason.FLOW_UNREADABLE: (
        "這一版是較舊的程式發布的，現在讀不懂；停在這一版的人無法繼續。",
        "This version was published by an older Tessera and cannot be read any more. Who is in it cannot go on.",
    ),
    Reason.FLOW_BROKE: (
        "流程無法繼續，不是流程寫錯。請把細節交給工程師。",
        "The flow could not go on, and not by a mistake in it. Show the detail to an engineer.",
    ),
    Reason.START_MISSED: (
        "超過時間六小時仍輪不到，因此沒有開始。若還有意義，請用新的時間再發布一次。",
        "Its turn did not come within six hours of the moment. Publish it with a new moment if it still makes sense.",
    ),
    Reason.START_WITHDRAWN: (
        "輪到之前，流程已改為不在這個時間開始。",
        "The flow was published without this start before the turn came.",
    ),
    Reason.START_STOPPED: ("已從後台停止。", "It was stopped in the console."),
    Reason.START_OVER: (
        "這次開始已經完成或停止了，沒有改變任何事。",
        "This start is finished or stopped already; nothing has changed.",
    ),
    Reason.TAKEN_OVER: (
        "當時正由店員接手，機器人沒有打擾。",
        "A person was talking with them; the bot did not interrupt.",
    ),
    Reason.MOVE_STEP_GONE: ("這個步驟在新版裡沒有了。", "The newest version has no step with this id."),
    Reason.MOVE_STEP_UNNAMED: (
        "這個步驟沒有 id，新版裡也沒有唯一一個內容完全相同的步驟，所以無法確定是哪一步。",
        "The step has no id, and the newest version does not have exactly one step that says the same.",
    ),
    Reason.MOVE_KIND_CHANGED: (
        "新版裡這個 id 是另一種步驟。",
        "In the newest version, the step with this id is of another kind.",
    ),
    Reason.MOVE_QUESTION_CHANGED: (
        "問題改了（選項、種類或 `keep`），正在等的回答會對不上。",
        "The question has changed (its choices, kind or `keep`), so that an answer that is on its way would not fit.",
    ),
    Reason.MOVE_WAIT_CHANGED: (
        "等待的事情或時間改了，和當初開始等的不一樣。",
        "It waits for something else, or another time, than when their wait began.",
    ),
    Reason.MOVE_CALL_CHANGED: (
        "他們要回到的那個步驟，新版改成呼叫另一個流程。",
        "The step that they would come back to calls another flow now.",
    ),
    Reason.MOVE_VALUE_MISSING: (
        "新版接下來的文字會用到他們還沒有的回答或優惠券。",
        "A text further on needs an answer or a coupon that they do not have.",
    ),
    Reason.EVENT_UNREADABLE: ("這個動作無法處理。細節如下。", "This could not be handled. The detail says more."),
}

_DONE: dict[str, tuple[str, str]] = {
    "written": ("訊息已交付傳送。", "The message is on its way."),
    "held": (
        "訊息已保留，客人再留言時就會送出。",
        "The message is held. It goes out when the customer writes again.",
    ),
    "coupon": ("優惠券已交付傳送。", "The coupon is on its way."),
    "tagged": ("已加上標籤。", "The tag is added."),
    "untagged": ("已移除標籤。", "The tag is removed."),
    "taken_over": (
        "已由您接手，機器人不再回答問題，直到您交還。",
        "You have taken over. The bot answers no more questions until you give back.",
    ),
    "given_back": ("已交還給機器人。", "The bot answers again."),
    "seen": ("已標記為看過。", "It is marked as seen."),
}


def done(what: str) -> str:
    """What was just done."""
    pair = _DONE.get(what)
    return say(*pair) if pair else ""


def delivery(bubble: Bubble) -> str:
    """Whether a message of the shop's has left, and if not, why."""
    why = sentence(bubble.reason) if bubble.reason else ""
    match bubble.status:
        case "sent":
            at = local_time(bubble.sent_at)
            at = "" if at == local_time(bubble.place.at) else f" {at}"
            return say(f"平台已收下{at}", f"accepted by the platform{at}")
        case "held":
            return say(f"保留中：{why}", f"held: {why}")
        case "failed":
            return say(f"沒有送達：{why}", f"not delivered: {why}")
        case "unknown":
            return say(f"不確定：{why}", f"unknown: {why}")
        case _ if why:
            return say(f"尚未送出：{why}", f"not sent yet: {why}")
    return say("正在送出", "being sent")
