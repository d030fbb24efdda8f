"""Packs, imports and what was wrong with them, in words."""

import re

from core.imports.encodings import NAMES
from core.imports.generating import TRIES
from core.reasons import Reason
from db.tables import Import
from web.services import services
from web.words import language, say

_ZH: dict[str, str] = {
    Reason.BARCODE_CANNOT_CARRY: "這個活動的條碼放不下其中的字元。",
    Reason.BARCODE_TOO_WIDE: "太長，手機螢幕顯示不下這個條碼。",
    Reason.SERIAL_DUPLICATE: "重複：檔案裡或先前的序號包已經有了。",
    Reason.SERIAL_EMPTY: "這一列只有空白。",
    Reason.SERIAL_COLUMNS: "這一列有兩欄以上；只能有一欄。",
    Reason.SERIAL_QUOTES: "引號沒有成對。",
    Reason.SERIAL_FORMULA: "以 =、+、- 或 @ 開頭，試算表會當成公式執行。",
    Reason.FILE_EMPTY: "檔案是空的。",
    Reason.FILE_IS_SPREADSHEET: "這是 Excel 檔或壓縮檔，不論副檔名是什麼。請另存成「CSV UTF-8」再試一次。",
    Reason.FILE_NOT_TEXT: "這不是文字檔。請把序號另存成「CSV UTF-8」再試一次。",
    Reason.FILE_ENCODING: "認不出檔案的文字編碼，或和選的不同。請另存成「CSV UTF-8」再試一次。",
    Reason.FILE_LINE_TOO_LONG: "有一列長得不可能是序號。請確認選對了檔案。",
    Reason.FILE_COLUMNS: "第一列有兩欄以上；檔案只能有一欄。",
    Reason.UNKNOWN_IMPORT: "找不到這次匯入。",
    Reason.IMPORT_OVER: "這次匯入已經結束了，沒有改變任何事。",
    Reason.IMPORT_CANCELLED: "有人取消了。",
    Reason.IMPORT_REPLACED: "被後來上傳的檔案取代了。",
    Reason.IMPORT_BROKE: "系統出錯，無法繼續；沒有留下任何序號。請通知工程師。",
    Reason.NO_GOOD_ROW: "沒有任何一列可以用。",
    Reason.FIXED_LENGTH: "固定序號要有 1 到 16 個字。",
    Reason.QUANTITY_OUT_OF_RANGE: "數量要在 1 到 1,000,000 之間。",
    Reason.PATTERN_MALFORMED: "格式裡至少要有一個 #，前後不能有空白，例如 TEA-####-####。",
    Reason.LEVELS_MALFORMED: "請填最多 10 個整數，例如 1000, 100。",
    Reason.UNKNOWN_PACK: "找不到這個序號包。",
}
_EN: dict[str, str] = {
    Reason.UNKNOWN_IMPORT: "There is no such import.",
    Reason.IMPORT_OVER: "This import is over already; nothing has changed.",
    Reason.IMPORT_CANCELLED: "Somebody cancelled it.",
    Reason.IMPORT_REPLACED: "A file that was uploaded later took its place.",
    Reason.IMPORT_BROKE: "Something broke and it could not go on; no serial was left. Please tell an engineer.",
    Reason.NO_GOOD_ROW: "No row can be used.",
    Reason.LEVELS_MALFORMED: "Write up to 10 whole numbers, such as 1000, 100.",
}

