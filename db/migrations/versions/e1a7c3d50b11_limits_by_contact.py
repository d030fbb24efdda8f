"""limits by contact: what they count by, and under which person a contact counts alone.

Contacts that were merged already get back the person that they were made with: persons and their contacts were made in
pairs, so that their order tells which is whose. None of it was counted by contact so far, so that any pairing holds.
"""

import sqlalchemy as sa
from alembic import op

from db.base import BigId

revision = "e1a7c3d50b11"
down_revision = "d4f8a2c61e70"
branch_labels = None
depends_on = None

IS_SET = sa.text("first_person_id IS NOT NULL")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE campaigns ADD COLUMN limit_by VARCHAR(8) DEFAULT 'person' NOT NULL"
        " CONSTRAINT ck_campaigns_limit_by_known CHECK (limit_by IN ('person', 'contact'))"
    )
    integer = BigId.compile(op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE contacts ADD COLUMN first_person_id {integer}"
        " CONSTRAINT fk_contacts_first_person_id_persons REFERENCES persons (id)"
    )
    _give_back_first_persons()
    op.create_index(
        "uq_contacts_first_person_id",
        "contacts",
        ["first_person_id"],
        unique=True,
        sqlite_where=IS_SET,
        postgresql_where=IS_SET,
    )


def _give_back_first_persons() -> None:
    connection = op.get_bind()
    kept_of = {gone: kept for kept, gone in connection.execute(sa.text("SELECT kept_id, gone_id FROM person_merges"))}
    persons: dict[int, list[int]] = {}
    for gone in kept_of:
        last = gone
        while last in kept_of:
            last = kept_of[last]
        persons.setdefault(last, [last]).append(gone)
    for person, firsts in persons.items():
        contacts = connection.execute(
            sa.text("SELECT id FROM contacts WHERE person_id = :person ORDER BY id"), {"person": person}
        ).scalars()
        for contact, first in zip(contacts.all(), sorted(firsts), strict=False):
            if first != person:
                connection.execute(
                    sa.text("UPDATE contacts SET first_person_id = :first WHERE id = :contact"),
                    {"first": first, "contact": contact},
                )
