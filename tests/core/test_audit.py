"""What people did is kept, whoever would have it otherwise."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core import audit
from core.audit import Deed, Doer
from db.database import Database
from db.tables import AuditEntry

DEED = Deed("campaign.changed", "campaign", "summer-tea", {"before": {"name": "Tea"}, "after": {"name": "Iced tea"}})


def test_a_deed_is_kept_with_who_did_what_when(database: Database, now: datetime) -> None:
    with database.write() as session:
        audit.record(session, Doer(), DEED, now)
    with database.read() as session:
        (entry,) = session.scalars(select(AuditEntry)).all()
    assert (entry.at, entry.user_id, entry.actor, entry.action) == (now, None, "flask", "campaign.changed")
    assert (entry.subject_kind, entry.subject, entry.detail) == ("campaign", "summer-tea", dict(DEED.detail))


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET actor = 'nobody'", "DELETE FROM audit_entries"])
def test_nobody_changes_or_removes_what_was_kept(database: Database, now: datetime, statement: str) -> None:
    with database.write() as session:
        audit.record(session, Doer(), DEED, now)
    with pytest.raises(DBAPIError, match="keeps what it was told"), database.write() as session:
        session.execute(text(statement))
    with database.read() as session:
        assert [entry.actor for entry in session.scalars(select(AuditEntry))] == ["flask"]
