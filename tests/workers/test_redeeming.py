"""The job that answers claims: all of them, behind whatever is more urgent."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import func, select

from core import claims
from db.tables import Claim
from tests import cast
from tests.workers.conftest import Post
from workers import queues
from workers.jobs import redeeming

COUPONS = 5


@pytest.fixture
def campaign_id(post: Post, monkeypatch: pytest.MonkeyPatch) -> int:
    """A campaign's, with claims in its mailbox: more than one batch."""
    monkeypatch.setattr(claims, "answer_batch", partial(claims.answer_batch, size=2))
    now = datetime.now(UTC)
    with post.work.database.write() as session:
        found = cast.campaign(session, now, codes=COUPONS).id
        for number in range(COUPONS):
            claims.claim(session, cast.sent(session, ("line", f"U{number}"), now), now)
    return found


def waiting(post: Post) -> int:
    with post.work.database.read() as session:
        return session.scalar(select(func.count()).select_from(Claim).where(Claim.answered_at.is_(None))) or 0


def test_all_claims_are_answered_batch_by_batch(post: Post, campaign_id: int) -> None:
    redeeming.answer_claims(str(campaign_id))
    assert (waiting(post), queues.queue(post.work.redis, queues.REDEMPTION).count) == (0, 0)


def test_claims_make_way_for_a_live_chat_and_for_others_after_a_while(
    post: Post, campaign_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.work.bell.wake("inbox", "line/U1")
    redeeming.answer_claims(str(campaign_id))
    assert (waiting(post), queues.queue(post.work.redis, queues.REDEMPTION).count) == (COUPONS - 2, 1)
    post.work.redis.delete("rq:queue:chat", "rq:queue:redemption")
    monkeypatch.setattr(redeeming, "LONGEST", 0.0)
    redeeming.answer_claims(str(campaign_id))
    assert (waiting(post), queues.queue(post.work.redis, queues.REDEMPTION).count) == (COUPONS - 4, 1)
