"""Many customers, few serials, every way to tap twice, and staff who undo, verify, withdraw and end meanwhile."""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.coupon_view import State
from db.database import Database
from tests.proof import crowd, sizes, stage, verdict
from tests.proof.conftest import Say
from tests.proof.crowd import Browser, Reply
from tests.proof.sizes import Race
from tests.proof.stage import Stage
from tests.proof.trouble import Trouble
from tests.system.shop import NO_CHATS, STARTED_WITHIN, Shop
from tests.system.test_redemption_race import drop_constraints

Move = tuple[str, str, str]  # how, and the coupons of the two taps
ROUNDS = 2  # of nine attempts at most for a coupon of a pair: 19 with the last one, under the 20 that a minute allows
SINGLE = ("two tabs", "double tap", "impatient double tap")


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Shop]:
    """A shop's web server and periodic process."""
    with Shop(url, folder, **NO_CHATS) as shop:
        shop.periodic()
        shop.web()
        yield shop


@pytest.fixture(scope="module")
def shop(shared_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One for all tests but the control; each has workers and a campaign of its own."""
    with opened(shared_url, tmp_path_factory.mktemp("shop")) as made:
        yield made
        made.stop("web", "periodic")


@contextmanager
def answered_by(shop: Shop, names: Sequence[str], entry: list[str] | None = None) -> Iterator[Database]:
    """Workers with these names, or another `entry` in their place, while the block runs."""
    database = Database(shop.database_url)
    for name in names:
        shop.worker(name, entry)
    shop.until(
        lambda: all("worker_started" in shop.log_of(name) for name in names), STARTED_WITHIN, "the workers are there"
    )
    try:
        yield database
    finally:
        shop.stop(*names)
        database.dispose()


def moves(scene: Stage, race: Race, chance: random.Random) -> list[Move]:
    """Pairs of taps, shuffled: of one coupon in every way, and of the two contacts of one person."""
    taps: list[Move] = []
    while 2 * len(taps) < race.attempts:
        taps += [(chance.choice(SINGLE), token, token) for token in scene.tokens]
        taps += [("two contacts", *pair) for pair in scene.pairs]
    chance.shuffle(taps)
    return taps[: race.attempts // 2]


def play(browser: Browser, move: Move) -> list[Reply]:
    how, first, second = move
    if how in {"double tap", "impatient double tap"}:
        return browser.tap_twice(first, gives_up_first=how == "impatient double tap")
    return browser.tap_at_once(first, second)


def rush(shop: Shop, scene: Stage, race: Race, say: Say) -> list[Reply]:
    """All attempts; then, nobody disturbing any more, everyone once more, so that nothing is left that can be had.

    On a machine so fast that not every deed of the trouble was done by then, customers try again, up to ROUNDS times.
    """
    number = sizes.seed()
    say(f"PROVE_SEED={number} {race}")
    chance = random.Random(number)  # noqa: S311 (a test's chance)
    started = time.monotonic()
    with Trouble(shop.database_url, scene.slug, scene.pack_id, random.Random(number)) as trouble:  # noqa: S311 (as above)
        found: list[list[Reply]] = []
        for _ in range(ROUNDS):
            found += crowd.each(shop.url, race.clients, moves(scene, race, chance), play)
            if trouble.is_done:
                break
    seconds = time.monotonic() - started
    replies = [reply for some in found for reply in some]
    say(f"{len(replies):,} replies in {seconds:.1f} s, {Counter(reply.status for reply in replies)}, {trouble.done}")
    assert trouble.late == []
    assert trouble.is_done, f"the rush was over before each deed was done: {trouble.done}"
    return replies + crowd.each(shop.url, race.clients, scene.tokens, Browser.tap)


def pages(shop: Shop, scene: Stage, race: Race) -> dict[str, tuple[str, str | None]]:
    """The state and the serial that each coupon's page says."""
    replies = crowd.each(shop.url, race.clients, scene.tokens, Browser.status)
    assert [reply for reply in replies if reply.status != 200] == []
    return {reply.path.split("/")[2]: (reply.body["state"], reply.body["serial"]) for reply in replies}


def told(replies: list[Reply]) -> set[tuple[str, str]]:
    """(token, serial) of whatever a customer was told."""
    return {(reply.path.split("/")[2], reply.body["serial"]) for reply in replies if reply.body.get("serial")}


def test_whoever_taps_however_often_each_serial_goes_out_once(shop: Shop, say: Say) -> None:
    race = sizes.RACE
    with answered_by(shop, ["first", "second"]) as database:
        scene = stage.prepare(database, race.serials, race.coupons, pair_count=race.coupons // 8)
        replies = rush(shop, scene, race, say)
        verdict.wait_for_rest(database)
        shown = pages(shop, scene, race)
        held, undone = verdict.held(database), verdict.undone(database)
        assert verdict.broken(database) == {}
        assert verdict.most_of_a_person(database) == 1
    assert [wrong for wrong in map(crowd.unlawful, replies) if wrong] == []
    assert len({one.serial for one in held.values()}) == len(held) == race.serials
    assert told(replies) - undone <= {(token, one.serial) for token, one in held.items()}
    with_serial = {token: (one.state.value, one.serial) for token, one in held.items()}
    assert shown == {token: with_serial.get(token, (State.REFUSED.value, None)) for token in scene.tokens}


def rush_on_two_who_meet(shop: Shop, race: Race, meeting: Path, mode: str) -> tuple[dict[str, Sequence[str]], set[str]]:
    """Customers tap, and two workers who have met answer: what is broken then, and what the workers have logged."""
    meeting.mkdir()
    names = [f"{mode}-{place}" for place in (1, 2)]
    entry = [sys.executable, "-m", "tests.system.saboteur", mode, str(meeting)]
    with answered_by(shop, names, entry) as database:
        scene = stage.prepare(database, race.serials, race.coupons, slug=mode)
        if mode == "unguarded":
            drop_constraints(database)
        crowd.each(shop.url, race.clients, moves(scene, race, random.Random(1)), play)  # noqa: S311 (any seed)
        verdict.wait_for_rest(database, 60)
        assert len(list(meeting.iterdir())) == 2
        broken = verdict.broken(database)
    return broken, {shop.log_of(name) for name in names}


@sizes.both_in_proof
def test_two_workers_who_answer_at_the_same_moment_break_nothing(shop: Shop, tmp_path: Path) -> None:
    broken, logs = rush_on_two_who_meet(shop, sizes.CONTROL, tmp_path / "meeting", "meeting")
    assert broken == {}
    assert [log for log in logs if "taps_answered" not in log and "claims_answered" not in log] == []


@sizes.both_in_proof
def test_without_its_guards_the_same_verdict_finds_serials_given_twice(database_url: str, tmp_path: Path) -> None:
    """The control: lock, transaction and constraints taken away, customers tapping as above."""
    with opened(database_url, tmp_path) as shop:
        found, _ = rush_on_two_who_meet(shop, sizes.CONTROL, tmp_path / "meeting", "unguarded")
    assert "one_coupon_a_serial" in found, f"no serial was given twice, the race proves nothing: {found}"
