"""What every channel's webhook has in common: a body becomes events, each kept as the platform wrote it."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.events import Inbound
from bot.storable import UNSTORABLE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_EVENT_ID = 200  # characters the inbox keeps; LINE's have 26, Messenger's about 100
LONGEST_ACCOUNT_ID = 64  # LINE's have 33, Messenger's 16 or 17
LONGEST_MARK = 200  # characters the outbox keeps of a reply token and of a message's id; LINE's have 32 and 18


@dataclass(frozen=True)
class Read:
    """One event: as read, and as the platform wrote it (what is stored, and read again when it is handled)."""

    inbound: Inbound
    raw: dict[str, Any]


class UnreadableBody(ValueError):  # noqa: N818 (says what it is; nothing failed in us)
    """A webhook's body is no JSON object at all."""


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; in the place of a whole number with more digits than Python reads (4,300) is None.

    Raises:
        UnreadableBody: it is none.
    """
    try:
        found = json.loads(body, parse_int=_whole)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnreadableBody("The webhook's body is no JSON object; the platform always sends one.")
    return found


def _whole(digits: str) -> int | None:
    try:
        return int(digits)
    except ValueError:
        return None


def read_each(events: Iterable[object], read_event: Callable[[dict[str, Any]], Inbound]) -> list[Read]:
    """Every event, however odd: one that is no object is kept as {"unreadable": ...}."""
    raws = [_kept(event) for event in events]
    return [Read(read_event(raw), raw) for raw in raws]


def _kept(event: object) -> dict[str, Any]:
    try:
        kept = _storable(event)
    except RecursionError:
        kept = "nested too deeply"
    return kept if isinstance(kept, dict) else {"unreadable": kept}


def _storable(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    if isinstance(value, str):
        return UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_storable(key): _storable(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_storable(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def part(raw: object, *path: str) -> Any:  # noqa: ANN401 (any JSON value)
    """What stands at `path`, or None where the way there is broken."""
    for name in path:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw


def text(raw: object, *path: str) -> str:
    """The string at `path`, as a database can keep it; empty where there is none."""
    found = part(raw, *path)
    return UNSTORABLE.sub("\ufffd", found) if isinstance(found, str) else ""


def objects(found: object) -> list[Any]:
    """`found` where it is a list, else an empty one."""
    return found if isinstance(found, list) else []


def account_id(found: str) -> str:
    """An account's id as it is kept; empty for what is too long to be one."""
    return found if len(found) <= LONGEST_ACCOUNT_ID else ""


def mark(found: str) -> str:
    """A reply token, or the id of a message that was sent, as it is kept; empty for what is too long to be one."""
    return found if len(found) <= LONGEST_MARK else ""


def event_id(own: str, raw: dict[str, Any]) -> str:
    """The platform's `own` id of the event, or the fingerprint of `raw` where it gives none."""
    return own if 0 < len(own) <= LONGEST_EVENT_ID else fingerprint(raw)


def fingerprint(raw: dict[str, Any]) -> str:
    """`sha256:` and the digest of the event as JSON with sorted keys, no spaces, and non-ASCII escaped."""
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def instant(milliseconds: object) -> datetime | None:
    """A platform's timestamp (Unix time in milliseconds, a number or its digits), or None for what is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | str):
        return None
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds))
    except (ValueError, OverflowError):
        return None
