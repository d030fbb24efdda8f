"""The Graph API's versions, and when each ends (developers.facebook.com/docs/graph-api/changelog, 2026-11-22)."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

# A version lives some two years; after its end Meta answers as the oldest one that still lives, unannounced.
ENDS: Mapping[str, date] = MappingProxyType(
    {
        "v20.0": date(2026, 9, 24),
        "v21.0": date(2027, 1, 21),
        "v22.0": date(2027, 5, 20),
        "v23.0": date(2027, 10, 8),
        "v24.0": date(2028, 2, 18),
        "v25.0": date(2028, 7, 29),
    },
)
NEWEST = "v26.0"  # of 2026-07-29; its end is not known yet
WARN_BEFORE = timedelta(days=120)
_FORM = re.compile(r"v(\d+)\.\d+")


def warning(version: str, today: date) -> str:
    """What an operator must know of the version that is set: it ends soon, has ended, or is none; empty when well."""
    if not _FORM.fullmatch(version):
        return f"MESSENGER_API_VERSION is {version!r}; a version of the Graph API is written such as {NEWEST}"
    ends = ENDS.get(version)
    if ends is None:
        oldest = next(iter(ENDS))
        is_old = _number(version) < _number(oldest)
        return f"the Graph API's {version} has ended; set MESSENGER_API_VERSION to {NEWEST}" if is_old else ""
    if today >= ends:
        return f"the Graph API's {version} ended on {ends}; set MESSENGER_API_VERSION to {NEWEST}"
    if today >= ends - WARN_BEFORE:
        return f"the Graph API's {version} ends on {ends}; set MESSENGER_API_VERSION to {NEWEST} before"
    return ""


def _number(version: str) -> int:
    found = _FORM.fullmatch(version)
    return int(found[1]) if found else 0
