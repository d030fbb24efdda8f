"""Campaigns: what is given away, when, how often, and how it looks."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import Campaign, Claim, Coupon, Pack, Redemption, ReturnedSerial, Verification

BARCODES = ("qr", "code39", "code128")
EXPIRES_FROM = ("sending", "redemption")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class CampaignError(ValueError):
    """A campaign that cannot be as asked; the message names the field, what was found and what is expected."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything a marketer decides about a campaign.

    Times are aware; `expires_after_seconds` counts from `expires_from` ('sending' or 'redemption'); `image_id` names
    a stored picture.
    """

    slug: str
    name: str
    instructions: str = ""
    sends_from: datetime | None = None
    sends_until: datetime | None = None
    expires_from: str
    expires_after_seconds: int
    redemption_limit: int = 1
    image_id: str | None = None
    barcode: str = "qr"
    background_color: str = "#FFF7ED"
    button_color: str = "#C2410C"
    button_text_color: str = "#FFFFFF"
    has_verify_button: bool = False
    is_published: bool = True
    used_in: str = "both"
    products_url: str | None = None
    shown_until: datetime | None = None
    total_limit: int | None = None
    language: str = "zh-TW"
    sold_out_text: str = ""
    expired_text: str = ""
    translations: dict[str, Any] = field(default_factory=dict)


def apply(session: Session, spec: Spec, now: datetime) -> tuple[Campaign, str]:
    """Create the campaign or change it to be as `spec` says; the second value is 'created', 'changed' or 'unchanged'.

    Raises:
        CampaignError: a field that cannot be as asked. Nothing is changed then.
    """
    check(spec)
    campaign = locks.campaign_alone(session, spec.slug)
    if campaign is None:
        campaign = Campaign(**vars(spec), created_at=now, updated_at=now)
        session.add(campaign)
        session.flush()
        return campaign, "created"
    changed = {name: value for name, value in vars(spec).items() if getattr(campaign, name) != value}
    if "barcode" in changed and _has_packs(session, campaign.id):
        raise CampaignError("barcode cannot change once the campaign has serials: they were checked against it.")
    for name, value in changed.items():
        setattr(campaign, name, value)
    campaign.updated_at = now if changed else campaign.updated_at
    return campaign, "changed" if changed else "unchanged"


def check(spec: Spec) -> None:
    """Raise CampaignError for the first field that cannot be as asked."""
    if not SLUG.fullmatch(spec.slug) or len(spec.slug) > 64:  # noqa: PLR2004 (the column's width)
        raise CampaignError(
            f"campaign is {spec.slug!r}; expected up to 64 of a-z, 0-9 and single hyphens, such as summer-tea."
        )
    if not 1 <= len(spec.name.strip()) <= 100:  # noqa: PLR2004 (the column's width)
        raise CampaignError(f"name has {len(spec.name)} characters; expected 1 to 100.")
    if spec.sends_from and spec.sends_until and spec.sends_from >= spec.sends_until:
        raise CampaignError("sending period ends before it begins; expected sends from earlier than sends until.")
    if spec.expires_from not in EXPIRES_FROM:
        raise CampaignError(f"expires from is {spec.expires_from!r}; expected one of {', '.join(EXPIRES_FROM)}.")
    if spec.expires_after_seconds < 1:
        raise CampaignError("expires after must be longer than nothing, such as 7 days or 30 minutes.")
    if spec.redemption_limit < 1:
        raise CampaignError(f"redemption limit is {spec.redemption_limit}; expected 1 or more.")
    if spec.barcode not in BARCODES:
        raise CampaignError(f"barcode is {spec.barcode!r}; expected one of {', '.join(BARCODES)}.")
    for name in ("background_color", "button_color", "button_text_color"):
        if not COLOR.fullmatch(getattr(spec, name)):
            raise CampaignError(
                f"{name.replace('_', ' ')} is {getattr(spec, name)!r}; expected a colour such as #C2410C."
            )


def by_slug(session: Session, slug: str) -> Campaign | None:
    """The campaign of that name, or None."""
    return session.scalar(select(Campaign).where(Campaign.slug == slug))


def end(session: Session, slug: str, now: datetime) -> Campaign | Refused:
    """Send and redeem nothing more of the campaign; what was redeemed can still be verified. Twice changes nothing.

    Refused: UNKNOWN_CAMPAIGN.
    """
    return _set_ended(session, slug, now)


def resume(session: Session, slug: str) -> Campaign | Refused:
    """Take an end back. Refused: UNKNOWN_CAMPAIGN."""
    return _set_ended(session, slug, None)


def _set_ended(session: Session, slug: str, at: datetime | None) -> Campaign | Refused:
    found = by_slug(session, slug)
    if found is None:
        return Refused(Reason.UNKNOWN_CAMPAIGN, slug)
    campaign = locks.campaign(session, found.id)
    campaign.ended_at = at and (campaign.ended_at or at)
    return campaign


def slugs(session: Session) -> list[str]:
    """The names of all campaigns, in order."""
    return list(session.scalars(select(Campaign.slug).order_by(Campaign.slug)))


def ends_of_sending(session: Session) -> dict[str, datetime]:
    """When the campaigns that have an end stop being sent, by their names: at the end set, or when they were ended."""
    ends = session.execute(select(Campaign.slug, Campaign.sends_until).where(Campaign.sends_until.is_not(None)))
    return {slug: until for slug, until in ends if until is not None}


def beginnings_of_sending(session: Session) -> dict[str, datetime]:
    """When the campaigns that have a beginning can be sent from, by their names."""
    begins = session.execute(select(Campaign.slug, Campaign.sends_from).where(Campaign.sends_from.is_not(None)))
    return {slug: since for slug, since in begins if since is not None}


def _has_packs(session: Session, campaign_id: int) -> bool:
    return session.scalar(select(Pack.id).where(Pack.campaign_id == campaign_id).limit(1)) is not None


@dataclass(frozen=True)
class Figures:
    """How far a campaign's coupons have come, how many serials are left, and how many claims wait."""

    campaign: Campaign
    sent: int
    opened: int
    redeemed: int
    verified: int
    stock: int
    waiting: int


