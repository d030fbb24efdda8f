"""Refusals in words: what was not done, why, and what to do."""

from core.flows import Overtaken
from core.reasons import Reason
from core.refusal import Refused
from web.words import local_time, say


def refusal(refused: Refused) -> str:
    """The sentence for a page. Nothing has changed."""
    if isinstance(refused, Overtaken):
        who, at = refused.username or say("檔案", "a file"), local_time(refused.published_at)
        return say(
            f"沒有發布：{who} 已在 {at} 發布了第 {refused.number} 版，您還沒看過。請看下面的差異，再決定一次。",
            f"Nothing was published: version {refused.number} was published by {who} at {at}, and you have not seen "
            "it. Look at the difference below and decide again.",
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
        Reason.FLOW_TALKS_OTHERWISE: say(
            "沒有發布：有對話和寫的不一樣。",
            "Nothing was published: a conversation goes otherwise than it is written.",
        ),
    }.get(refused.reason, refused.reason)
