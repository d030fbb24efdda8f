"""Campaigns in words: where they stand, what their fields are and hold, what was just done, and why not."""

from datetime import datetime
from typing import Any

from console import wording
from console.campaigns.entry import CHOICES as FORM_CHOICES
from console.campaigns.entry import TICKS, UNITS, Words
from core import campaigns, clock
from core.campaigns import LANGUAGES, WORDS, Difference, Status
from core.campaigns.spec import TIMES
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Campaign
from web.words import local_time, say

CHOICES = {
    "sending": ("從發送開始算", "from sending"),
    "redemption": ("從兌換開始算", "from redemption"),
    "person": ("每人（同一人的帳號合計）", "each person, all their accounts together"),
    "contact": ("每個帳號", "each account"),
    "store": ("實體門市", "in the store"),
    "online": ("網路商店", "online"),
    "both": ("門市和網路商店", "in the store and online"),
    "qr": ("QR Code", "QR code"),
    "code39": ("CODE 39", "CODE 39"),
    "code128": ("CODE 128", "CODE 128"),
}


def status_of(campaign: Campaign) -> Status:
    """Where the campaign stands at this moment, for the head of its pages."""
    return campaigns.status(campaign, clock.now())


def status_words(status: Status) -> str:
    """Where a campaign stands."""
    return {
        Status.DRAFT: say("草稿", "Draft"),
        Status.SCHEDULED: say("已排程", "Scheduled"),
        Status.RUNNING: say("進行中", "Running"),
        Status.ENDED: say("已結束", "Ended"),
        Status.ARCHIVED: say("已封存", "Archived"),
    }[status]


def language_words(tag: str) -> str:
    """What a language of the coupon page is called."""
    return say(*LANGUAGES[tag]) if tag in LANGUAGES else tag


def field_words(field: str) -> str:
    """What a field of a campaign is called; a text's with its language: 'name.en'."""
    name, _, tag = field.partition(".")
    if name == "expires_count":
        name = "expires_after_seconds"
    words = say(*WORDS.get(name, (name, name)))
    words = words[:1].upper() + words[1:]
    return f"{words} ({language_words(tag)})" if tag else words


def value_words(difference: Difference, side: str) -> str:
    """What a field held `before` or holds `after`, for people; a dash for nothing."""
    value: Any = getattr(difference, side)
    if value in (None, "", {}, ()):
        return "-"
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    if isinstance(value, datetime):
        return local_time(value)
    if isinstance(value, tuple):
        return "、".join(value)
    if isinstance(value, dict):
        return " / ".join(f"{language_words(tag)}: {text}" for tag, said in value.items() for text in said.values())
    return _of_field(difference.field, value)


def _of_field(field: str, value: Any) -> str:  # noqa: ANN401 (a text or a number)
    if field == "expires_after_seconds":
        return wording.length(int(value))
    if field == "language":
        return language_words(value)
    if field == "image_id":
        return say("圖片", "a picture") + f" {value[:6]}"
    return f"{value:,}" if isinstance(value, int) else say(*CHOICES[value]) if value in CHOICES else str(value)


def entered(name: str, words: Words) -> str:
    """What a field of the form holds, for people."""
    value = words[name]
    if name == "expires_count":
        return wording.length(int(value) * UNITS[words["expires_unit"]])
    if name == "language":
        return language_words(value)
    if name in TICKS:
        return say("是", "yes") if value else say("否", "no")
    if name == "stores":
        return value.replace("\n", "、")
    known = name in FORM_CHOICES and value in CHOICES
    return say(*CHOICES[value]) if known else value.replace("T", " ") if name in TIMES else value


def refusal(refused: Refused) -> str:
    """Why nothing was changed, and what to do."""
    sentences = {
        Reason.CAMPAIGN_HAS_MISTAKES: say(
            "沒有儲存：下面標示的欄位還不對。", "Not saved: some fields below are not right yet."
        ),
        Reason.CAMPAIGN_EXISTS: say(
            f"沒有儲存：已經有代號「{refused.detail}」的活動，請換一個。",
            f"Not saved: there is a campaign {refused.detail!r} already; choose another name in files.",
        ),
        Reason.CAMPAIGN_CHANGED_MEANWHILE: say(
            "沒有儲存：在您編輯時，有人改了這個活動。您的修改還在下面；請看過對方改了什麼，再儲存一次。",
            "Not saved: somebody changed this campaign while you were editing. What you typed is still below; look at "
            "what they changed, then save once more.",
        ),
        Reason.CAMPAIGN_CANNOT_CHANGE_SO: say(
            "沒有儲存：有些修改會影響已經送出的券，所以不能這樣改。",
            "Not saved: some of this cannot change any more, because of coupons that are out.",
        ),
        Reason.ARCHIVED: say(
            "沒有改變：這個活動已封存，請先取消封存。",
            "Nothing changed: the campaign is archived; take it out of the archive first.",
        ),
        Reason.CAMPAIGN_STILL_RUNS: say(
            "沒有封存：活動還在進行或已排程，請先結束它。",
            "Not archived: the campaign is running or scheduled. End it first.",
        ),
        Reason.UNKNOWN_CAMPAIGN: say("找不到這個活動。", "There is no such campaign."),
    }
    return sentences.get(refused.reason, refused.reason)


def done(what: str) -> str:
    """What was just done; empty for nothing."""
    sentences = {
        "created": say("已新增。接下來照下面的步驟做就好。", "Added. The steps below are what is left to do."),
        "changed": say("已儲存。", "Saved."),
        "unchanged": say("沒有任何修改，所以什麼都沒變。", "There was nothing to change, and nothing has."),
        "publish": say("已發布。流程和店員現在可以送券了。", "Published. Flows and people can send its coupons now."),
        "unpublish": say("已改回草稿。", "It is a draft again."),
        "end": say(
            "已結束，不再發送和兌換；已兌換的還可以核銷。隨時可以恢復。",
            "Ended: nothing more is sent or redeemed; what is redeemed can be verified. You can resume it.",
        ),
        "resume": say("已恢復。", "Resumed."),
        "archive": say("已封存。隨時可以取消封存。", "Archived. You can take it out of the archive at any time."),
        "unarchive": say("已取消封存。", "It is out of the archive."),
    }
    return sentences.get(what, "")
