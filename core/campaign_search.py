"""Finding campaigns: by words and by status, the newest first, a page at a time."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import serials
from core.campaigns import Status, every, status
from db.tables import Campaign

PAGE = 25  # campaigns


@dataclass(frozen=True)
class Found:
    """A campaign in the list, with where it stands."""

    campaign: Campaign
    status: Status


@dataclass(frozen=True)
class Page:
    """Some campaigns, `number` counts pages from 1; how many there are in each status, whatever is shown."""

    rows: Sequence[Found]
    number: int
    pages: int
    counts: dict[Status, int]


def find(session: Session, words: str, show: Status | None, number: int, now: datetime) -> Page:
    """The campaigns whose name, in any language, or slug has `words`; of one status, or all that are not archived.

    A shop has hundreds at most: they are read and looked at here, so that where one stands is a rule in one place,
    and small letters find capitals in any script, which SQLite cannot.
    """
    wanted = words.casefold()
    fitting = [
        Found(campaign, status(campaign, now))
        for campaign in every(session)
        if any(wanted in name.casefold() for name in _names(campaign))
    ]
    counts = {one: sum(found.status is one for found in fitting) for one in Status}
    shown = [one for one in fitting if (one.status is show if show else one.status is not Status.ARCHIVED)]
    pages = max(1, -(-len(shown) // PAGE))
    number = min(max(1, number), pages)
    return Page(shown[(number - 1) * PAGE : number * PAGE], number, pages, counts)


def stocks(session: Session, campaign_ids: Collection[int]) -> dict[int, int]:
    """How many serials are left of each of these campaigns."""
    rows = session.execute(select(Campaign.id, serials.stock_of(Campaign.id)).where(Campaign.id.in_(campaign_ids)))
    return {campaign_id: int(left) for campaign_id, left in rows}


def _names(campaign: Campaign) -> list[str]:
    return [campaign.slug, campaign.name, *(str(texts.get("name", "")) for texts in campaign.translations.values())]
