"""Customers tap and write at a steady rate while every part of the shop is killed and started again."""

import contextlib
import random
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from core.coupon_view import State
from db.database import Database
from tests.proof import chatting, crowd, patience, sizes, stage, verdict
from tests.proof.chatting import Line
from tests.proof.conftest import Ground, Say
from tests.proof.crowd import Browser
from tests.proof.machine import Machine, Span
from tests.proof.patience import Story
from tests.system.shop import Shop

RATE = 8  # new customers a second
CUSTOMERS = RATE * sizes.CRASHING_SECONDS
WRITES = 8  # one customer of so many writes to the bot, too
SETTLED_WITHIN = 120  # seconds: a message whose worker lives, but could not store how it ended, is waited for a minute
LONGEST = 5  # seconds that anybody may wait while all parts are there


@contextlib.contextmanager
def machine_of(shop: Shop, ground: Ground, seed: int) -> Iterator[Machine]:
    """The shop, all parts running."""
    machine = Machine(shop, ground.server, random.Random(seed))  # noqa: S311 (a test's chance)
    machine.start()
    yield machine
    machine.close()


def coming(shop: Shop, tokens: Sequence[str], machine: Machine, platform: Line) -> list[Story]:
    """The customers come one after the other while the machine breaks; then it is whole, and they get their answers."""
    stopped = threading.Event()
    writers: list[Future[None]] = []
    with ThreadPoolExecutor(200) as pool:
        breaking = pool.submit(machine.break_and_mend, stopped)
        customers: list[Future[Story]] = []
        for number, token in enumerate(tokens):
            if number % WRITES == 0:
                writers.append(pool.submit(platform.write, number + 1_000_000))
            customers.append(pool.submit(patience.redeem, shop.url, token, may_be_limited=True))
            threading.Event().wait(1 / RATE)  # that is what steady means
        stopped.set()
        breaking.result()
        for writer in writers:
            writer.result()
        return [customer.result() for customer in customers]


def longest(stories: Sequence[Story], whole: Sequence[Span]) -> float:
    """How long anybody waited at a stretch while all parts were there."""
    return max(story.waited.shared(span) for story in stories for span in whole)


def test_whatever_is_killed_nobody_loses_what_they_were_told_or_waits_long(
    ground: Ground, tmp_path: Path, say: Say
) -> None:
    seed = sizes.seed()
    say(f"PROVE_SEED={seed}, {CUSTOMERS} customers in {sizes.CRASHING_SECONDS} s")
    with Shop(ground.url, tmp_path) as shop, contextlib.ExitStack() as stack:
        database = Database(shop.database_url)
        stack.callback(database.dispose)
        scene = stage.prepare(database, CUSTOMERS, CUSTOMERS)
        platform = stack.enter_context(chatting.line(shop, database))
        with machine_of(shop, ground, seed) as machine:
            stories = coming(shop, scene.tokens, machine, platform)
        wait = longest(stories, machine.whole)
        say(f"killed: {', '.join(machine.said)}")
        say(
            f"{sum(story.reloads for story in stories)} reloads, {sum(story.busy for story in stories)} times 503; "
            f"longest wait while all parts were there {wait:.1f} s, at all "
            f"{max(story.ended - story.began for story in stories):.1f} s"
        )
        verdict.wait_for_rest(database, SETTLED_WITHIN)
        answers = platform.answers()
        shown = crowd.each(shop.url, 8, scene.tokens, Browser.status)
        broken, held = verdict.broken(database), verdict.held(database)
    told = {story.token: story.serial for story in stories}
    assert [wrong for story in stories for wrong in story.wrong] == []
    assert broken == {}
    assert None not in told.values()
    assert told == {token: one.serial for token, one in held.items()}
    assert len(set(told.values())) == CUSTOMERS
    assert told == {reply.path.split("/")[2]: reply.body["serial"] for reply in shown}
    assert {reply.body["state"] for reply in shown} == {State.REDEEMED}
    assert len(answers) == CUSTOMERS // WRITES
    assert {person: count for person, count in answers.items() if count != 1} == {}
    assert wait < LONGEST
