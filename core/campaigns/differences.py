"""Which fields of a campaign differ, and how that is kept in the audit log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.campaigns.spec import FIELDS, TIMES, Spec


@dataclass(frozen=True)
class Difference:
    """One field of a Spec, as it was and as it is."""

    field: str
    before: Any
    after: Any


def between(before: Spec, after: Spec) -> tuple[Difference, ...]:
    """What differs, in the order of the fields."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    return tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])


def packed(differences: Iterable[Difference]) -> dict[str, dict[str, Any]]:
    """As JSON: {'before': {field: value}, 'after': {field: value}}."""
    differences = tuple(differences)
    return {
        "before": {one.field: _json(one.before) for one in differences},
        "after": {one.field: _json(one.after) for one in differences},
    }


def unpacked(detail: Mapping[str, Any]) -> tuple[Difference, ...]:
    """What `packed` put away; fields that there are no more are left out."""
    before, after = detail.get("before", {}), detail.get("after", {})
    named = (name for name in FIELDS if name in after)
    return tuple(Difference(name, _value(name, before.get(name)), _value(name, after[name])) for name in named)


def _json(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _value(name: str, value: object) -> object:
    if isinstance(value, list):
        return tuple(value)
    return datetime.fromisoformat(value) if name in TIMES and isinstance(value, str) else value
