"""Showing a customer who has been kept waiting that an answer is on its way."""

import time
from datetime import datetime, timedelta

import structlog

from bot.channels.delivery import Sender
from core import clock

LATE = timedelta(seconds=2)  # sooner than that the answer itself is there
EVERY = 1.0  # seconds between two in one process: in a rush, what is shown must not slow down what is said

log = structlog.get_logger(__name__)

_last = [float("-inf")]


def show_if_late(sender: Sender | None, account_id: str, received_at: datetime) -> None:
    """Show it where the event came more than 2 seconds ago. Best effort: what cannot be shown is left."""
    is_late = clock.now() - received_at > LATE
    if sender is None or not is_late or time.monotonic() - _last[0] < EVERY:
        return
    _last[0] = time.monotonic()
    try:
        sender.show_typing(account_id)
    except Exception:  # a mistake of ours in the adapter: the answer matters, not the sign that it comes
        log.exception("typing_broke")
