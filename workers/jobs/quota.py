"""Asking a platform, rarely, how many of the month's paid messages are left, so that the console can show it."""

import structlog

from bot.channels.delivery import DeliveryError, Sender
from core import clock, outbox, quotas
from db.database import Database

log = structlog.get_logger(__name__)


def watch(database: Database, channel: str, sender: Sender, *, is_used_up: bool) -> None:
    """Where it is time, ask and keep the answer; where the plan has grown, what was held for it goes out."""
    with database.write() as session:
        if not quotas.may_ask(session, channel, clock.now(), is_used_up=is_used_up):
            return
    try:
        found = sender.allowance()
    except DeliveryError as error:
        log.warning("quota_not_read", channel=channel, reason=error.reason, detail=error.detail)
        return
    if found is None:
        return
    with database.write() as session:
        before = quotas.last(session, channel)
        quotas.note(session, channel, found.limit, found.used, clock.now())
        if before and before.limit is not None and (found.limit is None or found.limit > before.limit):
            outbox.release_paid(session, clock.now(), channel)
    log.info("quota_read", channel=channel, limit=found.limit, used=found.used)
