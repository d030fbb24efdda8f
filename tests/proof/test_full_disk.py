"""SQLite's disk is full for a while: who comes then is told so, nothing is lost, and it goes on when there is room."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from db.database import Database
from tests.databases import Sqlite
from tests.proof import crowd, patience, stage, verdict
from tests.proof.conftest import Say
from tests.proof.crowd import Browser
from tests.system.shop import NO_CHATS, Shop

CUSTOMERS = 250  # more than the claims that fit into pages which are there already
ENOUGH = 5  # customers who were told to come again


def start(shop: Shop, marker: Path) -> None:
    """All parts, with a disk that is full while the marker is there."""
    entry = [sys.executable, "-m", "tests.proof.small_disk", str(marker)]
    for name in ("first", "second"):
        shop.worker(name, [*entry, "worker"])
    shop.worker("periodic", [*entry, "worker", "--periodic"])
    shop.start_web([*entry, "web"])
    shop.healthy()


def test_a_full_disk_is_said_to_be_a_moments_trouble_and_costs_nobody_a_serial(
    sqlite: Sqlite, tmp_path: Path, say: Say
) -> None:
    marker = tmp_path / "full"
    with Shop(sqlite.fresh(tmp_path), tmp_path, **NO_CHATS) as shop, ThreadPoolExecutor(CUSTOMERS) as pool:
        database = Database(shop.database_url)
        scene = stage.prepare(database, CUSTOMERS, CUSTOMERS)
        start(shop, marker)
        early = patience.redeem(shop.url, scene.tokens[0])
        marker.touch()
        told_busy: set[str] = set()
        customers = [
            pool.submit(patience.redeem, shop.url, token, on_busy=told_busy.add, may_be_limited=True)
            for token in scene.tokens[1:]
        ]
        shop.until(lambda: len(told_busy) >= ENOUGH, 60, "customers are told to come again")
        browser = Browser(shop.url)
        while_full = browser.status(early.token).body
        browser.close()
        marker.unlink()
        stories = [early, *(customer.result() for customer in customers)]
        verdict.wait_for_rest(database)
        shown = crowd.each(shop.url, 8, scene.tokens, Browser.status)
        broken, held = verdict.broken(database), verdict.held(database)
        with database.read() as session:
            integrity = session.scalars(text("PRAGMA integrity_check")).all()
        database.dispose()
    say(f"{len(told_busy)} of {CUSTOMERS} customers heard 503, {sum(story.busy for story in stories)} times")
    told = {story.token: story.serial for story in stories}
    assert [wrong for story in stories for wrong in story.wrong] == []
    assert while_full["serial"] == early.serial
    assert integrity == ["ok"]
    assert broken == {}
    assert told == {token: one.serial for token, one in held.items()}
    assert told == {reply.path.split("/")[2]: reply.body["serial"] for reply in shown}
    assert len(set(told.values())) == CUSTOMERS
