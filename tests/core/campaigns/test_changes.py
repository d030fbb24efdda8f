"""A campaign is changed by whoever has seen it, within what its coupons allow, and that is written down."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core import campaigns
from core.audit import Doer
from core.campaigns import Changed, ChangeRefused, Status, spec_of
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import AuditEntry, Campaign, Store
from tests import cast

AMY = Doer(None, "amy")
DAY = timedelta(days=1)


def changed(
    session: Session,
    now: datetime,
    based_on: int | None = 1,
    slug: str = "summer-tea",
    **values: Any,  # noqa: ANN401 (fields of a Spec)
) -> Changed | ChangeRefused:
    return campaigns.change(session, slug, replace(cast.TEA, **values), based_on, AMY, "console", now)


def refused(done: object) -> ChangeRefused:
    assert isinstance(done, ChangeRefused), done
    return done


def tea(session: Session) -> Campaign:
    found = campaigns.by_slug(session, "summer-tea")
    assert found is not None
    return found


def actions(session: Session) -> list[tuple[str, str]]:
    own = select(AuditEntry).where(AuditEntry.subject == "summer-tea", AuditEntry.action.like("campaign.%"))
    return [(entry.action, entry.actor) for entry in session.scalars(own.order_by(AuditEntry.id))]


def test_a_campaign_is_created_once_and_changed_with_what_it_was(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert isinstance(campaigns.create(session, cast.TEA, AMY, "console", now), Changed)
        assert refused(campaigns.create(session, cast.TEA, AMY, "console", now)).reason is Reason.CAMPAIGN_EXISTS
    with database.write() as session:
        done = changed(session, now + DAY, name="Iced tea", sends_until=now, total_limit=5)
    assert isinstance(done, Changed)
    assert [one.field for one in done.differences] == ["name", "sends_until", "total_limit"]
    with database.read() as session:
        found = tea(session)
        assert (found.name, found.revision, found.changed_in, found.total_left) == ("Iced tea", 2, "console", 5)
        assert (found.created_at, found.updated_at) == (now, now + DAY)
        assert actions(session) == [("campaign.created", "amy"), ("campaign.changed", "amy")]
        (past,) = campaigns.since(session, "summer-tea", 1)
    assert (past.revision, past.by, past.where, past.differences) == (2, "amy", "console", done.differences)


def test_a_campaign_is_honoured_in_the_stores_that_are_named_and_that_there_are(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        session.add_all([Store(name="Xinyi"), Store(name="Banqiao")])
        two = replace(cast.TEA, stores=("Xinyi ", "Banqiao", "Xinyi"))
        none = campaigns.create(session, replace(two, stores=("Taipei",)), AMY, "console", now)
        assert [(one.field, one.code) for one in refused(none).mistakes] == [("stores", "store_unknown")]
        assert "expected one of: Banqiao, Xinyi" in refused(none).mistakes[0].en
        campaigns.create(session, two, AMY, "console", now)
    with database.write() as session:
        assert spec_of(tea(session)).stores == ("Banqiao", "Xinyi")
        copy = campaigns.duplicate(session, "summer-tea", "winter-tea", AMY, "console", now)
        assert isinstance(copy, Changed) and copy.campaign.stores == ("Banqiao", "Xinyi")
        unknown = refused(changed(session, now, stores=("Xinyi", "Taipei")))
        assert [one.code for one in unknown.mistakes] == ["store_unknown"]
        assert spec_of(tea(session)).stores == ("Banqiao", "Xinyi")
    with database.write() as session:
        assert isinstance(changed(session, now, stores=("Xinyi",), used_from=now), Changed)
    with database.read() as session:
        assert spec_of(tea(session)).stores == ("Xinyi",)
        (past,) = campaigns.since(session, "summer-tea", 1)
        found = [(one.field, one.before, one.after) for one in past.differences]
    assert found == [("used_from", None, now), ("stores", ("Banqiao", "Xinyi"), ("Xinyi",))]


def test_to_be_as_it_is_changes_nothing_whatever_was_seen(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        changed(session, now, name="Iced tea")
        done = changed(session, now, based_on=1, name="Iced tea ")
        assert (done, tea(session).revision) == (Changed(tea(session)), 2)
        assert len(actions(session)) == 2


def test_nobody_changes_what_they_have_not_seen(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        changed(session, now, name="Iced tea")
        changed(session, now, based_on=2, name="Iced tea", has_verify_button=False)
    with database.write() as session:
        found = refused(changed(session, now, based_on=1, name="Hot tea"))
        assert (tea(session).name, tea(session).revision) == ("Iced tea", 3)
    assert found.reason is Reason.CAMPAIGN_CHANGED_MEANWHILE
    assert [(one.revision, one.by) for one in found.meanwhile] == [(2, "amy"), (3, "amy")]
    assert [(one.field, one.after) for past in found.meanwhile for one in past.differences] == [
        ("name", "Iced tea"),
        ("has_verify_button", False),
    ]


def test_what_cannot_be_is_refused_and_nothing_is_changed(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        cast.sent(session, cast.MEI, now)
    with database.write() as session:
        several = refused(changed(session, now, barcode="ean13", name=""))
        assert [one.field for one in several.mistakes] == ["name", "barcode"]
        unsafe = refused(changed(session, now, barcode="qr", is_published=False, name="Iced tea"))
        assert unsafe.reason is Reason.CAMPAIGN_CANNOT_CHANGE_SO
        assert [one.code for one in unsafe.consequences] == ["barcode_has_serials", "published_sent"]
        assert refused(changed(session, now, slug="none")).reason is Reason.UNKNOWN_CAMPAIGN
        assert (spec_of(tea(session)), tea(session).revision) == (cast.TEA, 1)
        assert actions(session) == [("campaign.created", "flask")]


def test_a_draft_is_published_and_taken_back_until_something_was_sent(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        assert isinstance(campaigns.unpublish(session, "summer-tea", AMY, "console", now), Changed)
        assert campaigns.status(tea(session), now) is Status.DRAFT
        assert isinstance(campaigns.publish(session, "summer-tea", AMY, "console", now), Changed)
        cast.sent(session, cast.MEI, now)
        late = refused(campaigns.unpublish(session, "summer-tea", AMY, "console", now))
        assert [one.code for one in late.consequences] == ["published_sent"]
        assert refused(campaigns.publish(session, "none", AMY, "file", now)).reason is Reason.UNKNOWN_CAMPAIGN
        assert (tea(session).revision, tea(session).is_published) == (3, True)
        assert [one for one, _ in actions(session)][1:] == ["campaign.unpublished", "campaign.published"]


def test_a_copy_is_a_draft_of_its_own_without_serials(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        slug = campaigns.free_slug(session, "summer-tea")
        done = campaigns.duplicate(session, "summer-tea", slug, AMY, "console", now)
        assert isinstance(done, Changed)
        assert spec_of(done.campaign) == replace(cast.TEA, slug="summer-tea-2", is_published=False)
        assert campaigns.free_slug(session, "summer-tea") == "summer-tea-3"
        assert not campaigns.standing(session, done.campaign, now).has_serials
        again = refused(campaigns.duplicate(session, "summer-tea", slug, AMY, "console", now))
        assert again.reason is Reason.CAMPAIGN_EXISTS
        assert len(campaigns.free_slug(session, "a" * 64)) == 64


@pytest.mark.parametrize(
    ("values", "days", "expected"),
    [
        ({}, 0, Status.RUNNING),
        ({"is_published": False}, 0, Status.DRAFT),
        ({"sends_from": 1}, 0, Status.SCHEDULED),
        ({"sends_from": 1}, 1, Status.RUNNING),
        ({"sends_until": 1}, 1, Status.ENDED),
        ({"shown_until": 1}, 1, Status.ENDED),
        ({"ended_at": 0}, 0, Status.ENDED),
        ({"ended_at": 0, "archived_at": 0}, 0, Status.ARCHIVED),
    ],
)
def test_a_campaign_has_a_status_at_each_moment(
    now: datetime, values: dict[str, Any], days: int, expected: Status
) -> None:
    at = {
        name: now + value * DAY if name.endswith(("_at", "from", "until")) else value for name, value in values.items()
    }
    campaign = Campaign(**({"is_published": True} | at))
    assert campaigns.status(campaign, now + days * DAY) is expected


def test_what_is_over_goes_to_the_archive_and_comes_back_as_it_was(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        running = campaigns.archive(session, "summer-tea", now, AMY)
        assert running == Refused(Reason.CAMPAIGN_STILL_RUNS, "summer-tea")
        for _ in range(2):  # the second time changes nothing
            assert campaigns.end(session, "summer-tea", now, AMY) is tea(session)
        for _ in range(2):
            assert campaigns.archive(session, "summer-tea", now + DAY, AMY) is tea(session)
        assert campaigns.resume(session, "summer-tea", now, AMY) == Refused(Reason.ARCHIVED, "summer-tea")
        assert refused(changed(session, now, name="Iced tea")).reason is Reason.ARCHIVED
        assert (tea(session).archived_at, tea(session).ended_at) == (now + DAY, now)
        for _ in range(2):
            assert campaigns.unarchive(session, "summer-tea", now, AMY) is tea(session)
        for _ in range(2):
            assert campaigns.resume(session, "summer-tea", now, AMY) is tea(session)
        assert campaigns.status(tea(session), now) is Status.RUNNING
        assert [one.removeprefix("campaign.") for one, _ in actions(session)] == [
            "created",
            "ended",
            "archived",
            "unarchived",
            "resumed",
        ]
        assert tea(session).revision == 1


@pytest.mark.parametrize("work", [campaigns.end, campaigns.resume, campaigns.archive, campaigns.unarchive])
def test_what_is_not_there_is_not_ended_or_archived(
    database: Database, now: datetime, work: Callable[[Session, str, datetime, Doer], object]
) -> None:
    with database.write() as session:
        assert work(session, "none", now, AMY) == Refused(Reason.UNKNOWN_CAMPAIGN, "none")
        assert session.scalars(select(AuditEntry)).all() == []


def test_a_new_total_limit_leaves_what_was_not_redeemed(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    asked: list[str] = []
    with database.write() as session:
        event.listen(session.connection(), "before_cursor_execute", lambda *told: asked.append(told[2]))
        changed(session, now, total_limit=3)
        assert not [one for one in asked if re.search(r"FROM (coupons|redemptions|verifications)\b", one)], "counted"
        assert tea(session).total_left == 2
        changed(session, now, based_on=2, total_limit=1)
        assert tea(session).total_left == 0
        changed(session, now, based_on=3, total_limit=None)
        assert (tea(session).total_limit, tea(session).total_left) == (None, None)
