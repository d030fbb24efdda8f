"""Every lock in one place.

Rules: take locks first in a transaction, before reading what they guard; contacts before campaigns; several of a kind
in the order of their ids; no network call while one is held. On SQLite a writing transaction already excludes every
other, so these are only the plain SELECT.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.tables import Campaign, Contact


def campaign(session: Session, campaign_id: int) -> Campaign:
    """The campaign, with nobody else giving out its serials or changing it until this transaction ends.

    NO KEY UPDATE, because every new coupon's foreign key takes a KEY SHARE lock on this row: sending goes on meanwhile.
    """
    return session.execute(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()


def contact(session: Session, contact_id: int) -> Contact:
    """The contact, with nobody else stepping its conversation or sending to it until this transaction ends."""
    return session.execute(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True),
    ).scalar_one()
