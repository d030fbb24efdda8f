"""Entries of the audit log in words."""

import json
from collections.abc import Mapping
from typing import Any

from web.words import say

KEPT = 200  # characters of one value that are shown; the file has all

# (zh, en); others are shown by their codes.
_ACTIONS = {
    "redemption.undone": ("取消兌換", "Undid a redemption"),
    "verification.undone": ("取消核銷", "Undid a verification"),
}


def action_word(action: str) -> str:
    """The deed in words; its code where there are none."""
    return say(*_ACTIONS.get(action, (action, action)))


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