def figures(session: Session) -> list[Figures]:
    """Every campaign with its numbers, newest first."""
    sent = _count_by_campaign(session, select(Coupon.campaign_id, func.count()).group_by(Coupon.campaign_id))
    opened = _count_by_campaign(
        session, select(Coupon.campaign_id, func.count(Coupon.opened_at)).group_by(Coupon.campaign_id)
    )
    redeemed = _count_by_campaign(
        session, select(Redemption.campaign_id, func.count()).group_by(Redemption.campaign_id)
    )
    verified = _count_by_campaign(
        session,
        select(Redemption.campaign_id, func.count()).join(Verification).group_by(Redemption.campaign_id),
    )
    is_used = Pack.withdrawn_at.is_(None)
    stock = _count_by_campaign(
        session, select(Pack.campaign_id, func.sum(Pack.size - Pack.taken)).where(is_used).group_by(Pack.campaign_id)
    )
    returned = _count_by_campaign(
        session,
        select(Pack.campaign_id, func.count()).join(ReturnedSerial).where(is_used).group_by(Pack.campaign_id),
    )
    stock = {key: int(stock.get(key, 0)) + int(returned.get(key, 0)) for key in stock}
    waiting = _count_by_campaign(
        session,
        select(Claim.campaign_id, func.count()).where(Claim.answered_at.is_(None)).group_by(Claim.campaign_id),
    )
    return [
        Figures(c, *(int(counts.get(c.id, 0)) for counts in (sent, opened, redeemed, verified, stock, waiting)))
        for c in session.scalars(select(Campaign).order_by(Campaign.id.desc()))
    ]


def _count_by_campaign(session: Session, statement: object) -> dict[int, int]:
    return dict(session.execute(statement).all())  # type: ignore[call-overload]  # many shapes, one result
