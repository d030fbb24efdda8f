"""Answering the claims in a campaign's mailbox."""

import structlog

from core import claims, clock
from workers import context

log = structlog.get_logger(__name__)


def answer_claims(key: str) -> None:
    """Answer every waiting claim of the campaign with id `key`, in batches, until its mailbox is empty."""
    work = context.current()
    work.bell.begin("claims", key)
    while True:
        with work.database.write() as session:
            answered = claims.answer_batch(session, int(key), clock.now())
        if not answered:
            return
        work.bell.announce("claims", [str(claim_id) for claim_id in answered])
        log.info("claims_answered", campaign_id=int(key), count=len(answered))
