"""What was done, in words: each deed of the audit log, and what was told of it."""

import json
from collections.abc import Mapping
from typing import Any

from console.campaigns.wording import field_words, value_words
from core.campaigns.differences import unpacked
from web.words import say

KEPT = 200  # characters of one value that are shown; the audit log's file has all

# What somebody has done (core.audit.ACTIONS), (zh, en); what another version knew is shown by its code.
WORDS = {
    "campaign.created": ("新增活動", "Added the campaign"),
    "campaign.changed": ("修改活動", "Changed the campaign"),
    "campaign.published": ("發布活動", "Published the campaign"),
    "campaign.unpublished": ("把活動改回草稿", "Made the campaign a draft again"),
    "campaign.ended": ("結束活動", "Ended the campaign"),
    "campaign.resumed": ("恢復活動", "Resumed the campaign"),
    "campaign.archived": ("封存活動", "Archived the campaign"),
    "campaign.unarchived": ("取消封存活動", "Took the campaign out of the archive"),
    "pack.added": ("加入序號", "Added serials"),
    "pack.uploaded": ("上傳序號檔", "Uploaded a file of serials"),
    "pack.generated": ("產生序號", "Had serials generated"),
    "pack.answered": ("說明序號檔怎麼讀", "Said how a file of serials reads"),
    "pack.chosen": ("選擇加入哪些列", "Chose which rows of a file to add"),
    "pack.discarded": ("捨棄序號檔", "Discarded a file of serials"),
    "pack.withdrawn": ("停用一包序號", "Withdrew a pack of serials"),
    "pack.restored": ("恢復發放一包序號", "Restored a pack of serials"),
    "stock_levels.changed": ("修改庫存警示", "Changed the stock warnings"),
    "coupon.claimed": ("在櫃檯替顧客領取", "Claimed a coupon for a customer"),
    "redemption.undone": ("取消兌換", "Undid a redemption"),
    "verification.undone": ("取消核銷", "Undid a verification"),
    "webhook.added": ("新增 Webhook", "Added a webhook"),
    "webhook.changed": ("修改 Webhook", "Changed a webhook"),
    "webhook.secret_changed": ("更換 Webhook 的密鑰", "Changed a webhook's secret"),
    "webhook.disabled": ("停用 Webhook", "Disabled a webhook"),
    "webhook.enabled": ("恢復 Webhook", "Enabled a webhook"),
    "webhook.deleted": ("刪除 Webhook", "Deleted a webhook"),
    "webhook.replayed": ("重送 Webhook", "Sent a webhook's deliveries again"),
    "user.added": ("新增人員", "Added somebody"),
    "user.changed": ("修改人員", "Changed somebody's account"),
    "user.disabled": ("停用帳號", "Shut somebody out"),
    "user.enabled": ("恢復帳號", "Let somebody in again"),
    "user.sessions_ended": ("登出所有裝置", "Logged out everywhere"),
    "user.link_made": ("產生設定密碼的連結", "Made a link to choose a password"),
    "user.link_mailed": ("寄出設定密碼的連結", "Mailed a link to choose a password"),
    "user.password_changed": ("修改密碼", "Changed the password"),
    "user.password_chosen": ("用連結設定密碼", "Chose a password by a link"),
    "user.codes_on": ("啟用一次性驗證碼", "Turned one-time codes on"),
    "user.codes_off": ("關閉一次性驗證碼", "Turned one-time codes off"),
    "user.recovery_code": ("用復原碼登入", "Logged in with a recovery code"),
    "user.pin_set": ("設定 PIN", "Set a PIN"),
    "user.pin_removed": ("移除 PIN", "Took a PIN away"),
    "store.added": ("新增門市", "Added a store"),
    "store.changed": ("修改門市", "Changed a store"),
    "store.closed": ("關閉門市", "Closed a store"),
    "store.opened": ("重新開放門市", "Opened a store again"),
    "device.added": ("新增裝置", "Added a device"),
    "device.code_made": ("產生綁定裝置的代碼", "Made a code to bind a device"),
    "device.bound": ("綁定裝置", "Bound a device"),
    "device.renamed": ("更改裝置名稱", "Renamed a device"),
    "device.revoked": ("撤銷裝置", "Revoked a device"),
    "flow.published": ("發布流程", "Published a flow"),
    "flow.draft_discarded": ("捨棄流程的草稿", "Discarded a flow's draft"),
    "flow.people_moved": ("把流程裡的人移到新版", "Moved people to a flow's newest version"),
    "flow.start_stopped": ("停止流程的定時開始", "Stopped a flow's start"),
    "flow.start_resumed": ("恢復流程的定時開始", "Let a flow's start come after all"),
    "contact.written": ("寫訊息給顧客", "Wrote to a contact"),
    "contact.coupon_sent": ("送優惠券給顧客", "Sent a contact a coupon"),
    "contact.tagged": ("給顧客加標籤", "Gave a contact a tag"),
    "contact.untagged": ("移除顧客的標籤", "Took a contact's tag away"),
    "contact.taken_over": ("接手對話", "Took over from the bot"),
    "contact.given_back": ("交還給機器人", "Gave back to the bot"),
    "person.merged": ("把兩個人合併成一個", "Made two persons one"),
    "api_key.made": ("新增 POS 金鑰", "Made a POS key"),
    "api_key.rotated": ("更換 POS 金鑰", "Changed a POS key's secret"),
    "api_key.revoked": ("撤銷 POS 金鑰", "Revoked a POS key"),
    "conflict.settled": ("處理離線衝突", "Settled an offline conflict"),
}
_KINDS = {
    "campaign": ("活動", "campaign"),
    "coupon": ("優惠券", "coupon"),
    "user": ("人員", "person"),
    "flow": ("流程", "flow"),
    "contact": ("顧客", "contact"),
    "person": ("顧客", "person"),
    "store": ("門市", "store"),
    "device": ("裝置", "device"),
    "api_key": ("POS 金鑰", "POS key"),
    "webhook": ("Webhook", "webhook"),
    "conflict": ("離線衝突", "offline conflict"),
}
_NAMES = {
    "revision": ("版本", "revision"),
    "where": ("在哪裡", "where"),
    "import": ("匯入編號", "import"),
    "pack": ("序號包編號", "pack"),
    "name": ("名稱", "name"),
    "code": ("代碼", "code"),
    "serials": ("序號數", "serials"),
    "rows": ("列數", "rows"),
    "quantity": ("數量", "quantity"),
    "left": ("剩餘", "left"),
    "left out": ("沒有加入", "left out"),
    "encoding": ("編碼", "encoding"),
    "has header": ("第一列是欄名", "has header"),
    "reason": ("原因", "reason"),
    "campaign": ("活動", "campaign"),
    "serial": ("序號", "serial"),
    "role": ("角色", "role"),
    "store": ("門市", "store"),
    "email": ("電子郵件", "email"),
    "device": ("裝置編號", "device"),
    "undo_minutes": ("取消核銷的分鐘數", "minutes to undo"),
    "idle_minutes": ("鎖定前的分鐘數", "minutes until it locks"),
    "scopes": ("權限", "scopes"),
    "hours": ("舊金鑰還可用幾小時", "hours that the one before still counts"),
    "url": ("網址", "address"),
    "kinds": ("事件", "events"),
    "event": ("事件編號", "event"),
    "since": ("從", "since"),
    "count": ("筆數", "how many"),
    "answer": ("對方的回答", "answer"),
    "before": ("原本", "before"),
    "now": ("現在", "now"),
}
_COUNTED = (("serials", "組序號", "serials"), ("quantity", "組序號", "serials"), ("rows", "列", "rows"))
_CHOSEN = {
    "good": ("加入可用的列", "the good ones are added"),
    "all": ("有不能用的列時先決定", "asked about where some are bad"),
}


