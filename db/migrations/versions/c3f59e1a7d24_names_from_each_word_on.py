"""contacts found by each word of their name: the name from each of its words on, in the order of an index."""

import json
import re
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from db.base import BigId

revision = "c3f59e1a7d24"
down_revision = "a1d37c9e5b02"
branch_labels = None
depends_on = None

AT_ONCE = 10_000  # contacts
PART = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
# As core/names.py had it on that day; a name that is read anew from its platform follows what it has now.
BEGINS_A_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
MOST_PARTS, LONGEST = 20, 64


def upgrade() -> None:
    """Some 3,000,000 parts of 1,000,000 names are a minute's work."""
    op.create_table(
        "contact_names",
        sa.Column("contact_id", BigId, nullable=False, autoincrement=False),
        sa.Column("part", PART, nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_contact_names_contact_id_contacts"),
        sa.PrimaryKeyConstraint("contact_id", "part", name="pk_contact_names"),
    )
    connection = op.get_bind()
    insert = "INSERT INTO contact_names (contact_id, part) "
    if connection.dialect.name == "sqlite":
        insert += "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:parts)"
    else:
        insert += (
            "SELECT CAST(value ->> 0 AS bigint), value ->> 1 FROM jsonb_array_elements(CAST(:parts AS jsonb)) AS value"
        )
    named = sa.text("SELECT id, name FROM contacts WHERE id > :after AND name <> '' ORDER BY id LIMIT :most")
    after = 0
    while rows := connection.execute(named, {"after": after, "most": AT_ONCE}).all():
        found = [[contact_id, part] for contact_id, name in rows for part in _parts(name)]
        connection.execute(sa.text(insert), {"parts": json.dumps(found)})
        after = rows[-1].id
    op.create_index("ix_contact_names_part_contact_id", "contact_names", ["part", "contact_id"])
    op.drop_index("ix_contacts_name", "contacts")


def _parts(name: str) -> list[str]:
    folded = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return list(dict.fromkeys(folded[start : start + LONGEST] for start in _starts(folded)))[:MOST_PARTS]


def _starts(folded: str) -> Iterator[int]:
    before = ""
    for place, character in enumerate(folded):
        kind = unicodedata.category(character)[0]
        if not place or BEGINS_A_WORD.match(character) or (kind in "LN" and before not in "LNM"):
            yield place
        before = kind
