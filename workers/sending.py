"""One request to a platform: what came of it, told in the log and in one shape."""

import structlog

from bot.channels import CHANNELS
from bot.channels.delivery import Delivered, DeliveryError, Sender
from bot.storable import storable
from core import outcomes
from core.outbox import Request
from core.reasons import Reason
from workers import pace

log = structlog.get_logger(__name__)

Outcome = Delivered | outcomes.Failure


def attempt(channel: str, sender: Sender | None, request: Request) -> Outcome:
    """Send a request in its turn; never raises. No transaction is open meanwhile."""
    result = _in_turn(channel, sender, request)
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
    return result


def _in_turn(channel: str, sender: Sender | None, request: Request) -> Outcome:
    """Where its turn is far it is not sent at all; where the platform says that they were too many, all rest."""
    kind = CHANNELS[channel].counted_as(request.payloads, is_reply=bool(request.reply_token))
    if sender and (seconds := pace.wait(channel, kind, request.urgency)):
        turn = f"others' turn comes first, for {seconds:.1f} s or more"
        return outcomes.Failure(
            Reason.RATE_LIMITED, turn, may_retry=True, is_unknown=False, retry_after=seconds, was_made=False
        )
    result = _outcome(sender, request)
    if isinstance(result, outcomes.Failure) and result.reason is Reason.RATE_LIMITED and result.may_retry:
        pace.rest(channel, kind, result.retry_after)
    return result


def _outcome(sender: Sender | None, request: Request) -> Outcome:
    if sender is None:
        return outcomes.Failure(
            Reason.CHANNEL_CREDENTIALS, "the channel has no access token", may_retry=True, is_unknown=False
        )
    try:
        sent = sender.send(request.account_id, list(request.payloads), key=request.key, reply_token=request.reply_token)
        return Delivered(tuple(storable(one) for one in sent.message_ids), sent.request_id)
    except DeliveryError as error:
        detail = storable(error.detail)
        return outcomes.Failure(error.reason, detail, error.may_retry, error.is_unknown, error.retry_after)
    except Exception as error:
        # A mistake of ours in the adapter must not leave the row "sending": what happened is unknown.
        log.exception("delivery_broke", contact_id=request.contact_id)
        return outcomes.Failure(Reason.OUTCOME_UNKNOWN, type(error).__name__, may_retry=False, is_unknown=True)
