import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis

from core.claims import Answer
from workers import mailbox, queues
from workers.mailbox import Mailbox

PAGES = 20


def test_every_page_gets_its_own_answer(redis_url: str) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    with ThreadPoolExecutor(PAGES) as pool:
        pages = [pool.submit(box.ask, f"token-{number}", datetime.now(UTC), 5) for number in range(PAGES)]
        answer_all(redis, PAGES)
        answers = [page.result() for page in pages]
    assert answers == [Answer("redeemed", f"serial of token-{number}", "R") for number in range(PAGES)]


def test_one_job_is_started_for_many_taps(redis_url: str) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    with ThreadPoolExecutor(PAGES) as pool:
        assert set(pool.map(lambda number: box.ask(f"token-{number}", datetime.now(UTC), 0.2), range(PAGES))) == {None}
    assert redis.llen(mailbox.TAPS) == PAGES
    assert queues.queue(redis, queues.REDEMPTION).count == 1


def test_a_tap_that_waited_over_a_minute_is_forgotten(redis_url: str) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    now = datetime.now(UTC)
    for seconds in (3600, 61, 59, 0):
        assert box.ask(f"token-{seconds}", now - timedelta(seconds=seconds), 0.05) is None
    assert [one.tap.token for one in mailbox.take(redis, 10, 1, now)] == ["token-59", "token-0"]
    assert redis.llen(mailbox.TAPS) == 0


def test_without_redis_nobody_waits_for_an_answer(tmp_path: Path) -> None:
    box = Mailbox(f"unix://{tmp_path / 'nobody.sock'}")
    began = time.monotonic()
    assert box.ask("token", datetime.now(UTC), 30) is None
    assert time.monotonic() - began < 15


def answer_all(redis: Redis, count: int) -> None:
    """What the job does, until so many were answered."""
    while count:
        passed = mailbox.take(redis, 7, 5, datetime.now(UTC))
        answers = {one.tap.token: Answer("redeemed", f"serial of {one.tap.token}", "R") for one in passed}
        mailbox.answer(redis, passed, answers)
        count -= len(passed)
