"""Nothing that is asked again and again becomes dear as a shop grows: it is read by an index of what it is after."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event, text

from core import (
    claims,
    counter_day,
    counter_search,
    gauges,
    inbox,
    offline_codes,
    outbox,
    stock_levels,
    users,
    verification,
    waits,
)
from core.verification import Actor
from db.base import Base
from db.database import Database
from tests import cast

LARGE = (
    "audit_entries",
    "claims",
    "contact_attributes",
    "contact_names",
    "contacts",
    "conversations",
    "coupons",
    "inbox",
    "outbox",
    "record_hours",
    "record_stores",
    "records",
    "redemptions",
    "send_refusals",
    "serials",
    "timed_start_contacts",
    "undone_redemptions",
    "undone_verifications",
    "verification_attempts",
    "verifications",
    "waits",
    "webhook_deliveries",
)
PARTIAL = {
    index.name
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}

Plans = dict[str, list[str]]  # a statement -> the steps by which it is read


def test_no_gauge_reads_a_whole_table(database: Database, now: datetime) -> None:
    with planned(database) as plans, database.snapshot() as session:
        gauges.read(session, ("line", "messenger"), now)
    assert len(plans) > 10
    assert whole(plans) == []


def test_no_round_of_the_sweep_reads_a_whole_table(database: Database, now: datetime) -> None:
    with planned(database) as plans, database.write() as session:
        claims.campaigns_waiting(session)
        inbox.accounts_waiting(session, now)
        outbox.take_back_abandoned(session, ["worker"], now)
        outbox.release_paid(session, now)
        outbox.contacts_due(session, now)
        waits.is_any_due(session, now)
        stock_levels.reached(session)
    assert len(plans) == 7
    assert whole(plans) == []


def test_no_scan_at_a_counter_and_no_list_of_its_day_or_of_a_device_reads_a_whole_table(
    database: Database, now: datetime
) -> None:
    day = (now - timedelta(hours=4), now + timedelta(hours=20))
    with database.write() as session:
        store_id = users.ensure_store(session, "Xinyi").id
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    cast.count(database, now)
    with planned(database) as plans, database.write() as session:
        actor = Actor("pos", store_id=store_id)
        assert offline_codes.pack(session, store_id, b"", now).rows
        for entered in ("TEA-0001", "TEA-0002", "TEA-9999", "7K3M9QXP", f"https://tea.example/c/{token}"):
            verification.look_up(session, entered, actor, now, "https://tea.example")
        verification.verify(session, 1, "TEA-0001", actor, now)
        verification.verify(session, 1, "TEA-0001", actor, now)
        counter_search.without_redemption(session, 1)
        counter_day.totals(session, store_id, day)
        counter_day.tries(session, store_id, day, now)
        counter_day.tries(session, store_id, day, now, before=1_000)
        counter_day.taken_back(session, store_id, day)
    assert len(plans) > 15
    assert whole(plans) == []


@contextmanager
def planned(database: Database) -> Iterator[Plans]:
    """The plan of whatever is asked in the block, once that is over."""
    asked: list[tuple[str, Any]] = []
    plans: Plans = {}

    def note(_1: object, _2: object, statement: str, values: Any, *_more: object) -> None:  # noqa: ANN401 (a driver's)
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    yield plans
    event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        for statement, values in asked:
            if statement.startswith(("SELECT", "UPDATE")):
                plans[statement] = plan(connection, statement, values)


def plan(connection: Connection, statement: str, values: Any) -> list[str]:  # noqa: ANN401 (a driver's parameters)
    """How the database would read; PostgreSQL, whose tables are empty here, as it would read large ones."""
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return [row[0].strip() for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]


def whole(plans: Plans) -> list[tuple[str, str]]:
    """Steps through all rows of a table that grows with the shop."""
    return [(line, one) for one, lines in plans.items() for line in lines if is_whole(line, one)]


def is_whole(line: str, statement: str) -> bool:
    """Not the newest by their ids, of which there is a limit, nor those of an index that has only what is open."""
    if found := re.search(r"Seq Scan on (\w+)", line):
        return found[1] in LARGE
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line)
    if not found or found[1] not in LARGE or found[2] in PARTIAL:
        return False
    return f"ORDER BY {found[1]}.id DESC" not in statement
