"""Where a campaign stands between an idea and the archive."""

from datetime import datetime
from enum import StrEnum

from db.tables import Campaign


class Status(StrEnum):
    """A draft is not sent yet; a scheduled one waits for its beginning; an ended one sends nothing any more."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"
    ARCHIVED = "archived"


def status(campaign: Campaign, now: datetime) -> Status:
    """The campaign's status at `now`: ended at its date, when its coupons can be shown no more, or by a person."""
    if campaign.archived_at:
        return Status.ARCHIVED
    if not campaign.is_published:
        return Status.DRAFT
    ends = (campaign.ended_at, campaign.sends_until, campaign.shown_until)
    if any(at and now >= at for at in ends):
        return Status.ENDED
    return Status.SCHEDULED if campaign.sends_from and now < campaign.sends_from else Status.RUNNING
