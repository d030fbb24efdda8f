"""The end of a campaign, and the archive: what is done to it beside what its form says."""

from datetime import datetime

from sqlalchemy.orm import Session

from core.audit import Doer
from core.campaigns import history
from core.campaigns.lookups import by_slug
from core.campaigns.status import Status, status
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.tables import Campaign

_SOMEBODY = Doer()


def end(session: Session, slug: str, now: datetime, doer: Doer = _SOMEBODY) -> Campaign | Refused:
    """Send and redeem nothing more of the campaign; what was redeemed can still be verified. Twice changes nothing.

    Refused: UNKNOWN_CAMPAIGN.
    """
    campaign = _locked(session, slug)
    if campaign and not campaign.ended_at:
        campaign.ended_at = now
        history.keep(session, campaign, "campaign.ended", (), doer, now)
    return campaign or Refused(Reason.UNKNOWN_CAMPAIGN, slug)


def resume(session: Session, slug: str, now: datetime, doer: Doer = _SOMEBODY) -> Campaign | Refused:
    """Take an end back. Refused: UNKNOWN_CAMPAIGN, ARCHIVED (unarchive it first)."""
    campaign = _locked(session, slug)
    if campaign and campaign.archived_at:
        return Refused(Reason.ARCHIVED, slug)
    if campaign and campaign.ended_at:
        campaign.ended_at = None
        history.keep(session, campaign, "campaign.resumed", (), doer, now)
    return campaign or Refused(Reason.UNKNOWN_CAMPAIGN, slug)


def archive(session: Session, slug: str, now: datetime, doer: Doer = _SOMEBODY) -> Campaign | Refused:
    """Put a draft or an ended campaign out of the way. Its coupons stay as good as they were; twice changes nothing.

    Refused: UNKNOWN_CAMPAIGN, CAMPAIGN_STILL_RUNS (end it first).
    """
    campaign = _locked(session, slug)
    if campaign and status(campaign, now) in (Status.SCHEDULED, Status.RUNNING):
        return Refused(Reason.CAMPAIGN_STILL_RUNS, slug)
    if campaign and not campaign.archived_at:
        campaign.archived_at = now
        history.keep(session, campaign, "campaign.archived", (), doer, now)
    return campaign or Refused(Reason.UNKNOWN_CAMPAIGN, slug)


def unarchive(session: Session, slug: str, now: datetime, doer: Doer = _SOMEBODY) -> Campaign | Refused:
    """Take a campaign out of the archive, as it was. Refused: UNKNOWN_CAMPAIGN."""
    campaign = _locked(session, slug)
    if campaign and campaign.archived_at:
        campaign.archived_at = None
        history.keep(session, campaign, "campaign.unarchived", (), doer, now)
    return campaign or Refused(Reason.UNKNOWN_CAMPAIGN, slug)


def _locked(session: Session, slug: str) -> Campaign | None:
    found = by_slug(session, slug)
    return locks.campaign(session, found.id) if found else None
