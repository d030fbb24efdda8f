"""Entries of the audit log in words."""

import json
from collections.abc import Mapping
from typing import Any

from web.words import say

KEPT = 200  # characters of one value that are shown; the file has all

# What somebody has done (core.audit.ACTIONS), (zh, en), as it stands behind their name.
WORDS: Mapping[str, tuple[str, str]] = {
    "campaign.created": ("新增了活動", "added the campaign"),
    "campaign.changed": ("修改了活動", "changed the campaign"),
    "campaign.published": ("發布了活動", "published the campaign"),
    "campaign.unpublished": ("把活動改回草稿", "made the campaign a draft again"),
    "campaign.ended": ("結束了活動", "ended the campaign"),
    "campaign.resumed": ("恢復了活動", "resumed the campaign"),
    "campaign.archived": ("封存了活動", "archived the campaign"),
    "campaign.unarchived": ("取消封存活動", "took the campaign out of the archive"),
    "pack.uploaded": ("上傳了序號檔", "uploaded a file of serials"),
    "pack.generated": ("開始產生序號", "had serials generated"),
    "pack.answered": ("說明了序號檔的編碼或第一列", "said how a file of serials is to be read"),
    "pack.chosen": ("決定了不能用的列怎麼辦", "chose what becomes of bad rows"),
    "pack.discarded": ("取消了匯入", "discarded an import"),
    "pack.added": ("加入了序號包", "added a pack of serials"),
    "pack.withdrawn": ("停用了序號包", "withdrew a pack of serials"),
    "pack.restored": ("恢復了序號包", "restored a pack of serials"),
    "stock_levels.changed": ("修改了庫存提醒", "changed the stock warnings"),
    "redemption.undone": ("取消了兌換", "undid a redemption"),
    "verification.undone": ("取消了核銷", "undid a verification"),
    "user.added": ("新增了人員", "added somebody"),
    "user.changed": ("修改了人員", "changed somebody's role, store or address"),
    "user.disabled": ("停用了人員", "shut somebody out"),
    "user.enabled": ("恢復了人員", "let somebody in again"),
    "user.sessions_ended": ("讓所有裝置登出", "logged somebody out everywhere"),
    "user.link_made": ("做了選密碼的連結", "made a link to choose a password"),
    "user.link_mailed": ("寄了選密碼的連結", "mailed a link to choose a password"),
    "user.password_changed": ("更改了自己的密碼", "changed their own password"),
    "user.password_chosen": ("用連結選了密碼", "chose a password by a link"),
    "user.recovery_code": ("用救援碼登入", "logged in with a recovery code"),
    "user.codes_on": ("打開了驗證碼", "turned one-time codes on"),
    "user.codes_off": ("關掉了驗證碼", "turned one-time codes off"),
    "flow.published": ("發布了流程", "published a flow"),
    "flow.draft_discarded": ("捨棄了流程的草稿", "discarded a flow's draft"),
    "flow.people_moved": ("把流程裡的人移到新版", "moved people to a flow's newest version"),
    "flow.start_stopped": ("停止了流程的定時開始", "stopped a flow's start"),
    "flow.start_resumed": ("恢復了流程的定時開始", "let a flow's start come after all"),
    "contact.written": ("寫了訊息給顧客", "wrote to a contact"),
    "contact.coupon_sent": ("送了優惠券給顧客", "sent a contact a coupon"),
    "contact.tagged": ("給顧客加了標籤", "gave a contact a tag"),
    "contact.untagged": ("移除了顧客的標籤", "took a contact's tag away"),
    "contact.taken_over": ("接手了對話", "took over from the bot"),
    "contact.given_back": ("交還給機器人", "gave back to the bot"),
    "person.merged": ("把兩個人合併成一個", "made two persons one"),
}


def deed(action: str) -> str:
    """What was done, as it stands behind a name; the code itself where another version knew it."""
    return say(*WORDS.get(action, (action, action)))


def action_word(action: str) -> str:
    """The same by itself."""
    words = deed(action)
    return words[:1].upper() + words[1:]


def lines(detail: Mapping[str, Any]) -> list[str]:
    """What was told of a deed, one thing a line: what changed as 'name: before → after'."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        changed = [f"{name}: {_value(before.get(name))} → {_value(after.get(name))}" for name in {**before, **after}]
        rest = {name: value for name, value in detail.items() if name not in ("before", "after")}
        return changed + lines(rest)
    return [f"{name}: {_value(value)}" for name, value in detail.items()]


def _value(value: object) -> str:
    if value is None or value == "":
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= KEPT else f"{text[:KEPT]}…"
