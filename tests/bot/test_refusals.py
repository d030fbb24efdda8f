"""Each refusal of a coupon leads, in a shop, the way that the flow says."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.database import Database
from db.tables import Campaign, ContactTag, SendRefusal
from tests import cast, release
from tests.bot.rehearsal.test_truth import Patient

HOUR = timedelta(hours=1)
REASONS = ["limit_reached", "sold_out", "not_started", "ended", "unreachable"]
FLOW = """\
flow: branches
starts: [{words: branches}]
steps:
  - wait: 1 hour
  - send_coupon:
      campaign: CAMPAIGN
      text: here
      button: open
      refused: {limit_reached: limit-reached, sold_out: sold-out, not_started: not-started, ended: ended,
        unreachable: unreachable, otherwise: something-else}
  - tag: sent
  - end: true
"""
WAYS = "".join(
    f"  - id: {name}\n    tag: {name}\n  - end: true\n"
    for name in (*(reason.replace("_", "-") for reason in REASONS), "something-else")
)


def begun(database: Database, now: datetime, folder: Path, campaign: str = "summer-tea") -> Patient:
    """A shop in which the flow waits before it sends its coupon."""
    shop = Patient(database, now)
    file = folder / "branches.yaml"
    file.write_text(FLOW.replace("CAMPAIGN", campaign) + WAYS, encoding="utf-8")
    with database.write() as session:
        release.publish(session, file, now)
    shop.act(text="branches")
    return shop


def meets(shop: Patient, reason: str) -> None:
    """What makes the shop refuse the coupon."""
    with shop.database.write() as session:
        campaign = session.scalars(select(Campaign).where(Campaign.slug == "summer-tea")).one()
        if reason == "not_started":
            campaign.sends_from = shop.now + 2 * HOUR
        elif reason == "a draft":
            campaign.is_published = False
        elif reason == "archived":
            campaign.archived_at = shop.now
        elif reason == "ended":
            campaign.sends_until = shop.now
    if reason == "limit_reached":
        with shop.database.write() as session:
            token = cast.sent(session, shop.who, shop.now)
        cast.redeem(shop.database, token, shop.now)
    elif reason == "unreachable":
        shop.act("unfollow", opens_window=False)


def tags(shop: Patient) -> list[str]:
    with shop.database.read() as session:
        return list(session.scalars(select(ContactTag.tag).where(ContactTag.contact_id == shop.contact_id)))


@pytest.mark.parametrize("reason", REASONS)
def test_a_refusal_goes_its_own_way(database: Database, now: datetime, tmp_path: Path, reason: str) -> None:
    shop = begun(database, now, tmp_path, "welcome-gift" if reason == "sold_out" else "summer-tea")  # has no serials
    meets(shop, reason)
    shop.passes(HOUR)
    assert tags(shop) == [reason.replace("_", "-")]


@pytest.mark.parametrize(
    ("reason", "way", "kept"), [("a draft", "not-started", "not_published"), ("archived", "ended", "archived")]
)
def test_what_is_no_date_goes_the_way_that_customers_know_and_is_kept_as_what_it_is(
    database: Database, now: datetime, tmp_path: Path, reason: str, way: str, kept: str
) -> None:
    shop = begun(database, now, tmp_path)
    meets(shop, reason)
    shop.passes(HOUR)
    assert tags(shop) == [way]
    with database.read() as session:
        assert session.scalars(select(SendRefusal.reason)).all() == [kept]


@pytest.mark.parametrize(("campaign", "tag"), [("no-such-campaign", "something-else"), ("summer-tea", "sent")])
def test_any_other_refusal_goes_otherwise_and_who_is_refused_nothing_goes_on(
    database: Database, now: datetime, tmp_path: Path, campaign: str, tag: str
) -> None:
    shop = begun(database, now, tmp_path, campaign)
    shop.passes(HOUR)
    assert tags(shop) == [tag]
