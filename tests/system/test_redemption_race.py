"""200 customers, 100 serials, two workers, one of them killed in the middle of a batch."""

import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select, text

from core import claims, contacts, coupons
from db.base import Base
from db.database import Database
from db.tables import Claim, Coupon, Pack, Redemption
from tests import cast
from tests.proof.verdict import broken, wait_for_rest
from tests.system.shop import NO_CHATS, Shop

CUSTOMERS, SERIALS = 200, 100
ASKS_EVERY = 0.5  # seconds, by each customer: more often, and 200 of them leave a starting worker no processor
ANSWERED = {"redeemed", "refused"}


def prepare(database: Database) -> list[str]:
    """A campaign with too few serials, and a coupon for everyone."""
    now = datetime.now(UTC)
    with database.write() as session:
        cast.campaign(session, now, codes=SERIALS)
        tokens = []
        for number in range(CUSTOMERS):
            contact = contacts.ensure(session, "line", f"U{number:032x}", now)
            coupon = coupons.send(session, "summer-tea", contact, now)
            assert isinstance(coupon, coupons.Sent)
            tokens.append(coupon.token)
    return tokens


def redeem(shop: Shop, token: str) -> float:
    """Redeem as the page does: post, then ask until there is an answer. Returns when it came (monotonic seconds)."""
    deadline = time.monotonic() + 60
    shop.post(f"/c/{token}/redeem")
    while shop.get(f"/c/{token}/status")[1]["state"] not in ANSWERED:
        assert time.monotonic() < deadline, f"{token} was never answered"
        time.sleep(ASKS_EVERY)
    return time.monotonic()


def test_exactly_the_packs_serials_are_given_though_a_worker_is_killed_in_mid_batch(
    database_url: str,
    tmp_path: Path,
) -> None:
    with Shop(database_url, tmp_path, **NO_CHATS) as shop:
        database = Database(shop.database_url)
        tokens = prepare(database)
        marker = tmp_path / "in-the-middle"
        victim = shop.worker("victim", [sys.executable, "-m", "tests.system.saboteur", "hang", str(marker)])
        shop.web()
        shop.periodic()
        shop.healthy()
        with ThreadPoolExecutor(CUSTOMERS) as customers:
            answers = [customers.submit(redeem, shop, token) for token in tokens]
            shop.until(marker.exists, 20, "the victim is in the middle of a batch")
            shop.worker("worker")
            # Not asked over HTTP: on SQLite the victim holds the one write lock, so the web server is busy waiting.
            shop.until(lambda: "worker_started" in shop.log_of("worker"), 20, "the other worker is there")
            victim.send_signal(signal.SIGKILL)
            killed = time.monotonic()
            slowest = max(answer.result() for answer in answers) - killed
        assert victim.wait() == -signal.SIGKILL
        assert slowest < 5
        with database.read() as session:
            given = session.execute(select(Redemption.pack_id, Redemption.position, Redemption.coupon_id)).all()
            # A tap that brings a serial in time leaves no claim; every refused one does.
            refused = session.execute(select(Claim.coupon_id, Claim.outcome).where(Claim.outcome != "redeemed")).all()
            taken = session.scalars(select(Pack.taken)).one()
        wait_for_rest(database)
        assert broken(database) == {}
        database.dispose()
    assert len({(pack, position) for pack, position, _ in given}) == len({coupon for _, _, coupon in given}) == SERIALS
    assert taken == SERIALS
    assert {outcome for _, outcome in refused} == {"sold_out"}
    assert len({coupon for _, _, coupon in given} | {coupon for coupon, _ in refused}) == CUSTOMERS
    assert len({coupon for coupon, _ in refused}) == CUSTOMERS - SERIALS


def race_of_two(shop: Shop, database: Database, meeting: Path, mode: str) -> Sequence[tuple[int, int]]:
    """Everybody's claims, answered by two workers who have met; (pack, position) of every redemption then."""
    meeting.mkdir()
    with database.write() as session:
        for token in session.scalars(select(Coupon.token)).all():
            claims.claim(session, token, datetime.now(UTC))
    for name in ("first", "second"):
        shop.worker(name, [sys.executable, "-m", "tests.system.saboteur", mode, str(meeting)])
    shop.periodic()
    shop.until(lambda: everything_answered(database), 60, "all claims are answered")
    assert len(list(meeting.iterdir())) == 2
    shop.stop("first", "second")
    for name in ("first", "second"):
        assert "claims_answered" in shop.log_of(name)
    with database.read() as session:
        return [(pack, position) for pack, position in session.execute(select(Redemption.pack_id, Redemption.position))]


def test_two_workers_who_answer_at_once_give_each_serial_once(database_url: str, tmp_path: Path) -> None:
    with Shop(database_url, tmp_path, **NO_CHATS) as shop:
        database = Database(shop.database_url)
        prepare(database)
        given = race_of_two(shop, database, tmp_path / "meeting", "meeting")
        wait_for_rest(database)
        assert broken(database) == {}
        database.dispose()
    assert len(given) == len(set(given)) == SERIALS


def test_without_its_guards_the_same_race_gives_out_too_much(database_url: str, tmp_path: Path) -> None:
    """The control: with lock, transaction and constraints taken away, the race above must be able to fail."""
    with Shop(database_url, tmp_path, **NO_CHATS) as shop:
        database = Database(shop.database_url)
        prepare(database)
        drop_constraints(database)
        given = race_of_two(shop, database, tmp_path / "meeting", "unguarded")
        database.dispose()
    assert len(given) > len(set(given)), "no serial was given twice: the race test proves nothing"


def everything_answered(database: Database) -> bool:
    with database.read() as session:
        return session.scalar(select(func.count()).where(Claim.answered_at.is_(None))) == 0


def drop_constraints(database: Database) -> None:
    """The redemptions table without its unique constraints and checks."""
    with database.write() as session:
        if database.is_sqlite:
            session.execute(text("DROP TABLE redemptions"))
            columns = ", ".join(c.name for c in Redemption.__table__.columns if c.name != "id")
            session.execute(text(f"CREATE TABLE redemptions (id INTEGER PRIMARY KEY, {columns})"))
            return
        for constraint in Base.metadata.tables["redemptions"].constraints:
            if constraint.name and str(constraint.name).startswith(("uq_", "ck_")):
                session.execute(text(f"ALTER TABLE redemptions DROP CONSTRAINT {constraint.name}"))
