"""How a campaign came to be as it is: every change is an entry of the audit log, and is read from there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit
from core.audit import Action, Deed, Doer
from core.campaigns.differences import Difference, packed, unpacked
from db.tables import AuditEntry, Campaign

Where = Literal["console", "file"]
KIND = "campaign"


@dataclass(frozen=True)
class Past:
    """A change that made `revision`: by whom, when, where, and what it changed."""

    revision: int
    by: str
    at: datetime
    where: str
    differences: tuple[Difference, ...]


def keep(
    session: Session, campaign: Campaign, action: Action, differences: Sequence[Difference], doer: Doer, now: datetime
) -> None:
    """Write down what was done to the campaign; its revision and where it was changed are those after it."""
    at = {"revision": campaign.revision, "where": campaign.changed_in}
    audit.record(session, doer, Deed(action, KIND, campaign.slug, at | packed(differences)), now)


def since(session: Session, slug: str, revision: int) -> list[Past]:
    """The changes of the campaign after `revision`, in their order."""
    entries = session.scalars(
        select(AuditEntry).where(AuditEntry.subject_kind == KIND, AuditEntry.subject == slug).order_by(AuditEntry.id)
    )
    changes = [_past(entry) for entry in entries if entry.action == "campaign.created" or entry.detail.get("after")]
    return [past for past in changes if past.revision > revision]


def console_changes(session: Session, campaign: Campaign, revision: int | None) -> list[Past]:
    """What was changed in the console and whoever works with a file has not seen, whose file is of `revision`.

    None, where the file does not say: then the newest changes, as far as they were made in the console.
    """
    if revision is not None and revision <= campaign.revision:
        return [past for past in since(session, campaign.slug, revision) if past.where == "console"]
    pasts = since(session, campaign.slug, 0)
    return list(takewhile(lambda past: past.where == "console", reversed(pasts)))[::-1]


def _past(entry: AuditEntry) -> Past:
    detail: dict[str, Any] = entry.detail
    where = str(detail.get("where", ""))
    return Past(int(detail.get("revision", 0)), entry.actor, entry.at, where, unpacked(detail))


def together(pasts: Iterable[Past]) -> tuple[Difference, ...]:
    """What several changes, one after the other, come to."""
    found: dict[str, Difference] = {}
    for past in pasts:
        for one in past.differences:
            first = found.get(one.field, one)
            found[one.field] = Difference(one.field, first.before, one.after)
    return tuple(one for one in found.values() if one.before != one.after)
