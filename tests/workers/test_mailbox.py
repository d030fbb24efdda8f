import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from core.claims import Answer
from tests.system.shop import ROOT, Shop
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
    wait_for(redis, PAGES)
    Shop.until(lambda: queues.queue(redis, queues.REDEMPTION).count == 1, 10, "a job is started")


def test_a_tap_that_waited_over_a_minute_is_forgotten(redis_url: str) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    now = datetime.now(UTC)
    for number, seconds in enumerate((3600, 61, 59, 0), 1):
        assert box.ask(f"token-{seconds}", now - timedelta(seconds=seconds), 0.05) is None
        wait_for(redis, number)
    assert [one.tap.token for one in mailbox.take(redis, 10, 1, now)] == ["token-59", "token-0"]
    assert redis.llen(mailbox.TAPS) == 0


def test_without_redis_nobody_waits_for_an_answer(tmp_path: Path) -> None:
    box = Mailbox(f"unix://{tmp_path / 'nobody.sock'}")
    began = time.monotonic()
    assert box.ask("token", datetime.now(UTC), 30) is None
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("letter", [b"{", b"\xff", b"5", b"null", b"[5]", b"[[1]]", b"[[{}, 1, 2, 3]]"])
def test_an_answer_that_cannot_be_read_harms_nobody_elses(redis_url: str, letter: bytes) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(box.ask, "token", datetime.now(UTC), 10)
        (passed,) = mailbox.take(redis, 1, 5, datetime.now(UTC))
        before = box_threads()
        redis.rpush(passed.box, letter)
        mailbox.answer(redis, [passed], {"token": Answer("redeemed", "S", "R")})
        assert page.result() == Answer("redeemed", "S", "R")
    assert box_threads() == before


@pytest.mark.parametrize(
    "item", [b"{", b"\xff", b"5", b"[]", b'["t", 1, 2]', b'["t", "a", 1, "b"]', b'["t", 1e300, 1, "b"]']
)
def test_a_tap_that_cannot_be_read_is_left_out_and_the_others_are_answered(redis_url: str, item: bytes) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    redis.rpush(mailbox.TAPS, item)
    assert box.ask("token", datetime.now(UTC), 0.01) is None
    wait_for(redis, 2)
    assert [one.tap.token for one in mailbox.take(redis, 10, 1, datetime.now(UTC))] == ["token"]
    assert redis.llen(mailbox.TAPS) == 0


def test_a_thread_that_died_is_replaced_and_the_other_is_not_doubled(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, redis = Mailbox(redis_url), queues.connect(redis_url)
    before = set(threading.enumerate())
    with monkeypatch.context() as patch:
        patch.setattr(Mailbox, "_listen", lambda _: None)  # and its thread ends
        assert box.ask("first", datetime.now(UTC), 0.01) is None
        wait_for(redis, 1)
        Shop.until(lambda: len(set(threading.enumerate()) - before) == 1, 10, "the listening thread has ended")
    with ThreadPoolExecutor(1) as pool:
        page = pool.submit(box.ask, "second", datetime.now(UTC), 10)
        answer_all(redis, 2)
        assert page.result() == Answer("redeemed", "serial of second", "R")
    names = [thread.name for thread in set(threading.enumerate()) - before]
    assert sorted(name for name in names if name.startswith("taps-")) == ["taps-listen", "taps-send"]


FORKED = """
import os, sys
from datetime import UTC, datetime
from workers.mailbox import Mailbox

box = Mailbox(sys.argv[1])
children = []
for _ in range(2):
    child = os.fork()
    if not child:
        box.ask("token", datetime.now(UTC), 1)
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""


def test_processes_forked_from_one_have_a_box_each(redis_url: str) -> None:
    """As under `gunicorn --preload`: both number their pages from 0."""
    redis = queues.connect(redis_url)
    subprocess.run([sys.executable, "-c", FORKED, redis_url], cwd=ROOT, check=True)
    wait_for(redis, 2)
    passed = mailbox.take(redis, 2, 1, datetime.now(UTC))
    assert [one.page for one in passed] == [0, 0]
    assert len({one.box for one in passed}) == 2


def box_threads() -> int:
    return sum(thread.name.startswith("taps-") for thread in threading.enumerate())


def wait_for(redis: Redis, taps: int) -> None:
    """Until so many have come: whoever asks may have given up before the tap was sent."""
    Shop.until(lambda: redis.llen(mailbox.TAPS) == taps, 10, f"{taps} taps have come")


def answer_all(redis: Redis, count: int) -> None:
    """What the job does, until so many were answered."""
    while count:
        passed = mailbox.take(redis, 7, 5, datetime.now(UTC))
        answers = {one.tap.token: Answer("redeemed", f"serial of {one.tap.token}", "R") for one in passed}
        mailbox.answer(redis, passed, answers)
        count -= len(passed)
