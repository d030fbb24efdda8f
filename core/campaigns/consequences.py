"""What a change means for the coupons that are out already, and which changes are refused because of them.

Pure: told what is out, it says the same in the form, in the command and where a change is refused.
"""

from dataclasses import dataclass

from core.campaigns.differences import between
from core.campaigns.effects import REFUSALS, RULES
from core.campaigns.spec import WORDS, Spec
from core.campaigns.standing import Standing

# What the page of every coupon shows as it now is.
PAGE = frozenset(
    {"name", "instructions", "image_id", "background_color", "button_color", "button_text_color", "used_in"}
    | {"products_url", "language", "sold_out_text", "expired_text", "translations", "used_from", "stores"}
)
# A change to any other field is refused by nothing that is out: nobody needs to count for it.
REFUSABLE = frozenset(rule.field for rule in REFUSALS)


@dataclass(frozen=True)
class Consequence:
    """What follows from a change of `field`, or why it is refused; `code` is stable."""

    field: str
    code: str
    zh: str
    en: str
    is_refused: bool = False

    def of(self, language: str) -> str:
        """The sentence for a reader of `language`: English for `en`, else Chinese."""
        return self.en if language == "en" else self.zh


def consequences(before: Spec, after: Spec, standing: Standing) -> list[Consequence]:
    """What the change from `before` to `after` means, refusals first; empty where nobody would notice."""
    changed = [one.field for one in between(before, after)]
    values = _values(before, after, standing)
    found = [
        Consequence(rule.field, rule.code, rule.zh.format(**values), rule.en.format(**values), rule in REFUSALS)
        for rule in (*REFUSALS, *RULES)
        if rule.field in changed and rule.applies(before, after, standing)
    ]
    refused = {one.field for one in found if one.is_refused}
    found = [one for one in found if one.is_refused or one.field not in refused]
    return found + _on_page([field for field in changed if field in PAGE], standing)


def _values(before: Spec, after: Spec, standing: Standing) -> dict[str, object]:
    return {
        "before": before,
        "after": after,
        "sent": standing.sent,
        "waiting": standing.waiting,
        "redeemed": standing.redeemed,
        "verified": standing.verified,
        "unverified": standing.unverified,
        "left": (after.total_limit or 0) - standing.redeemed,
    }


def _on_page(changed: list[str], standing: Standing) -> list[Consequence]:
    if not changed or not standing.sent:
        return []
    zh, en = ("、".join(WORDS[field][0] for field in changed), ", ".join(WORDS[field][1] for field in changed))
    shown = Consequence(
        changed[0],
        "page_shows_it",
        f"已經送出的 {standing.sent:,} 張券，頁面會立刻改變（{zh}）；聊天中已經送出的訊息不會改。",
        f"The pages of {standing.sent:,} coupons already sent show it at once ({en}); messages in chats stay as they "
        "are.",
    )
    return [shown]
