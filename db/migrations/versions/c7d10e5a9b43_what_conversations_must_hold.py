"""constraints of conversations, waits, events, messages and flows, which code alone held before.

What breaks one is mended first. Nothing is added NOT VALID and validated later: all tables are locked for the upgrade
in any case (`db.locks.whole`), and one look at a table's rows serves all of its constraints.
"""

from alembic import op

from db import sqlite_tables

revision = "c7d10e5a9b43"
down_revision = "b8e2f7316c04"
branch_labels = None
depends_on = None

MENDED = (
    "UPDATE conversations SET hand_over_reason = NULL WHERE handed_over_at IS NULL AND hand_over_reason IS NOT NULL",
    "UPDATE conversations SET hand_over_reason = '' WHERE handed_over_at IS NOT NULL AND hand_over_reason IS NULL",
    "UPDATE conversations SET stopped_reason = NULL WHERE stopped_at IS NULL AND stopped_reason IS NOT NULL",
    "UPDATE conversations SET stopped_reason = 'flow_broke' WHERE stopped_at IS NOT NULL AND stopped_reason IS NULL",
    "UPDATE inbox SET handled_at = received_at WHERE failure IS NOT NULL AND handled_at IS NULL",
    # Nobody could take it back from whoever sent it; whether it arrived is not known.
    (
        "UPDATE outbox SET status = 'pending', is_in_doubt = true"
        " WHERE status = 'sending' AND (worker IS NULL OR attempted_at IS NULL)"
    ),
    "UPDATE outbox SET urgency = 2 WHERE urgency NOT IN (0, 1, 2)",
    "DELETE FROM waits WHERE due_at IS NULL AND CAST(happens AS TEXT) = '[]'",  # it would never be over
    # A flow without a version is a name and nothing else.
    "DELETE FROM flows WHERE NOT EXISTS (SELECT 1 FROM flow_versions WHERE flow_id = flows.id)",
    (
        "UPDATE flows SET published_number = (SELECT max(number) FROM flow_versions WHERE flow_id = flows.id)"
        " WHERE NOT EXISTS (SELECT 1 FROM flow_versions WHERE flow_id = flows.id AND number = published_number)"
    ),
)
CHECKS = {
    "conversations": {
        "handed_over_with_reason": "(handed_over_at IS NULL) = (hand_over_reason IS NULL)",
        "stopped_with_reason": "(stopped_at IS NULL) = (stopped_reason IS NULL)",
    },
    "waits": {"for_something": "due_at IS NOT NULL OR CAST(happens AS TEXT) <> '[]'"},
    "inbox": {"failure_is_handled": "failure IS NULL OR handled_at IS NOT NULL"},
    "outbox": {
        "sending_by_somebody": "status <> 'sending' OR (worker IS NOT NULL AND attempted_at IS NOT NULL)",
        "urgency_known": "urgency IN (0, 1, 2)",
    },
}
PUBLISHED = (
    "CONSTRAINT fk_flows_published_number_flow_versions FOREIGN KEY (id, published_number)"
    " REFERENCES flow_versions (flow_id, number) DEFERRABLE INITIALLY DEFERRED"
)


def upgrade() -> None:
    for statement in MENDED:
        op.execute(statement)
    for table, checks in CHECKS.items():
        _constrain(table, [f"CONSTRAINT ck_{table}_{name} CHECK ({what})" for name, what in checks.items()])
    _constrain("flows", [PUBLISHED])


def _constrain(table: str, constraints: list[str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute(f"ALTER TABLE {table} {', '.join(f'ADD {constraint}' for constraint in constraints)}")
        return
    words = sqlite_tables.said(connection, table)
    sqlite_tables.say(connection, table, f"{words[: words.rindex(')')]}, {', '.join(constraints)})")
