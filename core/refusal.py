"""The shape of an expected refusal."""

from dataclasses import dataclass

from core.reasons import Reason


@dataclass(frozen=True)
class Refused:
    """What was asked for was not done, for this reason; nothing has changed. `detail` says what it was about."""

    reason: Reason
    detail: str = ""
