"""Contacts that were merged before limits could count by contact get back the person that they were made with."""

from sqlalchemy import text

from db import schema
from db.database import Database

BEFORE = "d4f8a2c61e70"
FILL = (
    "INSERT INTO persons (id, created_at) VALUES (1, {0}), (2, {0}), (3, {0}), (4, {0}), (5, {0})",
    (
        "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at) VALUES"
        " (11, 3, 'line', 'a', '', '', '', {0}), (12, 3, 'line', 'b', '', '', '', {0}),"
        " (13, 3, 'line', 'c', '', '', '', {0}), (14, 4, 'line', 'd', '', '', '', {0})"
    ),
    (  # 1 went into 2, and 2 into 3; 5 had no contact
        "INSERT INTO person_merges (id, kept_id, gone_id, merged_at, reason) VALUES (1, 2, 1, {0}, ''),"
        " (2, 3, 2, {0}, ''), (3, 4, 5, {0}, '')"
    ),
)


def test_each_contact_has_a_person_that_no_other_has(empty_url: str) -> None:
    database = Database(empty_url)
    schema.upgrade(database, BEFORE)
    with database.write() as session:
        for statement in FILL:
            session.execute(text(statement.format("'2026-11-01 00:00:00'")))
    schema.upgrade(database)
    with database.read() as session:
        rows = session.execute(text("SELECT id, person_id, first_person_id FROM contacts ORDER BY id")).all()
    database.dispose()
    assert [tuple(row) for row in rows] == [(11, 3, 1), (12, 3, 2), (13, 3, None), (14, 4, None)]
