"""Refusals in words: what was not done, why, and what to do."""

from bot.language.mistakes import Mistake
from core.flows import Overtaken
from core.reasons import Reason
from core.refusal import Refused
from web.words import language, local_time, say


def unreadable(mistake: Mistake) -> str:
    """Why nobody begins a version that an older Tessera has published, and what to do."""
    line, why = mistake.line, mistake.message.of(language())
    return say(
        f"這一版現在讀不懂（第 {line} 行：{why}）。不會有新的對話開始，其他流程不受影響；請編輯後重新發布。",
        f"This version cannot be read any more (line {line}: {why}). Nobody begins it; all other flows go on. Edit it, "
        "and publish it anew.",
    )


def refusal(refused: Refused, *, over_draft: bool = False) -> str:
    """The sentence for a page. Nothing has changed. `over_draft`: the draft was to be published, not saved."""
    if isinstance(refused, Overtaken):
        who, at = refused.username or say("檔案", "a file"), local_time(refused.published_at)
        return say(
            f"沒有發布：{who} 已在 {at} 發布了第 {refused.number} 版，您還沒看過。請看下面的差異，再決定一次。",
            f"Nothing was published: version {refused.number} was published by {who} at {at}, and you have not seen "
            "it. Look at the difference below and decide again.",
        )
    if over_draft and refused.reason == Reason.FLOW_DRAFT_CHANGED:
        return say(
            "沒有發布：在您看過之後，有人又存了這份草稿。下面是現在的草稿，請看過再發布。",
            "Nothing was published: somebody has saved this draft since you saw it. Below is the draft as it is now.",
        )
    return {
        Reason.FLOW_DRAFT_CHANGED: say(
            "沒有儲存：有人在您編輯時存了這份草稿。您的文字還在下面；請看差異，再按一次儲存就會以您的為準。",
            "Not saved: somebody else saved this draft while you were writing. Your text is still below; "
            "look at the difference, and save once more to keep yours.",
        ),
        Reason.FLOW_HAS_MISTAKES: say(
            "沒有發布：文字裡還有錯誤。", "Nothing was published: there are mistakes in the text."
        ),
        Reason.FLOW_OTHERS_CHANGED: say(
            "沒有發布：檢查的時候，有別的流程發布了。下面是照現在重新檢查的結果；沒問題的話請再按一次。",
            "Nothing was published: other flows were published while this one was checked. Below is what the check "
            "says as things are now; press once more if it is good.",
        ),
        Reason.FLOW_TALKS_OTHERWISE: say(
            "沒有發布：有對話和寫的不一樣。",
            "Nothing was published: a conversation goes otherwise than it is written.",
        ),
    }.get(refused.reason, refused.reason)
