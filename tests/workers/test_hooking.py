"""Outgoing webhooks arrive, signed, at whoever verifies them: at least once, whatever dies or hangs."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from core import clock, hook_deliveries, hook_signing, hooks
from core.audit import Doer
from core.hooks import KINDS, Wanted
from db.database import Database
from db.tables import WebhookDelivery
from tests import cast
from tests.workers.conftest import Post
from tests.workers.receiver import Receiver, documented, receiving
from workers import context, hook_outlet, periodic, queues
from workers.hook_client import Client
from workers.hook_outlet import HookOutlet
from workers.jobs import hooking

KEY = "the server's key"
MINUTE = timedelta(minutes=1)


def test_what_happens_arrives_signed_and_whoever_changes_it_is_not_believed(worker: Post, receiver: Receiver) -> None:
    database = worker.work.database
    add(database, receiver)
    with database.write() as session:
        cast.campaign(session, clock.now())
        token = cast.sent(session, cast.MEI, clock.now())
    cast.redeem(database, token, clock.now())
    settle_down(worker)
    assert [body["type"] for _, body in receiver.taken] == ["coupon.sent", "coupon.opened", "coupon.redeemed"]
    assert receiver.taken[2][1]["data"]["serial"] == "TEA-0001"
    receiver.secrets = ["whsec_" + "A" * 44]  # of another shop
    with database.write() as session:
        hook_deliveries.test(session, 1, clock.now())
    settle_down(worker)
    assert receiver.answered == [204, 204, 204, 401]
    with database.read() as session:
        assert session.scalars(select(WebhookDelivery.status).order_by(WebhookDelivery.id)).all() == receiver.answered


def test_the_documented_verification_refuses_what_was_changed_or_is_old(now: datetime) -> None:
    verify, secret = documented(), hook_signing.secret(KEY, "a")
    good = hook_signing.headers("evt_1", b"{}", [hook_signing.secret(KEY, "b"), secret], clock.now())
    verify(secret, good, b"{}")
    for headers, body in (
        (good, b"{ }"),
        (good | {"webhook-id": "evt_2"}, b"{}"),
        (good | {"webhook-signature": good["webhook-signature"].split()[0]}, b"{}"),
        (hook_signing.headers("evt_1", b"{}", [secret], now - 6 * MINUTE), b"{}"),
    ):
        with pytest.raises(ValueError, match=r"signed|old"):
            verify(secret, headers, body)


def test_kill_9_between_sending_and_storing_loses_nothing_and_the_repeat_is_told_by_its_id(
    worker: Post, receiver: Receiver, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = worker.work.database
    endpoint_id = add(database, receiver)
    with database.write() as session:
        for _ in range(5):
            hook_deliveries.test(session, endpoint_id, clock.now())
    dying = subprocess.Popen([sys.executable, "-m", "tests.workers.hooker", database_url, KEY, str(endpoint_id)])
    until(lambda: len(receiver.taken) == 5)
    dying.kill()
    dying.wait()
    settle_down(worker)
    assert len(receiver.taken) == 5  # whether they arrived nobody knows, and their time is not yet
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + hook_deliveries.TAKEN_FOR)
    receiver.answered.clear()
    periodic.find_hooks(worker.work, clock.now())
    until(lambda: is_rung(worker))
    monkeypatch.undo()  # whoever verifies has the true time
    with database.write() as session:
        session.execute(update(WebhookDelivery).values(due_at=clock.now()))
    settle_down(worker)
    ids = [event_id for event_id, _ in receiver.taken]
    assert len(ids) == 10 and len(set(ids)) == 5
    with database.read() as session:
        assert hook_deliveries.count(session, endpoint_id, "delivered") == 5


def test_an_endpoint_that_hangs_holds_no_other_up(worker: Post, receiver: Receiver) -> None:
    database = worker.work.database
    with receiving(holds=True) as hanging:
        slow, quick = add(database, hanging), add(database, receiver)
        with database.write() as session:
            for endpoint_id in (slow, quick):
                for _ in range(3 * hook_outlet.THREADS):
                    hook_deliveries.test(session, endpoint_id, clock.now())
        for endpoint_id in (slow, quick):
            hooking.send(str(endpoint_id))
        until(lambda: len(receiver.taken) == 3 * hook_outlet.THREADS)
        assert hanging.answered == []
        hanging.is_held.set()
        settle_down(worker)
        assert len(hanging.taken) == 3 * hook_outlet.THREADS


def test_who_finds_no_thread_is_let_first_by_the_next_that_is_done(worker: Post, receiver: Receiver) -> None:
    database = worker.work.database
    with receiving(holds=True) as hanging:
        slow = [add(database, hanging) for _ in range(2)]
        with database.write() as session:
            for endpoint_id in slow:
                for _ in range(hook_outlet.THREADS):
                    hook_deliveries.test(session, endpoint_id, clock.now())
        for endpoint_id in slow:
            hooking.send(str(endpoint_id))
        late = add(database, receiver)
        with database.write() as session:
            hook_deliveries.test(session, late, clock.now())
        hooking.send(str(late))
        assert receiver.taken == []
        hanging.is_held.set()
        until(lambda: is_rung(worker))
        settle_down(worker)
        assert len(receiver.taken) == 1 and len(hanging.taken) == 2 * hook_outlet.THREADS


def test_both_secrets_count_for_a_day(worker: Post, receiver: Receiver) -> None:
    database = worker.work.database
    endpoint_id = add(database, receiver)
    before = receiver.secrets
    with database.write() as session:
        hooks.rotate(session, Doer(), endpoint_id, clock.now())
        found = hooks.one(session, endpoint_id, clock.now())
        assert found
        after = [hook_signing.secret(KEY, found.salts[0])]
    for secrets in (before, after):
        receiver.secrets = secrets
        with database.write() as session:
            hook_deliveries.test(session, endpoint_id, clock.now())
        settle_down(worker)
    assert receiver.answered == [204, 204]


def test_a_shop_without_endpoints_pays_one_look_a_round(worker: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(hooks, "is_any", lambda _: asked.append("is_any"))
    for name in ("feeds", "hook_events", "hook_deliveries"):
        monkeypatch.setattr(periodic, name, None)
    periodic.find_hooks(worker.work, clock.now())
    assert asked == ["is_any"] and not is_rung(worker)


def test_old_deliveries_are_removed_by_the_sweep(worker: Post, receiver: Receiver) -> None:
    database = worker.work.database
    endpoint_id = add(database, receiver)
    with database.write() as session:
        hook_deliveries.test(session, endpoint_id, clock.now() - hook_deliveries.KEPT - MINUTE)
        kept = hook_deliveries.test(session, endpoint_id, clock.now())
    periodic.forget_hooks(worker.work, clock.now())
    with database.read() as session:
        assert session.scalars(select(WebhookDelivery.id)).all() == [kept]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def worker(post: Post) -> Iterator[Post]:
    """A worker that may send into its own network."""
    with outlet(post) as made:
        yield made


@contextmanager
def outlet(post: Post) -> Iterator[Post]:
    work = post.work
    made = HookOutlet(work.database, Client(is_inside_allowed=True), KEY, work.bell.wake)
    post.work = replace(work, hooks=made)
    context.use(post.work)
    yield post
    made.close()


def add(database: Database, receiver: Receiver) -> int:
    """An endpoint at the receiver, which is given the secret."""
    wanted, now = Wanted("pos", receiver.url, KINDS), clock.now()
    with database.write() as session:
        made = hooks.add(session, Doer(), wanted, now, is_inside_allowed=True)
        assert isinstance(made, int)
        found = hooks.one(session, made, now)
        assert found
    receiver.secrets = [*receiver.secrets, hook_signing.secret(KEY, found.salts[0])]
    return made


def is_rung(worker: Post) -> bool:
    return any(
        str(job.func_name).endswith("hooking.send") for job in queues.queue(worker.work.redis, queues.REMINDERS).jobs
    )


def settle_down(worker: Post) -> None:
    """The sweep's rounds, and the jobs that it and threads ring for, until nothing is due."""
    outlet = worker.work.hooks
    assert outlet
    for _ in range(5):
        periodic.find_hooks(worker.work, clock.now())
        for job in queues.queue(worker.work.redis, queues.REMINDERS).jobs:
            job.delete()
            hooking.send(*job.args)
        assert outlet.wait(20)


def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)
