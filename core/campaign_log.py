"""What was done to a campaign, as the audit log has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaigns import Difference
from core.campaigns.differences import unpacked
from core.campaigns.history import KIND
from db.tables import AuditEntry


@dataclass(frozen=True)
class Entry:
    """One deed: who, when, in the console or by a file, what ('campaign.changed'), what of it was told."""

    at: datetime
    actor: str
    action: str
    where: str
    differences: tuple[Difference, ...]
    detail: Mapping[str, Any]


def of_campaign(session: Session, slug: str, newest: int) -> Sequence[Entry]:
    """The `newest` deeds, the latest first."""
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == KIND, AuditEntry.subject == slug)
        .order_by(AuditEntry.id.desc())
        .limit(newest)
    )
    return [
        Entry(one.at, one.actor, one.action, str(one.detail.get("where", "")), unpacked(one.detail), one.detail)
        for one in entries
    ]
