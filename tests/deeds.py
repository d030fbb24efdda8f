"""What the audit log has."""

from sqlalchemy import select

from db.database import Database
from db.tables import AuditEntry


def deeds(database: Database, kind: str = "%") -> list[tuple[str, str, str]]:
    """Who did what to what (to subjects of this kind), in order."""
    entries = select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).where(AuditEntry.subject_kind.like(kind))
    with database.read() as session:
        return [(*row,) for row in session.execute(entries.order_by(AuditEntry.id))]
