"""The web server without what makes a verification happen once: it looks whether there is one, and then writes.

`python -m tests.proof.unguarded_counter` takes gunicorn's arguments. Who is about to write waits for another who has
looked at the same coupon, and seen as little.
"""

import runpy
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core import verification
from db.base import Base

PATIENCE = 3  # seconds

_others: dict[int, threading.Event] = defaultdict(threading.Event)
_waiting: set[int] = set()


def insert_anyway(session: Session, table: type[Base], values: dict[str, Any], _conflict: Sequence[str]) -> int:
    """As `insert_unless_there`, without the constraint that decides."""
    number = int(values["redemption_id"])
    if number in _waiting:
        _others[number].set()
    else:
        _waiting.add(number)
        _others[number].wait(PATIENCE)
    session.execute(insert(table).values(**values))
    return number


if __name__ == "__main__":
    setattr(verification, "insert_unless_there", insert_anyway)  # noqa: B010 (the guard that is taken away)
    runpy.run_module("gunicorn", run_name="__main__")
