"""Sending a contact's messages, in order, one request at a time."""

import structlog

from bot.channels.delivery import Delivered, DeliveryError, Sender
from bot.channels.ways import WAYS
from core import clock, contacts, outbox, quotas
from core.reasons import Reason
from workers import context
from workers.jobs import quota

log = structlog.get_logger(__name__)


def deliver(key: str) -> None:
    """Send everything that is due to the contact with id `key`. No transaction is open while the platform is asked."""
    work = context.current()
    work.bell.begin("outbox", key)
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
        result = _attempt(sender, request)
        with work.database.write() as session:
            if isinstance(result, Delivered):
                outbox.settle_sent(session, request, result.message_ids, clock.now())
            else:
                outbox.settle_failed(session, request, result, way, clock.now())
        _note(channel, request, result)
        is_used_up = is_used_up or (isinstance(result, outbox.Failure) and result.reason is Reason.QUOTA_USED_UP)
    if sender and (is_used_up or not knows_quota):
        quota.watch(work, channel, sender, is_used_up=is_used_up)


def _attempt(sender: Sender | None, request: outbox.Request) -> Delivered | outbox.Failure:
    if sender is None:
        return outbox.Failure(
            Reason.CHANNEL_CREDENTIALS, "the channel has no access token", may_retry=True, is_unknown=False
        )
    try:
        return sender.send(request.account_id, list(request.payloads), key=request.key, reply_token=request.reply_token)
    except DeliveryError as error:
        return outbox.Failure(error.reason, error.detail, error.may_retry, error.is_unknown, error.retry_after)
    except Exception as error:
        # A mistake of ours in the adapter must not leave the row "sending": what happened is unknown.
        log.exception("delivery_broke", contact_id=request.contact_id)
        return outbox.Failure(Reason.OUTCOME_UNKNOWN, type(error).__name__, may_retry=False, is_unknown=True)


def _note(channel: str, request: outbox.Request, result: Delivered | outbox.Failure) -> None:
    said = {
        "channel": channel,
        "contact_id": request.contact_id,
        "messages": len(request.row_ids),
        "attempt": request.attempt,
    }
    if isinstance(result, Delivered):
        log.info("messages_sent", **said, is_reply=bool(request.reply_token), request_id=result.request_id)
    else:
        log.warning("messages_not_sent", **said, reason=result.reason, detail=result.detail)
