"""The demo's shop: two campaigns with serials, a store, three people who log in, and the example flows."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from commands import campaign_file, campaign_plan
from commands.flow_publishing import publish_files
from core import campaigns, clock, serials, users
from core.imports import generating
from core.imports.generating import Pattern
from core.users import Role
from db.database import Database
from db.tables import Pack
from settings import Settings

ROOT = Path(__file__).parent.parent
CAMPAIGNS = ROOT / "demo" / "campaigns.yaml"
FLOWS = ROOT / "flows"
PATTERN, UNIQUE_SERIALS = Pattern("TEA-##########"), 1000
FIXED = ("COOKIE@5841", 1000)
PEOPLE: tuple[tuple[Role, str | None], ...] = (("owner", None), ("marketer", None), ("staff", "信義店 Xinyi"))


def seed(database: Database, settings: Settings) -> Iterator[str]:
    """Fill an empty shop and publish the flows; says what was added. What is there already is left as it is."""
    with database.write() as session:
        lines = [*_campaigns(session, settings), *_people(session)]
    yield from lines
    yield from publish_files(database, sorted(FLOWS.glob("*.yaml")), keep_console=True)


def _campaigns(session: Session, settings: Settings) -> Iterator[str]:
    now = clock.now()
    for entry in campaign_file.read(CAMPAIGNS, settings.shop_timezone):
        if campaigns.by_slug(session, entry.spec.slug):
            continue
        campaign, _ = campaigns.apply(session, campaign_plan.stored(session, entry), now)
        pack = _pack(session, campaign.id, campaign.slug)
        yield f"Added the campaign {campaign.slug} with {pack.size:,} serials."


def _pack(session: Session, campaign_id: int, slug: str) -> Pack:
    if slug == "welcome-gift":
        return serials.add_fixed(session, campaign_id, *FIXED, clock.now())
    file = "\n".join(["serial", *generating.codes(PATTERN, UNIQUE_SERIALS)])
    return serials.import_csv(session, campaign_id, file.encode(), clock.now())


def _people(session: Session) -> Iterator[str]:
    for role, store in PEOPLE:
        if users.id_of(session, role) is None:
            password = secrets.token_urlsafe(9)
            users.create(session, role, password, role, store, clock.now())
            yield f"Added the {role} account: user name {role}, password {password} (shown only now)."