def words(action: str) -> str:
    """The deed, such as 'campaign.changed', in words; its code where there are none."""
    return say(*WORDS.get(action, (action, action)))


def kind(subject_kind: str) -> str:
    """What the deed was done to: 'campaign'."""
    return say(*_KINDS.get(subject_kind, (subject_kind, subject_kind)))


def about(detail: Mapping[str, Any]) -> str:
    """Which serials, files or levels it was about, in a line: 'good.csv · 500 serials'; empty for none."""
    if isinstance(levels := detail.get("now"), list):
        return ", ".join(f"{level:,}" for level in levels) or say("無", "none")
    told = [str(detail["name"])] if detail.get("name") else []
    counts = ((detail.get(key), zh, en) for key, zh, en in _COUNTED)
    told += [say(f"{count:,} {zh}", f"{count:,} {en}") for count, zh, en in counts if isinstance(count, int)]
    if (rows := detail.get("rows")) in _CHOSEN:  # of `pack.chosen` it is which rows, and not how many
        told.append(say(*_CHOSEN[rows]))
    return " · ".join(told)


def lines(subject_kind: str, detail: Mapping[str, Any]) -> list[str]:
    """What was told of a deed, one thing a line: what changed as 'name: before → after'."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        rest = {name: value for name, value in detail.items() if name not in ("before", "after")}
        return _changed(subject_kind, detail) + lines(subject_kind, rest)
    return [f"{_name(name)}: {_value(value)}" for name, value in detail.items()]


def _changed(subject_kind: str, detail: Mapping[str, Any]) -> list[str]:
    if subject_kind == "campaign":
        of_fields = (
            (field_words(one.field), value_words(one, "before"), value_words(one, "after")) for one in unpacked(detail)
        )
        return [f"{name}: {_value(before)} → {_value(after)}" for name, before, after in of_fields]
    before, after = detail["before"], detail["after"]
    return [f"{_name(name)}: {_value(before.get(name))} → {_value(after.get(name))}" for name in {**before, **after}]


def _name(name: str) -> str:
    return say(*_NAMES.get(name, (name, name)))


def _value(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value) or "-"
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    text = (
        f"{value:,}"
        if isinstance(value, int)
        else value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
    )
    return text if len(text) <= KEPT else f"{text[:KEPT]}…"
