"""Requests go out in their turn, among those of all processes. The real Valkey, and no clock but its own."""

import subprocess
import sys
import time
from bisect import bisect_left
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis
from structlog.testing import capture_logs

from core import outbox
from core.outgoing import BULK, LIVE, REMINDER
from tests.system.shop import Shop
from tests.workers.conftest import Valkey
from workers import outlet, pace, queues
from workers.buckets import Bucket, Buckets, Taken
from workers.pace import Known, Pace

PUSH = ("line", "push")
RATE, THREADS, SECONDS = 200, 4, 2.5
HUNDRED = Bucket("bucket", 100)  # holds 10
SLOW = Bucket("bucket", 3)  # holds 2, and gets about 1 a second
LINES_LONGEST = timedelta(seconds=3 + 8)  # to connect, and to answer


@pytest.fixture
def redis(redis_url: str) -> Redis:
    return queues.connect(redis_url)


@pytest.fixture
def one(redis: Redis) -> Buckets:
    return Buckets(redis, "one")


def fullest_second(*urls: str) -> int:
    """How many requests went in the fullest second, of a process for each address, which all send what they may."""
    command = [sys.executable, "-m", "tests.workers.pacer"]
    sizes = [str(RATE), str(THREADS), str(SECONDS)]
    started = [
        subprocess.Popen([*command, url, *sizes], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for url in urls
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    went = sorted(float(at) for process in started for at in process.communicate()[0].split())
    assert all(process.returncode == 0 for process in started)
    assert len(went) > RATE  # else nothing was tried
    return max(bisect_left(went, begins + 1) - place for place, begins in enumerate(went))


def test_no_second_has_more_requests_than_the_rate_whoever_sends_them(redis_url: str) -> None:
    on_their_way = 2 * THREADS  # each thread may be kept from going by the machine, once it has its turn
    assert fullest_second(redis_url, redis_url) <= RATE + on_their_way


def test_without_a_shared_bucket_it_would_have_more(redis_url: str) -> None:
    assert fullest_second(redis_url, f"{redis_url}?db=1") > RATE + 2 * THREADS


def no_time_passes(redis: Redis) -> None:
    """The next who asks finds the bucket as the last one left it, however slow this machine is."""
    redis.hset("bucket", "at", time.time() + 3600)


def test_what_one_takes_nobody_else_gets(redis: Redis, one: Buckets) -> None:
    two = Buckets(redis, "two")
    assert one.take(SLOW, LIVE, 100) == Taken(2, 0.0, 1)
    for asking, sharers in ((one, 1), (two, 2)):
        no_time_passes(redis)
        found = asking.take(SLOW, LIVE, 1)
        assert (found.count, found.sharers) == (0, sharers)
        assert found.seconds == pytest.approx(1 / SLOW.refill, abs=0.001)


@pytest.mark.parametrize(("urgency", "count"), [(LIVE, 10), (REMINDER, 7), (BULK, 5)])
def test_what_is_less_urgent_leaves_some_of_a_full_bucket(one: Buckets, urgency: int, count: int) -> None:
    assert one.take(HUNDRED, urgency, 100).count == count
    assert one.take(HUNDRED, LIVE, 100).count >= 10 - count


@pytest.mark.parametrize("rate", [3, 10, 300, 2000])
def test_the_slowest_rate_lets_the_least_urgent_go_too_and_all_of_a_second_is_within_it(
    one: Buckets, rate: int
) -> None:
    bucket = Bucket(f"bucket:{rate}", rate)
    assert one.take(bucket, BULK, 1).count == 1
    assert bucket.most + bucket.refill * 1.05 <= rate + 1e-9
    assert bucket.refill > 0.3 * rate


def test_bulk_stands_back_while_somebody_chats(redis: Redis, redis_url: str) -> None:
    rates, sent = {PUSH: RATE}, {LIVE: 0, BULK: 0}
    paces = {LIVE: Pace(redis, rates), BULK: Pace(queues.connect(redis_url), rates)}
    ends_at = time.monotonic() + 1.5

    def send(urgency: int) -> None:
        while time.monotonic() < ends_at:
            sent[urgency] += not paces[urgency].wait(*PUSH, urgency)

    with ThreadPoolExecutor(2) as pool:
        for sending in [pool.submit(send, urgency) for urgency in paces]:
            sending.result()
    assert sent[LIVE] > 5 * sent[BULK]
    ends_at = time.monotonic() + 0.5
    before = sent[BULK]
    send(BULK)
    assert sent[BULK] > before  # nobody chats


def test_one_who_sends_much_asks_redis_seldom(redis: Redis) -> None:
    paced = Pace(redis, {PUSH: 100_000})
    assert [paced.wait(*PUSH, LIVE) for _ in range(500)] == [0.0] * 500
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] < 100


def test_what_was_taken_out_is_used_for_what_is_as_urgent_or_more_and_not_later() -> None:
    known = Known(HUNDRED)
    known.leases[REMINDER].left, known.leases[REMINDER].until = 2, 10.0
    assert [known.take_leased(urgency, 9.9) for urgency in (BULK, REMINDER, LIVE, LIVE)] == [False, True, True, False]
    known.leases[REMINDER].left = 1
    assert not known.take_leased(REMINDER, 10.0)


def test_a_hosts_clock_that_is_set_back_changes_nothing(
    redis: Redis, one: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert one.take(SLOW, LIVE, 2).count == 2
    noted = float(redis.hget("bucket", "at") or 0)
    assert abs(noted - redis.time()[0]) < 60


def test_a_clock_of_redis_that_is_set_back_fills_no_bucket_and_blocks_none(redis: Redis, one: Buckets) -> None:
    redis.hset("bucket", mapping={"tokens": 1, "at": time.time() + 3600})
    assert one.take(SLOW, LIVE, 2).count == 1
    assert one.take(SLOW, LIVE, 2).seconds < 1.1


def test_after_too_many_nobody_sends_for_a_while(redis: Redis, redis_url: str) -> None:
    here, there = Pace(redis, {PUSH: 2000}), Pace(queues.connect(redis_url), {PUSH: 2000})
    assert [paced.wait(*PUSH, LIVE) for paced in (here, there)] == [0, 0]
    here.rest(*PUSH, 30)
    assert 25 < here.wait(*PUSH, LIVE) <= 31
    there._known[PUSH].leases[LIVE].left = 0  # noqa: SLF001 (what it took out before lasts 50 ms)
    assert 25 < there.wait(*PUSH, LIVE) <= 31


def test_where_the_platform_names_no_time_half_a_second_is_enough_and_no_burst_follows(redis: Redis) -> None:
    paced = Pace(redis, {PUSH: 2000})
    began = time.monotonic()
    paced.rest(*PUSH, None)
    left = float(redis.hget("tessera:pace:line:push", "tokens") or 0)
    assert left == pytest.approx(-0.5 * Bucket("", 2000).refill)
    assert paced.wait(*PUSH, LIVE) == 0
    assert time.monotonic() - began > 0.45


def test_sending_goes_on_while_redis_is_away_at_this_processes_share(
    valkey: Valkey, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "ASK_AGAIN", 60.0)
    paced = Pace(redis, {PUSH: 100})
    for _ in range(3):  # four share it
        Pace(redis, {PUSH: 100}).wait(*PUSH, LIVE)
    paced.wait(*PUSH, LIVE)
    valkey.kill()
    began, went = time.monotonic(), []
    with capture_logs() as lines, ThreadPoolExecutor(4) as pool:
        for sending in [pool.submit(paced.wait, *PUSH, urgency) for urgency in (LIVE, REMINDER, BULK) * 8]:
            assert sending.result() == 0
            went.append(time.monotonic() - began)
    assert [line["event"] for line in lines] == ["pace_not_shared"]
    assert went[-1] > (len(went) - 5) / (Bucket("", 100).refill / 4)  # 2 in a burst, and what was taken out before
    valkey.start()


def test_once_redis_is_back_the_rate_is_shared_again(
    valkey: Valkey, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "ASK_AGAIN", 0.1)
    paced = Pace(redis, {PUSH: 100})
    with capture_logs() as lines:
        valkey.kill()
        for _ in range(10):
            assert paced.wait(*PUSH, LIVE) == 0
        valkey.start()
        Shop.until(lambda: (paced.wait(*PUSH, LIVE), len(lines) > 1)[1], 10, "it is shared again")
    assert [line["event"] for line in lines] == ["pace_not_shared", "pace_shared_again"]
    assert redis.exists("tessera:pace:line:push")


def test_a_bucket_that_cannot_be_read_stops_nobody(redis: Redis) -> None:
    redis.set("tessera:pace:line:push", "another version's")
    with capture_logs() as lines:
        assert Pace(redis, {PUSH: 2000}).wait(*PUSH, LIVE) == 0
    assert [line["event"] for line in lines] == ["pace_not_shared"]


def test_nobody_waits_so_long_that_a_message_on_its_way_is_given_up() -> None:
    rounds = -(-outlet.MOST // outlet.THREADS)
    assert rounds * (timedelta(seconds=pace.LONGEST_WAIT) + LINES_LONGEST) < outbox.LONGEST_SENDING
    assert pace.SHORTEST_WAIT < pace.LONGEST_WAIT
