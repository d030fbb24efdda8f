"""Sending a contact's messages, in order, one request at a time."""

from bot.channels.delivery import Delivered
from bot.channels.ways import WAYS
from core import clock, contacts, outbox, outcomes, quotas
from core.reasons import Reason
from workers import context, sending
from workers.bell import BY_URGENCY
from workers.jobs import quota


def deliver(key: str) -> None:
    """Send everything that is due to the contact with id `key`. No transaction is open while the platform is asked."""
    work = context.current()
    for kind in BY_URGENCY:
        work.bell.begin(kind, key)
    contact_id = int(key)
    with work.database.read() as session:
        channel = contacts.channel_of(session, contact_id)
        knows_quota = quotas.is_fresh(session, channel, clock.now())
    is_used_up = False
    sender, way = work.senders.get(channel), WAYS[channel]
    while True:
        with work.database.write() as session:
            request = outbox.take(session, contact_id, way, work.name, clock.now())
        if request is None:
            break
        result = sending.attempt(channel, sender, request)
        with work.database.write() as session:
            if isinstance(result, Delivered):
                outcomes.accepted(session, [(request, result.message_ids)], clock.now())
            else:
                outcomes.failed(session, request, result, way, clock.now())
        is_used_up = is_used_up or (isinstance(result, outcomes.Failure) and result.reason is Reason.QUOTA_USED_UP)
    if sender and (is_used_up or not knows_quota):
        quota.watch(work.database, channel, sender, is_used_up=is_used_up)
