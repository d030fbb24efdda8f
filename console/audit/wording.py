"""Entries of the audit log in words."""

import json
from collections.abc import Mapping
from typing import Any

from console.campaigns.wording import field_words, value_words
from core.campaigns import Difference
from core.campaigns.differences import unpacked
from web.words import say

_COUNTED = (("serials", "組序號", "serials"), ("quantity", "組序號", "serials"))
KEPT = 200  # characters of one value that are shown; the file has all

# (zh, en); others are shown by their codes.
_ACTIONS = {
    "redemption.undone": ("取消兌換", "Undid a redemption"),
    "verification.undone": ("取消核銷", "Undid a verification"),
}


def action_word(action: str) -> str:
    """The deed in words; its code where there are none."""
    return say(*_ACTIONS.get(action, (action, action)))


def lines(detail: Mapping[str, Any], subject_kind: str) -> list[str]:
    """What was told of a deed, one thing a line: what changed as 'name: before → after', of a campaign in words."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        rest = {name: value for name, value in detail.items() if name not in ("before", "after")}
        if subject_kind == "campaign":
            of_fields = unpacked(detail)
            changed = [f"{field_words(one.field)}: {_side(one, 'before')} → {_side(one, 'after')}" for one in of_fields]
        else:
            names = {**before, **after}
            changed = [f"{name}: {_value(before.get(name))} → {_value(after.get(name))}" for name in names]
        return changed + lines(rest, subject_kind)
    return [f"{name}: {_value(value)}" for name, value in detail.items()]


def about(detail: Mapping[str, Any]) -> str:
    """Which serials, file or levels of stock it was about, in a line: 'good.csv · 500 serials'; empty for none."""
    if isinstance(levels := detail.get("now"), list):
        return ", ".join(f"{level:,}" for level in levels) or say("無", "none")
    told = [str(detail["name"])] if detail.get("name") else []
    told += [say(f"{detail[key]:,} {zh}", f"{detail[key]:,} {en}") for key, zh, en in _COUNTED if key in detail]
    return " · ".join(told)


def _side(one: Difference, side: str) -> str:
    return _value(value_words(one, side))


def _value(value: object) -> str:
    if value is None or value == "":
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= KEPT else f"{text[:KEPT]}…"
