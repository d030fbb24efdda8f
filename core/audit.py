"""The audit log: what people did in the shop's name, written in the transaction of the deed and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.tables import AuditEntry

COMMAND_LINE = "flask"  # whoever has a shell on the machine


@dataclass(frozen=True)
class Doer:
    """Who does something: a user, or somebody at the command line (no id)."""

    user_id: int | None = None
    name: str = COMMAND_LINE


@dataclass(frozen=True)
class Deed:
    """What was done to what: an action such as 'campaign.changed', and the slug, id or name of its subject.

    `detail` is JSON for people to read later: what it was before and is now, numbers, a reason. No secret goes in.
    """

    action: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Any]


def record(session: Session, doer: Doer, deed: Deed, now: datetime) -> None:
    """Keep `deed`. Call it in the transaction in which it is done, so that neither stands without the other."""
    session.add(
        AuditEntry(
            at=now,
            user_id=doer.user_id,
            actor=doer.name,
            action=deed.action,
            subject_kind=deed.subject_kind,
            subject=deed.subject,
            detail=dict(deed.detail),
        ),
    )
