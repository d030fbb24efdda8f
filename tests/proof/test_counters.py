"""The same coupons at many counters at once: each is verified once, and everybody else is told who was first."""

import sys
import time
from pathlib import Path

from sqlalchemy import text

from db.database import Database
from tests.proof import counters, sizes, verdict
from tests.proof.conftest import Say
from tests.system.shop import NO_CHATS, STARTED_WITHIN, Shop


def test_of_fifty_devices_one_verifies_each_coupon_and_all_others_are_told_who_was_first(
    database_url: str, tmp_path: Path, say: Say
) -> None:
    devices, coupon_count = sizes.COUNTERS
    with Shop(database_url, tmp_path, **NO_CHATS) as shop:
        database = Database(shop.database_url)
        coupons = counters.prepare(database, devices, coupon_count)
        shop.web()
        seed, started = sizes.seed(), time.monotonic()
        told = counters.rush(shop.url, devices, coupons, seed, sizes.COUNTERS_WITHIN)
        say(f"PROVE_SEED={seed} {counters.summary(told, devices)} in {time.monotonic() - started:.1f} s")
        found = list(counters.wrong(database, told, devices))
        broken = verdict.broken(database)
        database.dispose()
    assert found == []
    assert broken == {}
    assert len(told) == devices * coupon_count, f"there was no time for more: {counters.summary(told, devices)}"


def test_without_the_constraint_the_same_verdict_finds_coupons_verified_twice(
    on_postgres: Database, tmp_path: Path
) -> None:
    """The control: on PostgreSQL, as SQLite has one writer whatever is taken away."""
    devices, coupon_count = sizes.COUNTERS_CONTROL
    url = on_postgres.engine.url.render_as_string(hide_password=False)
    with Shop(url, tmp_path, **NO_CHATS) as shop:
        coupons = counters.prepare(on_postgres, devices, coupon_count)
        with on_postgres.write() as session:
            session.execute(text("ALTER TABLE verifications DROP CONSTRAINT pk_verifications"))
        shop.start_web([sys.executable, "-m", "tests.proof.unguarded_counter"])
        shop.until(lambda: shop.get("/healthz")[0] in {200, 503}, STARTED_WITHIN, "the web server answers")
        told = counters.rush(shop.url, devices, coupons, seed=1, within=sizes.COUNTERS_WITHIN)
        found = list(counters.wrong(on_postgres, told, devices))
    assert any("verifications of" in one for one in found), (
        f"nothing was verified twice, the race proves nothing: {found}"
    )
