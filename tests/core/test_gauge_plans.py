"""No gauge becomes dear as a shop grows: each is read by an index of what it tells of, or from the newest rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, event, text

from core import gauges
from db.database import Database

LARGE = ("inbox", "outbox", "claims", "waits", "conversations", "contacts", "coupons", "redemptions", "serials")


def test_no_gauge_reads_a_whole_table(database: Database, now: datetime) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_1: object, _2: object, statement: str, values: Any, *_more: object) -> None:  # noqa: ANN401
        asked.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    with database.snapshot() as session:
        gauges.read(session, ("line", "messenger"), now)
    event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        plans = {one: plan(connection, one, values) for one, values in asked if one.startswith("SELECT")}
    assert len(plans) > 10
    assert [(line, one) for one, lines in plans.items() for line in lines if is_whole(line, one)] == []


def plan(connection: Connection, statement: str, values: Any) -> list[str]:  # noqa: ANN401 (a driver's parameters)
    """How the database would read; PostgreSQL, whose tables are empty here, as it would read large ones."""
    if connection.dialect.name == "sqlite":
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    return [row[0].strip() for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values)]


def is_whole(line: str, statement: str) -> bool:
    """Whether this step goes through all rows of a table that grows with the shop, but for the newest by their ids."""
    if any(f"Seq Scan on {table}" in line for table in LARGE):
        return True
    is_newest = any(f"ORDER BY {table}.id DESC" in statement for table in LARGE)
    return not is_newest and any(line == f"SCAN {table}" for table in LARGE)