# The same with what the English detail names: a code as Python writes it, a row, a length, what a barcode can carry.
_ZH_DETAILED: dict[str, tuple[tuple[str, str], ...]] = {
    Reason.SERIAL_DUPLICATE: (
        (r"(.+) is already in row (\d+)$", "{0} 在第 {1} 列已經有了。"),
        (r"(.+) is already in this file$", "{0} 在這個檔案裡已經有了。"),
        (r"(.+) is already in an earlier pack$", "{0} 在先前的序號包裡已經有了。"),
    ),
    Reason.SERIAL_COLUMNS: ((r".* has (\d+) columns", "這一列有 {0} 欄；只能有一欄。"),),
    Reason.SERIAL_FORMULA: ((r"(.+) begins with (.),", "{0} 以 {1} 開頭，試算表會當成公式執行。"),),
    Reason.BARCODE_CANNOT_CARRY: (
        (r"(.+) cannot be a QR code,", "{0} 裡有看不見的字元，QR Code 放不下。"),
        (
            r"(.+) cannot be a CODE 39,",
            "{0} 不能做成 CODE 39：只能有 0-9、A-Z、空格和 - . $ / + %，而且後四個後面不能接字母。",
        ),
        (r"(.+) cannot be a CODE 128,", "{0} 不能做成 CODE 128：只能有半形的英文、數字和符號。"),
    ),
    Reason.BARCODE_TOO_WIDE: (
        (
            r"(.+) has (\d+) characters; as a (.+) a phone shows at most (\d+)",
            "{0} 有 {1} 個字；做成 {2}，手機最多顯示 {3} 個。",
        ),
    ),
    Reason.FILE_COLUMNS: ((r"Row 1 has (\d+) columns", "第一列有 {0} 欄；檔案只能有一欄。"),),
}


def why(reason: str, detail: str = "") -> str:
    """The sentence for a reason, with the detail that was kept with it."""
    limit = services().serials_file_bytes // 1_000_000
    if reason == Reason.FILE_TOO_LARGE:
        return say(
            f"檔案必須小於 {limit:,} MB。請分成幾個序號包。",
            f"The file must be under {limit:,} MB. Split it into packs.",
        )
    if reason == Reason.PATTERN_GUESSABLE:
        return say(
            f"太容易猜中。亂猜 {TRIES:,} 次最多只能中一次：請多加幾個 #，或減少數量。",
            f"Too easy to guess: at most one in {TRIES:,} random tries may be a good code. Add some #, or make fewer.",
        )
    if reason == Reason.QUANTITY_OUT_OF_RANGE:  # what was typed may be no number at all
        return say(_ZH[reason], "The quantity must be a whole number from 1 to 1,000,000.")
    if language() == "en":
        told = detail or _EN.get(reason, reason)
        return f"{told[:1].upper()}{told[1:]}" if told.endswith(".") else f"{told[:1].upper()}{told[1:]}."
    return _in_chinese(reason, detail)


def _in_chinese(reason: str, detail: str) -> str:
    """With what the detail names, where it can be read: of a very long code only the beginning was kept."""
    for pattern, sentence in _ZH_DETAILED.get(reason, ()):
        if found := re.match(pattern, detail, re.DOTALL):
            return sentence.format(*found.groups())
    return _ZH.get(reason, reason)


def unused(count: int, *, is_given_again: bool) -> str:
    """What becomes of the serials of a pack that nobody has yet, once it is withdrawn or given out again."""
    if not count:
        return say("這個序號包的序號都發完了。", "All of its serials are given out already.")
    if is_given_again:
        return say(
            f"還沒發出的 {count:,} 個序號會照原來的順序再發放。",
            f"Its {count:,} unused serials are given out again, in its old place."
            if count > 1
            else "Its one unused serial is given out again, in its old place.",
        )
    return say(
        f"還沒發出的 {count:,} 個序號不再發放。",
        f"Its {count:,} unused serials are given out no more."
        if count > 1
        else "Its one unused serial is given out no more.",
    )


def given(count: int) -> str:
    """What becomes of the serials that somebody has, once their pack is withdrawn."""
    if not count:
        return say("還沒有人拿到裡面的序號。", "Nobody has one of its serials yet.")
    return say(
        f"已經發出的 {count:,} 個照樣有效。",
        f"The {count:,} that were given out stay good." if count > 1 else "The one that was given out stays good.",
    )


def state(found: Import) -> str:
    """How an import stands, in two or three words."""
    words = {
        "asking": say("等您回答", "waits for your answer"),
        "loading": say("處理中", "under way"),
        "choosing": say("等您決定", "waits for your choice"),
        "done": say("完成", "done"),
        "discarding": say("清除中", "being cleared away"),
        "discarded": say("已取消", "discarded"),
    }
    return words[found.state]


def encoding(name: str) -> str:
    """An encoding's name, as people write it."""
    return NAMES[name]
