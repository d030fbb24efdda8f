"""What the counter's script says of its own: the line to the shop, the camera, what waits, what it finds offline.

Answers of the shop bring their own sentences (`pos.sentences`).
"""

from core.reasons import Reason
from pos.sentences import sentence
from web.words import say


def app_words() -> dict[str, str]:
    """Each by its name, in the reader's language; {names} in braces are filled in by the script."""
    return {
        **_of_the_line(),
        **_of_coupons(),
        **{f"outcome.{code}": sentence(code) for code in (Reason.EXPIRED, Reason.NOT_YET_VALID)},
    }


def _of_the_line() -> dict[str, str]:
    return {
        "online": say("已連線", "Online"),
        "offline": say("沒有網路，可以繼續核銷", "No network: go on verifying"),
        "asking": say("連線中…", "Connecting…"),
        "signed_out": say("已登出，請重新登入", "Signed out: sign in again"),
        "no_list": say("這台裝置還沒有離線資料", "This device has no list to verify by"),
        "list_now": say("離線資料：剛剛更新", "offline list: just now"),
        "list_minutes": say("離線資料：{n} 分鐘前（{time}）", "offline list: {n} min old ({time})"),
        "list_hours": say("離線資料：{n} 小時前（{time}）", "offline list: {n} h old ({time})"),
        "none_waits": say("沒有待上傳", "nothing waits"),
        "waits": say("{n} 筆待上傳", "{n} waiting to be told"),
        "other_store": say("這筆屬於別的門市，要在那裡登入才能上傳", "Another store's: sign in there to tell it"),
        "sound_on": say("聲音：開", "Sound: on"),
        "sound_off": say("聲音：關", "Sound: off"),
        "no_camera": say(
            "無法使用相機。請在瀏覽器允許使用相機，或改用輸入。",
            "The camera cannot be used. Allow it in the browser's settings, or type the serial.",
        ),
        "new_version": say("有新版本，即將更新。", "There is a new version: updating."),
    }


def _of_coupons() -> dict[str, str]:
    return {
        "broken": say("店裡的系統沒有回答。請再試一次。", "The shop did not answer as it should. Try again."),
        "no_name": say("（未提供姓名）", "(no name given)"),
        "on_page": say("顧客頁面", "on the customer's page"),
        "verified_offline": say("核銷完成（離線）", "Verified (without a network)"),
        "told_later": say(
            "已記在這台裝置，網路恢復後自動上傳。",
            "Kept on this device; it is told to the shop once the network is back.",
        ),
        "used_here": say(
            "這張券已於 {time} 在這台裝置核銷，不能再用一次。",
            "Already verified on this device at {time}. It counts once: do not honour it again.",
        ),
        "not_listed": say(
            "離線資料裡沒有這個序號：可能是之後才兌換、已經用過，或不是本店的券。",
            "Not in this device's list: redeemed since, used already, or not of this shop.",
        ),
        "not_listed_cut": say(
            "離線資料裡沒有這個序號。資料只含最近兌換的券：可能較早或之後才兌換、已經用過，或不是本店的券。",
            "Not in this device's list, which has only the coupons redeemed last: redeemed long before or since, used "
            "already, or not of this shop.",
        ),
        "ask_reference": say(
            "很多客人有這個序號。請輸入客人券上的編號。",
            "Many customers have this serial. Type the reference on the customer's page.",
        ),
        "signed_out_found": say("請重新登入。沒有任何資料被更動。", "Sign in again. Nothing was changed."),
        "conflict": say("{entered}：{sentence}", "{entered}: {sentence}"),
        "conflict_first": say("先核銷：{time} · {store} · {user}", "Verified first: {time} · {store} · {user}"),
        "undo_until": say("（{time} 前可以）", "(until {time})"),
        "undo_offline": say(
            "沒有網路，現在不能取消核銷。連線後請到「今日」取消。",
            "Without a network nothing can be undone. Undo it under Today once there is one.",
        ),
    }
