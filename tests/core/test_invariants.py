"""Each invariant finds what breaks it: what the constraints refuse is tried with them taken away."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from core import invariants, outgoing
from db.base import Base
from db.database import Database
from tests import cast

AGAIN = (
    "INSERT INTO redemptions (id, coupon_id, campaign_id, person_id, ordinal, redemption_limit, pack_id, position,"
    " redeemed_at) SELECT 99, {}, campaign_id, {}, {}, redemption_limit, {}, {}, redeemed_at"
    " FROM redemptions WHERE id = 1"
)

VERIFIED = "INSERT INTO verifications (redemption_id, verified_at, recorded_at, via) VALUES "
CLAIMED = "INSERT INTO claims (id, coupon_id, campaign_id, claimed_at) VALUES "
ARRIVED = "INSERT INTO inbox (id, channel, event_id, account_id, occurred_at, received_at, body, failure) VALUES "
EVENT = "'line', 'E', 'U', LATER, LATER, 'null', NULL"
STANDS = (
    "INSERT INTO conversations (contact_id, flow_version_id, state, updated_at, stopped_at)"
    " VALUES (1, 1, '{}', LATER, {})"
)
SENDING = (
    "INSERT INTO outbox (id, key, request_key, contact_id, payload, status, created_at, due_at, attempts, is_in_doubt,"
    " worker, attempted_at) VALUES "
)
REQUEST = "(9{0}, KEY{0}, KEY{0}, 1, 'null', 'sending', LATER, LATER, 1, false, 'w', LATER)"
VALUES = {
    "BEFORE": "'2021-01-01 00:00:00'",
    "LATER": "'2031-01-01 00:00:00'",
    "KEY1": f"'{1:032x}'",
    "KEY2": f"'{2:032x}'",
}

# Each condition of each invariant by itself.
BREAKS = (
    ("one_coupon_a_serial", AGAIN.format(2, 2, 1, "pack_id", "position")),
    ("one_serial_a_coupon", AGAIN.format("coupon_id", 2, 1, "pack_id", 3)),
    ("redemption_whole", "DELETE FROM coupons WHERE id = 1"),
    ("redemption_whole", "DELETE FROM packs"),
    ("coupon_whole", "DELETE FROM contacts WHERE id = 2"),
    ("coupon_whole", "DELETE FROM campaigns WHERE id = 1"),
    ("verification_whole", f"{VERIFIED} (9, LATER, LATER, 'pos')"),
    ("redemption_has_code", "UPDATE serials SET position = 4 WHERE position = 1"),
    ("position_in_pack", "UPDATE redemptions SET position = 3"),
    ("position_in_pack", "UPDATE redemptions SET position = 0"),
    ("serial_there", "DELETE FROM serials WHERE position = 3"),
    ("one_place_a_code", "UPDATE serials SET code = 'TEA-0001' WHERE position = 2"),
    ("taken_is_given", "UPDATE packs SET taken = 3"),
    ("taken_within_size", "UPDATE packs SET taken = 4"),
    ("returned_is_free", "INSERT INTO returned_serials VALUES (1, 1, LATER)"),
    ("returned_is_free", "INSERT INTO returned_serials VALUES (1, 2, LATER)"),
    ("returned_is_free", "INSERT INTO returned_serials VALUES (1, 0, LATER)"),
    ("returned_was_undone", "INSERT INTO returned_serials VALUES (1, 1, LATER)"),
    ("within_limit", AGAIN.format(2, "person_id", 2, "pack_id", 2)),
    ("ordinals_distinct", AGAIN.format(2, "person_id", 1, "pack_id", 2)),
    ("ordinals_within_limit", "UPDATE redemptions SET ordinal = 2"),
    ("ordinals_within_limit", "UPDATE redemptions SET ordinal = 0"),
    ("redeemed_by_its_person", "UPDATE redemptions SET person_id = 2"),
    ("total_limit_counts", "UPDATE campaigns SET total_limit = 5, total_left = 5 WHERE id = 1"),
    ("total_limit_counts", "UPDATE campaigns SET total_limit = 5, total_left = 3 WHERE id = 1"),
    ("total_limit_counts", "UPDATE campaigns SET total_limit = 0, total_left = -1 WHERE id = 1"),
    ("drafts_are_unsent", "UPDATE campaigns SET is_published = false WHERE id = 1"),
    ("merged_are_gone", "INSERT INTO person_merges VALUES (1, 2, 1, LATER, NULL, '')"),
    ("one_campaign", "UPDATE redemptions SET campaign_id = 2"),
    ("one_campaign", "UPDATE packs SET campaign_id = 2"),
    ("claim_of_its_campaign", "UPDATE claims SET campaign_id = 2"),
    ("claim_of_its_campaign", "UPDATE claims SET coupon_id = 9"),
    ("times_in_order", "UPDATE coupons SET opened_at = BEFORE WHERE id = 2"),
    ("times_in_order", "UPDATE coupons SET opened_at = LATER WHERE id = 1"),
    ("times_in_order", "UPDATE coupons SET opened_at = NULL WHERE id = 1"),
    ("times_in_order", f"{VERIFIED} (1, BEFORE, BEFORE, 'pos')"),
    ("verified_once", f"{VERIFIED} (1, LATER, LATER, 'pos'), (1, LATER, LATER, 'pos')"),
    ("one_claim_waits", f"{CLAIMED} (98, 2, 1, LATER), (99, 2, 1, LATER)"),
    ("claims_answered_once", "UPDATE claims SET answered_at = BEFORE"),
    ("claims_answered_once", "UPDATE claims SET answered_at = NULL"),
    ("outcomes_known", "UPDATE claims SET outcome = 'maybe'"),
    ("redeemed_is_kept", "DELETE FROM redemptions"),
    ("serial_of_its_pack", "UPDATE serials SET campaign_id = 2 WHERE position = 3"),
    ("pack_in_the_making", "UPDATE packs SET is_whole = false"),
    ("import_in_its_pack", "UPDATE imports SET pack_id = NULL"),
    ("event_once", f"{ARRIVED} (1, {EVENT}), (2, {EVENT})"),
    ("failure_is_handled", f"{ARRIVED} (1, 'line', 'E', 'U', LATER, LATER, 'null', 'event_unreadable')"),
    ("outbox_lawful", "UPDATE outbox SET status = 'lost'"),
    ("outbox_lawful", "UPDATE outbox SET status = 'sent'"),
    ("outbox_lawful", "UPDATE outbox SET sent_at = LATER"),
    ("outbox_lawful", "UPDATE outbox SET status = 'failed'"),
    ("outbox_lawful", "UPDATE outbox SET status = 'unknown'"),
    ("outbox_lawful", "UPDATE outbox SET status = 'held'"),
    ("outbox_lawful", "UPDATE outbox SET status = 'sending', attempted_at = LATER"),
    ("outbox_lawful", "UPDATE outbox SET status = 'sending', worker = 'w'"),
    (
        "waits_in_a_flow",
        "INSERT INTO waits (contact_id, flow_version_id, happens, created_at) VALUES (1, 1, '[]', BEFORE)",
    ),
    ("waits_kept", STANDS.format('{"waits_for": "wait"}', "NULL")),
    ("one_request_a_contact", f"{SENDING} {REQUEST.format(1)}, {REQUEST.format(2)}"),
    ("timed_starts_whole", "INSERT INTO timed_starts VALUES (1, 1, LATER, LATER, 2, NULL, NULL)"),
    ("timed_starts_finished", "INSERT INTO timed_start_contacts VALUES (1, 1, NULL, NULL, NULL)"),
    ("records_true", "UPDATE records SET stage = 0 WHERE coupon_id = 1"),
    ("records_true", "UPDATE records SET redeemed_at = LATER WHERE coupon_id = 1"),
    ("records_true", "DELETE FROM records WHERE coupon_id = 2"),
    ("totals_of_records", "UPDATE record_groups SET redeemed = redeemed + 1"),
    ("totals_of_hours", "UPDATE record_hours SET count = count + 1"),
    ("totals_of_stores", "INSERT INTO record_stores VALUES (1, LATER, 1, 1)"),
)


def test_every_invariant_is_tried() -> None:
    assert list(dict.fromkeys(name for name, _ in BREAKS)) == [one.name for one in invariants.INVARIANTS]


@pytest.mark.parametrize(("name", "statement"), BREAKS)
def test_what_is_broken_is_found(database: Database, now: datetime, name: str, statement: str) -> None:
    shop(database, now)
    assert broken(database) == set()
    without_constraints(database)
    with database.write() as session:
        do(session, statement)
    assert name in broken(database)


@pytest.mark.parametrize(
    ("state", "stopped_at"),
    [
        ('{"waits_for": "answer"}', "NULL"),
        ('{"waits_for": "wait"}', "LATER"),
        ('{"waits_for": "wait", "is_ended": true}', "NULL"),
        ("{}", "NULL"),
    ],
)
def test_who_is_asked_has_stopped_or_is_at_the_end_waits_for_nothing(
    database: Database, now: datetime, state: str, stopped_at: str
) -> None:
    shop(database, now)
    without_constraints(database)
    with database.write() as session:
        do(session, STANDS.format(state, stopped_at))
    assert broken(database) == set()


def test_what_is_broken_is_shown_by_table_and_column(database: Database, now: datetime) -> None:
    shop(database, now)
    without_constraints(database)
    with database.write() as session:
        session.execute(text("UPDATE packs SET taken = 3"))
        session.execute(text("UPDATE redemptions SET campaign_id = 2"))
        session.execute(text("UPDATE coupons SET opened_at = NULL"))
    found = {name: examples[0] for name, examples in shown(database).items()}
    assert found["taken_is_given"] == "packs.id = 1, packs.taken = 3, redemptions = 1, returned_serials = 0, burnt = 0"
    assert found["one_campaign"] == (
        "redemptions.coupon_id = 1, redemptions.campaign_id = 2, coupons.campaign_id = 1, packs.campaign_id = 1"
    )
    assert "coupons.opened_at = NULL, redemptions.redeemed_at = 2" in found["times_in_order"]


def do(session: Session, statement: str) -> None:
    for word, value in VALUES.items():
        statement = statement.replace(word, value)
    session.connection().exec_driver_sql(statement)


def shop(database: Database, now: datetime) -> None:
    """Two coupons of two persons, one redeemed, and a message."""
    with database.write() as session:
        cast.campaign(session, now)
        cast.campaign(session, now, cast.GIFT, codes=0)
        token = cast.sent(session, cast.MEI, now)
        cast.sent(session, cast.ALEX, now)
        outgoing.store(session, outgoing.rows(1, [{"text": "hello"}], now))
    cast.redeem(database, token, now + timedelta(minutes=1))
    cast.count(database, now + timedelta(minutes=2))


def broken(database: Database) -> set[str]:
    return set(shown(database))


def shown(database: Database) -> dict[str, Sequence[str]]:
    with database.snapshot() as session:
        return {one.invariant.name: one.examples for one in invariants.check(session) if one.examples}


def without_constraints(database: Database) -> None:
    """The same rows in tables that hold nothing."""
    with database.write() as session:
        if not database.is_sqlite:
            for table in Base.metadata.sorted_tables[::-1]:
                for constraint in sorted(table.constraints, key=lambda one: str(one.name).startswith("pk_")):
                    session.execute(
                        text(f'ALTER TABLE {table.name} DROP CONSTRAINT IF EXISTS "{constraint.name}" CASCADE')
                    )
                for index in table.indexes:
                    session.execute(text(f'DROP INDEX IF EXISTS "{index.name}"'))
        else:
            _rebuild(session)


def _rebuild(session: Session) -> None:
    """SQLite drops no constraint; a table made from a query has none."""
    for table in Base.metadata.sorted_tables:
        columns = ", ".join(column.name for column in table.columns)
        session.execute(text(f"CREATE TABLE bare_{table.name} AS SELECT {columns} FROM {table.name}"))  # noqa: S608 (our own names)
    for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        session.execute(text(f"DROP TRIGGER {name}"))
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 (our own names)
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(text(f"DROP TABLE {table.name}"))
    for table in Base.metadata.sorted_tables:
        session.execute(text(f"ALTER TABLE bare_{table.name} RENAME TO {table.name}"))
