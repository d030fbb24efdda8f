"""What must always hold, each as a query that finds where it does not. Read-only: safe on a live shop.

`flask doctor` runs them, and every test that races, kills or restarts something ends with them. The constraints keep
most of these from ever being broken; a backup put together wrongly or a hand in the database is found here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import chat_invariants, limits, records_invariants
from core.imports import invariants as import_invariants
from core.invariant import Invariant, twice
from core.reasons import Reason
from db.tables import (
    Campaign,
    Claim,
    Contact,
    Coupon,
    Pack,
    PersonMerge,
    Redemption,
    ReturnedSerial,
    Serial,
    UndoneRedemption,
    Verification,
)

SHOWN = 10  # examples of each that is broken
REDEEMED = "redeemed"


@dataclass(frozen=True)
class Finding:
    """An invariant and the first places where it is broken; none where it holds."""

    invariant: Invariant
    examples: Sequence[str]


def check(session: Session) -> list[Finding]:
    """Every invariant with what breaks it."""
    found = []
    for invariant in INVARIANTS:
        rows = session.execute(invariant.broken.limit(SHOWN)).all()
        names = [_name(column) for column in invariant.broken.column_descriptions]
        found.append(Finding(invariant, [_said(names, row) for row in rows]))
    return found


def _name(column: Any) -> str:  # noqa: ANN401 (SQLAlchemy's description of a column)
    """As it is written in SQL, for whoever looks at the rows by hand: packs.taken; a count has only its name."""
    what = column["expr"]
    return f"{column['entity'].__tablename__}.{what.key}" if isinstance(what, InstrumentedAttribute) else what.name


def _said(names: Sequence[str], row: Sequence[Any]) -> str:
    return ", ".join(f"{name} = {'NULL' if cell is None else cell}" for name, cell in zip(names, row, strict=True))


def _count(table: Any, *conditions: ColumnElement[bool]) -> Any:  # noqa: ANN401 (a scalar subquery)
    return select(func.count()).select_from(table).where(*conditions).correlate(Pack).scalar_subquery()


_given = _count(Redemption, Redemption.pack_id == Pack.id)
_returned = _count(ReturnedSerial, ReturnedSerial.pack_id == Pack.id)
_redeemed = (
    select(func.count())
    .select_from(Redemption)
    .where(Redemption.campaign_id == Campaign.id)
    .correlate(Campaign)
    .scalar_subquery()
)
_burnt = _count(UndoneRedemption, UndoneRedemption.pack_id == Pack.id, UndoneRedemption.is_burnt.is_(True))
_imported = _count(Serial, Serial.pack_id == Pack.id)

_open_claim = select(Claim.id).where(Claim.coupon_id == Coupon.id, Claim.answered_at.is_(None)).exists()
_redemption = select(Redemption.id).where(Redemption.coupon_id == Claim.coupon_id).exists()
_undone = select(UndoneRedemption.id).where(UndoneRedemption.coupon_id == Claim.coupon_id).exists()

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "one_coupon_a_serial", "No serial was given to two coupons.", twice(Redemption.pack_id, Redemption.position)
    ),
    Invariant("one_serial_a_coupon", "No coupon has two serials.", twice(Redemption.coupon_id)),
    Invariant(
        "redemption_whole",
        "Every redemption has its coupon and its pack.",
        select(Redemption.id, Redemption.coupon_id, Redemption.pack_id)
        .outerjoin(Coupon, Coupon.id == Redemption.coupon_id)
        .outerjoin(Pack, Pack.id == Redemption.pack_id)
        .where(or_(Coupon.id.is_(None), Pack.id.is_(None))),
    ),
    Invariant(
        "coupon_whole",
        "Every coupon has its campaign and the contact that it was sent to.",
        select(Coupon.id, Coupon.campaign_id, Coupon.contact_id)
        .outerjoin(Campaign, Campaign.id == Coupon.campaign_id)
        .outerjoin(Contact, Contact.id == Coupon.contact_id)
        .where(or_(Campaign.id.is_(None), Contact.id.is_(None))),
    ),
    Invariant(
        "verification_whole",
        "Every verification has its redemption.",
        select(Verification.redemption_id)
        .outerjoin(Redemption, Redemption.id == Verification.redemption_id)
        .where(Redemption.id.is_(None)),
    ),
    Invariant(
        "redemption_has_code",
        "Every redemption of a pack of unique serials has its code.",
        select(Redemption.coupon_id, Redemption.pack_id, Redemption.position)
        .join(Pack, and_(Pack.id == Redemption.pack_id, Pack.fixed_code.is_(None)))
        .outerjoin(Serial, and_(Serial.pack_id == Redemption.pack_id, Serial.position == Redemption.position))
        .where(Serial.pack_id.is_(None)),
    ),
    Invariant(
        "position_in_pack",
        "Every redemption has a position that its pack has given out.",
        select(Redemption.coupon_id, Redemption.pack_id, Redemption.position)
        .join(Pack, Pack.id == Redemption.pack_id)
        .where(or_(Redemption.position < 1, Redemption.position > Pack.taken)),
    ),
    Invariant(
        "serial_there",
        "Every position of a pack of unique serials has its code.",
        select(Pack.id, Pack.size, _imported.label("serials")).where(
            Pack.fixed_code.is_(None), Pack.is_whole, Pack.size != _imported
        ),
    ),
    Invariant(
        "one_place_a_code",
        "No code is twice in a campaign.",
        twice(Serial.code, Serial.campaign_id),  # in the order of the index, which is then read as it stands
    ),
    Invariant(
        "taken_is_given",
        "What a pack has given out is what coupons have, what came back and what is burnt.",
        select(
            Pack.id,
            Pack.taken,
            _given.label("redemptions"),
            _returned.label("returned_serials"),
            _burnt.label("burnt"),
        ).where(Pack.taken != _given + _returned + _burnt),
    ),
    Invariant(
        "taken_within_size",
        "No pack gave out more than its size.",
        select(Pack.id, Pack.taken, Pack.size).where(Pack.taken > Pack.size),
    ),
    Invariant(
        "returned_is_free",
        "No serial that came back is still a coupon's, and each was taken before.",
        select(ReturnedSerial.pack_id, ReturnedSerial.position)
        .join(Pack, Pack.id == ReturnedSerial.pack_id)
        .outerjoin(
            Redemption,
            and_(Redemption.pack_id == ReturnedSerial.pack_id, Redemption.position == ReturnedSerial.position),
        )
        .where(
            or_(Redemption.id.is_not(None), ReturnedSerial.position < 1, ReturnedSerial.position > Pack.taken),
        ),
    ),
    Invariant(
        "returned_was_undone",
        "Every serial that came back was a coupon's whose redemption was undone.",
        select(ReturnedSerial.pack_id, ReturnedSerial.position)
        .outerjoin(
            UndoneRedemption,
            and_(
                UndoneRedemption.pack_id == ReturnedSerial.pack_id,
                UndoneRedemption.position == ReturnedSerial.position,
            ),
        )
        .where(UndoneRedemption.id.is_(None)),
    ),
    Invariant(
        "within_limit",
        "Nobody redeemed a campaign more often than the limit in force, but for what a merge of persons brought.",
        select(
            Redemption.campaign_id,
            Redemption.person_id,
            func.count().label("redemptions"),
            func.max(Redemption.redemption_limit).label("limit_in_force"),
        )
        .group_by(Redemption.campaign_id, Redemption.person_id)
        .having(
            func.count() - func.count(Redemption.merge_id)
            > func.max(case((Redemption.merge_id.is_(None), Redemption.redemption_limit), else_=0)),
        ),
    ),
    Invariant(
        "ordinals_distinct",
        "No two of a person's redemptions of a campaign have the same number.",
        twice(Redemption.campaign_id, Redemption.person_id, Redemption.ordinal),
    ),
    Invariant(
        "ordinals_within_limit",
        "A person's redemptions of a campaign are numbered from 1 to the limit in force.",
        select(Redemption.coupon_id, Redemption.ordinal, Redemption.redemption_limit).where(
            or_(Redemption.ordinal < 1, Redemption.ordinal > Redemption.redemption_limit)
        ),
    ),
    Invariant(
        "redeemed_by_its_person",
        "A redemption counts under the person whose contact has the coupon, or under the contact's own.",
        select(Redemption.coupon_id, Redemption.person_id, Contact.person_id, Contact.first_person_id)
        .join(Coupon, Coupon.id == Redemption.coupon_id)
        .join(Contact, Contact.id == Coupon.contact_id)
        .join(Campaign, Campaign.id == Coupon.campaign_id)
        .where(Redemption.person_id != limits.COUNTED_UNDER),
    ),
    Invariant(
        "total_limit_counts",
        "What is left of a campaign's total limit is what was not redeemed, and never less than nothing.",
        select(Campaign.id, Campaign.total_limit, Campaign.total_left, _redeemed.label("redemptions")).where(
            Campaign.total_limit.is_not(None),
            or_(Campaign.total_left < 0, Campaign.total_limit - Campaign.total_left != _redeemed),
        ),
    ),
    Invariant(
        "drafts_are_unsent",
        "No coupon of a draft was sent.",
        select(Campaign.id).where(
            Campaign.is_published.is_(False), select(Coupon.id).where(Coupon.campaign_id == Campaign.id).exists()
        ),
    ),
    Invariant(
        "merged_are_gone",
        "A person who was merged into another has no contact any more.",
        select(PersonMerge.gone_id, Contact.id).join(Contact, Contact.person_id == PersonMerge.gone_id),
    ),
    Invariant(
        "one_campaign",
        "A coupon, its redemption and its serial are of one campaign.",
        select(Redemption.coupon_id, Redemption.campaign_id, Coupon.campaign_id, Pack.campaign_id)
        .join(Coupon, Coupon.id == Redemption.coupon_id)
        .join(Pack, Pack.id == Redemption.pack_id)
        .where(or_(Redemption.campaign_id != Coupon.campaign_id, Pack.campaign_id != Coupon.campaign_id)),
    ),
    Invariant(
        "claim_of_its_campaign",
        "Every claim has its coupon, and stands in the mailbox of that coupon's campaign.",
        select(Claim.id, Claim.coupon_id, Claim.campaign_id, Coupon.campaign_id)
        .outerjoin(Coupon, Coupon.id == Claim.coupon_id)
        .where(Claim.campaign_id.is_distinct_from(Coupon.campaign_id)),
    ),
    Invariant(
        "times_in_order",
        "Sent, opened, redeemed and verified follow each other, and what is redeemed was opened.",
        select(Coupon.id, Coupon.sent_at, Coupon.opened_at, Redemption.redeemed_at, Verification.verified_at)
        .outerjoin(Redemption, Redemption.coupon_id == Coupon.id)
        .outerjoin(Verification, Verification.redemption_id == Redemption.id)
        .where(
            or_(
                Coupon.opened_at < Coupon.sent_at,
                Redemption.redeemed_at < Coupon.opened_at,
                and_(Redemption.id.is_not(None), Coupon.opened_at.is_(None)),
                Verification.verified_at < Redemption.redeemed_at,
            )
        ),
    ),
    Invariant("verified_once", "No coupon was verified twice.", twice(Verification.redemption_id)),
    Invariant(
        "one_claim_waits",
        "No coupon has more than one unanswered claim.",
        twice(Claim.coupon_id).where(Claim.answered_at.is_(None)),
    ),
    Invariant(
        "claims_answered_once",
        "Every claim is unanswered, or has the time and the outcome of its answer.",
        select(Claim.id, Claim.coupon_id, Claim.claimed_at, Claim.answered_at, Claim.outcome).where(
            or_(Claim.answered_at.is_(None) != Claim.outcome.is_(None), Claim.answered_at < Claim.claimed_at)
        ),
    ),
    Invariant(
        "outcomes_known",
        "Every claim's outcome is 'redeemed' or a reason.",
        select(Claim.id, Claim.outcome).where(Claim.outcome.not_in([REDEEMED, *Reason])),
    ),
    Invariant(
        "redeemed_is_kept",
        "Every claim answered with a serial has it, or had it until it was undone.",
        select(Claim.id, Claim.coupon_id).where(Claim.outcome == REDEEMED, ~_redemption, ~_undone),
    ),
    *import_invariants.INVARIANTS,
    *chat_invariants.INVARIANTS,
    *records_invariants.INVARIANTS,
)


def unanswered(session: Session) -> int:
    """How many coupons wait for an answer: none, once a shop has come to rest."""
    return session.scalar(select(func.count()).select_from(Coupon).where(_open_claim)) or 0
