"""What people read when a user cannot be as asked, or somebody is not let in: what is the matter, and what to do."""

from core.pins import LONGEST, SHORTEST
from core.reasons import Reason
from core.stores import IDLE_MINUTES, UNDO_MINUTES
from core.users import LONGEST_PASSWORD, SHORTEST_PASSWORD
from web.words import say


def sentence(reason: Reason) -> str:
    """The sentence for a reason, in the reader's language; the code itself where there is none."""
    known = {
        Reason.USER_NAME_MALFORMED: say(
            "帳號名稱要有 1 到 64 個看得見的字。", "A user name has 1 to 64 characters, all of which can be seen."
        ),
        Reason.USER_NAME_TAKEN: say(
            "已經有人用這個帳號名稱。請換一個。", "Somebody has this user name already. Choose another."
        ),
        Reason.EMAIL_MALFORMED: say("這不是電子郵件地址。請檢查。", "This is no e-mail address. Check it."),
        Reason.EMAIL_TAKEN: say("另一個帳號已經用了這個地址。", "Another user has this address already."),
        Reason.STORE_MISSING: say(
            "店員要有門市。請選一間。還沒有的話，先在「門市」新增。",
            "Staff need a store: choose one. Where there is none yet, add it under Stores first.",
        ),
        Reason.UNKNOWN_STORE: say(
            "沒有這間門市。請選一間，或先在「門市」新增。",
            "There is no store of this name. Choose one, or add it under Stores first.",
        ),
        Reason.PASSWORD_TOO_SHORT: say(
            f"密碼太短，至少要 {SHORTEST_PASSWORD} 個字。",
            f"That password is too short: it must have at least {SHORTEST_PASSWORD} characters.",
        ),
        Reason.PASSWORD_TOO_LONG: say(
            f"密碼太長，最多 {LONGEST_PASSWORD} 個字。",
            f"That password is too long: it may have {LONGEST_PASSWORD} characters.",
        ),
        Reason.PASSWORD_WRONG: say("目前的密碼不正確。", "Your present password is not right."),
        Reason.LAST_OWNER: say(
            "這是最後一位負責人，沒有改變任何事。請先讓另一個人成為負責人。",
            "This is the last owner, and nothing was changed. Make somebody else an owner first.",
        ),
        Reason.STORE_NAME_MALFORMED: say(
            "門市名稱要有 1 到 100 個看得見的字。", "A store's name has 1 to 100 characters, all of which can be seen."
        ),
        Reason.STORE_NAME_TAKEN: say(
            "已經有這個名稱的門市。請換一個。", "There is a store of this name already. Choose another."
        ),
        Reason.MINUTES_OUT_OF_RANGE: say(
            f"取消的時間要在 0 到 {UNDO_MINUTES[-1]} 分鐘之間，鎖定的時間在 1 到 {IDLE_MINUTES[-1]} 分鐘之間。",
            f"The time to undo is 0 to {UNDO_MINUTES[-1]} minutes, the time until it locks 1 to {IDLE_MINUTES[-1]}.",
        ),
        Reason.DEVICE_NAME_MALFORMED: say(
            "裝置名稱要有 1 到 64 個看得見的字。", "A device's name has 1 to 64 characters, all of which can be seen."
        ),
        Reason.BINDING_OVER: say(
            "這個代碼已經用過、過期，或不完整。請在後台再產生一個。",
            "This code was used, is too old, or is not whole. Make another in the console.",
        ),
        Reason.NOT_STAFF: say(
            "只有門市的店員才有 PIN。沒有改變任何事。", "Only staff of a store have a PIN. Nothing was changed."
        ),
        Reason.PIN_MALFORMED: say(
            f"PIN 是 {SHORTEST} 到 {LONGEST} 個數字。", f"A PIN has {SHORTEST} to {LONGEST} digits, and nothing else."
        ),
        Reason.PIN_TRIVIAL: say(
            "這個 PIN 太容易猜到，例如 1111、1234、1212、2580。請換一個。",
            "This PIN is guessed first, as are 1111, 1234, 1212 and 2580. Choose another.",
        ),
        Reason.PIN_WRONG: say("PIN 不正確，請再輸入一次。", "That PIN is not right. Try again."),
        Reason.PIN_WAIT: say("輸入錯誤太多次。", "Too many wrong PINs."),
        Reason.LINK_OVER: say("這個連結已經用過、過期，或不完整。", "This link was used, is too old, or is not whole."),
        Reason.CODE_WRONG: say("驗證碼不正確，或已經用過。", "That code is not right, or was used before."),
    }
    return known.get(reason, str(reason))
