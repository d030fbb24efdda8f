"""The stores in which a campaign is honoured: by their names, as people choose them, and kept by their ids."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.campaigns.checks import Mistake
from db.tables import Campaign, CampaignStore, Store


def names(session: Session) -> list[str]:
    """The names of all stores, in order; a closed one is among them."""
    return sorted(session.scalars(select(Store.name)))


def unknown(chosen: Collection[str], known: Collection[str]) -> Iterator[Mistake]:
    """A mistake for each of the chosen stores that there is not."""
    there = "、".join(known), ", ".join(known)
    for name in sorted(set(chosen) - set(known)):
        yield Mistake(
            "stores",
            "store_unknown",
            f"沒有「{name}」這間門市；有的是：{there[0] or '（還沒有門市）'}。",
            f"there is no store {name!r}; expected one of: {there[1] or 'none yet'}.",
        )


def keep(session: Session, campaign: Campaign, chosen: Sequence[str]) -> None:
    """Have the campaign's coupons honoured in the stores of these names alone; of none, in all."""
    session.flush()
    session.execute(delete(CampaignStore).where(CampaignStore.campaign_id == campaign.id))
    ids = session.scalars(select(Store.id).where(Store.name.in_(chosen))).all() if chosen else []
    if ids:
        session.execute(insert(CampaignStore), [{"campaign_id": campaign.id, "store_id": one} for one in ids])
    session.expire(campaign, ["honoured_in"])
