"""What of a campaign was refused: coupons that were asked for and not sent, and taps on Redeem that got no serial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy import Select, literal, literal_column, select
from sqlalchemy.orm import Session

from db.tables import Claim, Contact, Coupon, Flow, FlowVersion, SendRefusal

PAGE = 50

Kind = Literal["sending", "redeeming"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Refusal:
    """One that was refused, with its reason code. `reference` is its coupon's, where it had one."""

    number: int
    at: datetime
    reason: str
    contact_id: int
    channel: str
    contact: str
    flow: str | None
    reference: str | None


@dataclass(frozen=True)
class Page:
    """Some refusals, the newest first, and the numbers before which and after which there are more."""

    refusals: Sequence[Refusal]
    before: int | None
    after: int | None


def page(
    session: Session,
    campaign_id: int,
    kind: Kind,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> Page:
    """The refusals after a number (older ones), or those just before one, or the newest."""
    statement, number = _SENDING if kind == "sending" else _REDEEMING
    statement = statement.where((SendRefusal if kind == "sending" else Claim).campaign_id == campaign_id)
    if before:
        rows = session.execute(statement.where(number > before).order_by(number).limit(size + 1)).all()
        found = [Refusal(*row) for row in rows[:size][::-1]]
        is_before, is_after = len(rows) > size, True
    else:
        older = statement.where(number < after) if after else statement
        rows = session.execute(older.order_by(number.desc()).limit(size + 1)).all()
        found = [Refusal(*row) for row in rows[:size]]
        is_before, is_after = after is not None, len(rows) > size
    first, last = (found[0].number, found[-1].number) if found else (None, None)
    return Page(found, first if is_before else None, last if is_after else None)


def _with_flow(statement: Select[*tuple[Any, ...]], version_id: Any) -> Select[*tuple[Any, ...]]:  # noqa: ANN401
    of_version = statement.outerjoin(FlowVersion, FlowVersion.id == version_id)
    return of_version.outerjoin(Flow, Flow.id == FlowVersion.flow_id)


_SENDING = (
    _with_flow(
        select(
            SendRefusal.id,
            SendRefusal.refused_at,
            SendRefusal.reason,
            Contact.id,
            Contact.channel,
            Contact.name,
            Flow.name,
            literal(None),
        ).join(Contact, Contact.id == SendRefusal.contact_id),
        SendRefusal.flow_version_id,
    ),
    SendRefusal.id,
)
_REDEEMING = (
    _with_flow(
        select(
            Claim.id,
            Claim.answered_at,
            Claim.outcome,
            Contact.id,
            Contact.channel,
            Contact.name,
            Flow.name,
            Coupon.reference,
        )
        .join(Coupon, Coupon.id == Claim.coupon_id)
        .join(Contact, Contact.id == Coupon.contact_id),
        Coupon.flow_version_id,
    ).where(Claim.outcome != literal_column("'redeemed'")),  # in the words of the index
    Claim.id,
)
