"""Asking a platform, rarely, how many of the month's paid messages are left, so that the console can show it."""

from datetime import timedelta

import structlog

from bot.channels.delivery import DeliveryError, Sender
from core import clock, outbox, quotas
from db.database import Database

log = structlog.get_logger(__name__)

RESERVED_FOR = timedelta(minutes=1)  # after which what LINE refused, though it was not used up, is tried again
MOST_RETRIED = 500  # at once: what is used is approximate, and a refusal costs a request


def watch(database: Database, channel: str, sender: Sender, *, is_used_up: bool) -> None:
    """Where it is time, ask and keep the answer; where the plan has grown, what was held for it goes out.

    LINE refuses with the same words while another delivery has the month's messages reserved: what was held then is
    tried again in a minute.
    """
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
        elif found.limit is None or found.used < found.limit:
            most = MOST_RETRIED if found.limit is None else min(found.limit - found.used, MOST_RETRIED)
            outbox.retry_paid(session, channel, most, clock.now() + RESERVED_FOR)
    log.info("quota_read", channel=channel, limit=found.limit, used=found.used)
