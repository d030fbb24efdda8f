"""The job that fills packs: killed at any moment it leaves nothing half done, and another one goes on with it."""

import io
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from core import invariants, serials, stock_levels
from core.audit import Doer
from core.imports import encodings, files, loading, uploads
from core.imports.files import Looked
from core.imports.generating import Pattern
from core.imports.uploads import Wish
from core.reasons import Reason
from db.database import Database
from db.tables import Import, Serial, StaffNotice
from tests import cast
from tests.workers.conftest import Post
from workers import periodic, queues
from workers.jobs import importing

ROWS = 6_000
MIA = Doer(None, "mia")


def accepted(database: Database, content: bytes) -> int:
    file, now = io.BytesIO(content), datetime.now(UTC)
    looked = files.look(file, 10_000_000)
    assert isinstance(looked, Looked)
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        return uploads.accept(session, campaign.id, file, looked, Wish("codes.csv", takes_good=True), MIA, now).id


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Serial)) or 0


def whole(database: Database) -> bool:
    with database.read() as session:
        return [one.invariant.name for one in invariants.check(session) if one.examples] == []


def killed_at(post: Post, database_url: str, redis_url: str, goal: int) -> None:
    """A worker is at work until there are so many serials, or so few where they are taken away; then it is killed."""
    database, is_growing = post.work.database, count(post.work.database) < goal
    worker = subprocess.Popen([sys.executable, "-m", "tests.workers.importer", database_url, redis_url])
    while (count(database) < goal) == is_growing:
        assert worker.poll() is None
        time.sleep(0.002)
    worker.kill()
    worker.wait()
    post.work.redis.flushall()  # no wake-up of the last one is left


def test_kill_9_in_the_middle_leaves_nothing_half_done_and_the_sweep_goes_on(
    post: Post, database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = post.work.database
    monkeypatch.setattr(encodings, "PIECE", 1_000)
    codes = [f"TEA{number:05d}" for number in range(ROWS)]
    import_id = accepted(database, "\n".join(["serial", *codes, codes[5]]).encode())
    for goal in (1_000, 3_000):
        killed_at(post, database_url, redis_url, goal)
        assert goal <= count(database) < ROWS
        with database.read() as session:
            assert serials.stock(session, 1) == 0
        assert whole(database)
    periodic.wake_imports(post.work, datetime.now(UTC))
    (job,) = queues.queue(post.work.redis, queues.BULK).jobs
    assert job.func_name == "workers.jobs.importing.load"
    job.delete()
    importing.load(0)
    with database.read() as session:
        assert serials.stock(session, 1) == ROWS
        assert session.scalars(select(Serial.code).order_by(Serial.position)).all() == codes
        (bad,) = loading.bad_rows(session, import_id)
        assert (bad.row, bad.detail) == (ROWS + 2, "'TEA00005' is already in row 7")
    assert whole(database)


def test_kill_9_while_an_import_is_taken_away_leaves_nothing_of_it(
    post: Post, database_url: str, redis_url: str
) -> None:
    database = post.work.database
    import_id = accepted(
        database, "\n".join(["serial", *[f"TEA{number:05d}" for number in range(ROWS)]]).encode() + b"\nx\nx"
    )
    with database.write() as session:
        uploads.choose(session, import_id, takes_good=False, doer=MIA, now=datetime.now(UTC))
    importing.load(0)
    assert count(database) == ROWS + 1
    with database.write() as session:
        uploads.discard(session, import_id, Reason.IMPORT_CANCELLED, MIA, datetime.now(UTC))
    killed_at(post, database_url, redis_url, ROWS // 2)
    assert 0 < count(database) <= ROWS // 2
    assert whole(database)
    importing.load(0)
    assert count(database) == 0
    assert whole(database)


def test_the_job_makes_way_for_whatever_is_more_urgent(post: Post) -> None:
    accepted(post.work.database, b"serial\nA1\n")
    queues.queue(post.work.redis, queues.CHAT).enqueue("workers.jobs.conversing.converse", 0)
    importing.load(0)
    assert count(post.work.database) == 0
    assert len(queues.queue(post.work.redis, queues.BULK).jobs) == 1


def test_an_import_that_breaks_is_taken_away_and_the_next_one_is_loaded(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, now = post.work.database, datetime.now(UTC)
    broken = accepted(database, b"serial\nA1\n")
    with database.write() as session:
        made = uploads.generate(session, 1, Pattern("TEA-##########"), 5, MIA, now)
        assert isinstance(made, Import)

    def read(*_: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(loading, "_read", read)
    with capture_logs() as lines:
        importing.load(0)
    assert [line["event"] for line in lines] == ["import_broke", "import_over", "import_over"]
    with database.read() as session:
        assert session.get_one(Import, broken).reason == "import_broke"
        assert session.get_one(Import, made.id).state == "done"
        assert serials.stock(session, 1) == 5
    assert whole(database)


def test_the_sweep_warns_of_stock(post: Post) -> None:
    now = datetime.now(UTC)
    with post.work.database.write() as session:
        stock_levels.put(session, cast.campaign(session, now).id, [3], MIA, now)
    for _ in range(2):
        periodic.warn_of_stock(post.work, now)
    with post.work.database.read() as session:
        assert session.scalars(select(StaffNotice.text)).all() == [
            "剩 3 張序號（警示：3）· 3 serials left (warning at 3)"
        ]
