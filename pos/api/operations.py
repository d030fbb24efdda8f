"""What the POS API can be asked for: each operation with its shapes, its scope and what it may refuse.

Requests are served (`pos/api/serving.py`) and described (`pos/api/document.py`) by this list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy.orm import Session

from core.api_keys import Key, Scope
from core.reasons import Reason
from core.verification import Actor
from pos.api.shapes import Coupon

SMALL = 64_000  # bytes of a body; the longest that is as described, each character escaped, has a sixth of it
LARGE = 1_000_000  # of one with MOST_AT_ONCE verifications, each as long as it may sensibly be


@dataclass(frozen=True)
class Call:
    """A request on its way: who asks, in which transaction, and when."""

    db: Session
    key: Key
    actor: Actor
    now: datetime


@dataclass(frozen=True)
class Refusal:
    """The shop says no, for this reason. It is an answer like any other: what was tried is kept."""

    reason: Reason
    detail: str  # a sentence for whoever stands at the counter
    coupon: Coupon | None = None
    coupons: Sequence[Coupon] = ()


@dataclass(frozen=True)
class Operation:
    """One of them. Without a `body` it is a GET that changes nothing; without a `scope` every key may ask."""

    name: str
    path: str
    summary: str
    description: str
    do: Callable[[Call, Any], BaseModel | Refusal]
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    scope: Scope | None = None
    refusals: Sequence[Reason] = ()
    largest: int = SMALL

    @property
    def method(self) -> str:
        """The HTTP method."""
        return "POST" if self.body else "GET"
