"""The audit log: what people did in the shop's name, written in the transaction of the deed and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy.orm import Session

from db.tables import AuditEntry, User

COMMAND_LINE = "flask"  # whoever has a shell on the machine

# All that is kept. Codes are stored and read by other programs: one is never renamed, only added.
Action = Literal[
    "campaign.created",
    "campaign.changed",
    "campaign.published",
    "campaign.unpublished",
    "campaign.ended",
    "campaign.resumed",
    "campaign.archived",
    "campaign.unarchived",
    "pack.uploaded",
    "pack.generated",
    "pack.answered",
    "pack.chosen",
    "pack.discarded",
    "pack.added",
    "pack.withdrawn",
    "pack.restored",
    "stock_levels.changed",
    "coupon.claimed",
    "redemption.undone",
    "verification.undone",
    "user.added",
    "user.changed",
    "user.disabled",
    "user.enabled",
    "user.sessions_ended",
    "user.link_made",
    "user.link_mailed",
    "user.password_changed",
    "user.password_chosen",
    "user.recovery_code",
    "user.codes_on",
    "user.codes_off",
    "user.pin_set",
    "user.pin_removed",
    "store.added",
    "store.changed",
    "store.closed",
    "store.opened",
    "device.added",
    "device.code_made",
    "device.bound",
    "device.revoked",
    "device.renamed",
    "flow.published",
    "flow.draft_discarded",
    "flow.people_moved",
    "flow.start_stopped",
    "flow.start_resumed",
    "contact.written",
    "contact.coupon_sent",
    "contact.tagged",
    "contact.untagged",
    "contact.taken_over",
    "contact.given_back",
    "person.merged",
    "api_key.made",
    "api_key.rotated",
    "api_key.revoked",
    "webhook.added",
    "webhook.changed",
    "webhook.secret_changed",
    "webhook.disabled",
    "webhook.enabled",
    "webhook.deleted",
    "webhook.replayed",
    "conflict.settled",
]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class Doer:
    """Who does something: a user, or somebody at the command line (no id)."""

    user_id: int | None = None
    name: str = COMMAND_LINE


def somebody(session: Session, user_id: int | None) -> Doer:
    """The user with this id; None: somebody at the command line."""
    return Doer(user_id, session.get_one(User, user_id).username) if user_id is not None else Doer()


@dataclass(frozen=True)
class Deed:
    """What was done to what: the action, and the slug, id or name of its subject.

    `detail` is JSON for people to read later: what it was before and is now, numbers, a reason. No secret goes in.
    """

    action: Action
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
