"""The product on one database, as a story has it: how it begins there, what its pages show, and what it answers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from core import claims, contacts, coupon_view
from core.campaigns import Spec
from core.claims import Claimed
from core.coupons import Sent
from core.refusal import Refused
from core.undo import Undone
from core.verification import Verified
from db.base import Base
from db.database import Database
from db.tables import PersonMerge, RecordFeed
from tests import cast
from tests.proof import model

CONTACTS = 4


@dataclass
class Side:
    """The product on one database: its names for what the model counts."""

    database: Database
    specs: list[Spec]
    campaign_ids: list[int]
    accounts: list[tuple[str, str]]
    person_ids: list[int]
    tokens: list[str]
    coupon_ids: list[int]
    pack_ids: list[list[int]]


@contextlib.contextmanager
def _unkept(session: Session) -> Iterator[None]:
    """Without the triggers by which nobody removes what was kept: a new story needs an empty shop."""
    if session.get_bind().dialect.name == "postgresql":
        switch = "ALTER TABLE {} {} TRIGGER USER"
        kept = session.scalars(text("SELECT DISTINCT event_object_table FROM information_schema.triggers")).all()
        off = [switch.format(table, "DISABLE") for table in kept]
        on = [switch.format(table, "ENABLE") for table in kept]
    else:
        kept = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        off, on = [f"DROP TRIGGER {name}" for name, _ in kept], [made for _, made in kept]
    for statement in off:
        session.execute(text(statement))
    yield
    for statement in on:
        session.execute(text(statement))


def opened(database: Database, shop: model.Shop, now: datetime) -> Side:
    """The shop of a new story; nothing of the one before is left."""
    side = Side(database, [], [], [("line", f"contact-{number}") for number in range(CONTACTS)], [], [], [], [])
    with database.write() as session:
        with _unkept(session):
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != "record_feeds":  # the migration made these
                    session.execute(table.delete())
        session.execute(update(RecordFeed).values(seen=0, seen_at=None, goal=0, goal_at=None, goal_transaction=0))
        for number, campaign in enumerate(shop.campaigns):
            spec = replace(
                cast.TEA,
                slug=f"campaign-{number}",
                redemption_limit=campaign.limit,
                total_limit=campaign.total,
                limit_by="contact" if campaign.is_by_contact else "person",
                expires_from="redemption" if campaign.counts_from_redemption else "sending",
                expires_after_seconds=int(campaign.lasts.total_seconds()),
            )
            side.specs.append(spec)
            side.campaign_ids.append(cast.campaign(session, now, spec, codes=0).id)
            side.pack_ids.append([])
        side.person_ids.extend(contacts.ensure(session, *account, now).person_id for account in side.accounts)
    return side


def shown(session: Session, token: str, now: datetime) -> tuple[str, str | None, str | None]:
    view = coupon_view.look(session, token, now)
    assert view is not None
    return view.state, view.reason, view.serial


def word(outcome: object) -> str:
    if isinstance(outcome, Refused):
        return outcome.reason
    words = {Sent: "sent", Claimed: "claimed", claims.AlreadyRedeemed: "redeemed", Verified: "verified"}
    return {**words, Undone: "undone", PersonMerge: "merged"}[type(outcome)]
