from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import counter_day
from db.database import Database
from db.tables import Coupon, UndoneVerification
from tests import cast
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser
from web.services import KEY, Services

MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(database: Database, now: datetime, watch: Watch) -> Flask:
    """A counter, and three customers with redeemed coupons of one campaign."""
    assert watch.at > now
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, now)
        tokens = [cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX, cast.EVE)]
    for token in tokens:
        cast.redeem(database, token, now)
    return doors.application(database)


def verify(staff: Browser, coupon_id: int) -> int:
    named = {"coupon_id": coupon_id, "reference": reference(staff, coupon_id)}
    return staff.post("/pos/verify", **named, entered=f"TEA-000{coupon_id}").status_code


def reference(staff: Browser, coupon_id: int) -> str:
    """What the page has beside the coupon's number."""
    services: Services = staff.client.application.extensions[KEY]
    with services.database.read() as session:
        return session.get_one(Coupon, coupon_id).reference


def shown(staff: Browser, path: str = "/pos/today/") -> dict[str, int]:
    """The totals at the top."""
    page = staff.get(path).text.split('data-testid="totals"')[1].split("</dl>")[0]
    return {name: int(page.split(f'data-testid="{name}">')[1].split("<")[0]) for name in TOTALS}


TOTALS = ("verified", "undone", "refused")


def test_a_store_closes_with_its_own_days_totals_by_campaign_and_by_staff(
    app: Flask, database: Database, watch: Watch
) -> None:
    ann, bob = doors.logged_in(app, "ann"), doors.logged_in(app, "bob")
    assert [verify(ann, 1), verify(ann, 2), verify(bob, 2), verify(bob, 3)] == [303, 303, 409, 303]
    ann.post("/pos/find", entered="TEA-9999")
    page = ann.get("/pos/today/").text
    assert "Xinyi" in page and "2026-12-01" in page
    assert page.count('name="reason"') == 2
    undone = ann.post("/pos/undo", coupon_id=1, reference=reference(ann, 1), reason="<wrong> phone")
    assert (undone.status_code, undone.location) == (303, "/pos/today/")
    page = ann.get("/pos/today/").text
    assert "Undone. The coupon can be used again." in page and "&lt;wrong&gt; phone" in page
    assert 'data-testid="told"' not in ann.get("/pos/today/").text
    assert page.count('name="reason"') == 1 and page.count("data-undone") == 1
    assert shown(ann) == {"verified": 2, "undone": 1, "refused": 1}
    assert shown(bob) == {"verified": 1, "undone": 0, "refused": 1}
    between = (watch.at - 5 * MINUTE, watch.at + MINUTE)
    with database.read() as session:
        found = counter_day.totals(session, 1, between)
    assert [(one.name, one.verified, one.undone, one.refused) for one in found.by_campaign] == [
        ("夏日奶茶買一送一", 2, 1, 0),
        ("", 0, 0, 1),
    ]
    assert [(one.name, one.verified, one.undone, one.refused) for one in found.by_staff] == [("ann", 2, 1, 1)]


def test_a_day_is_the_shops_and_what_is_over_cannot_be_undone(app: Flask, database: Database, watch: Watch) -> None:
    watch.at = watch.at.replace(hour=15, minute=55)  # 23:55 in Taipei
    ann = doors.logged_in(app, "ann")
    verify(ann, 1)
    watch.at += 10 * MINUTE
    assert shown(ann) == {"verified": 0, "undone": 0, "refused": 0}
    assert shown(ann, "/pos/today/?day=2026-12-01") == {"verified": 1, "undone": 0, "refused": 0}
    assert 'name="reason"' in ann.get("/pos/today/?day=2026-12-01").text
    watch.at += 5 * MINUTE
    assert 'name="reason"' not in ann.get("/pos/today/?day=2026-12-01").text
    ann.post("/pos/undo", coupon_id=1, reference=reference(ann, 1), reason="late")
    assert "The time for undoing is over." in ann.get("/pos/today/").text
    with database.read() as session:
        assert session.scalars(select(UndoneVerification)).all() == []
    for nonsense in ("2026-12-99", "9999-12-31", "0001-01-01", "x", "2026-12-03&before=-1", "&before=99999999999999"):
        assert ann.get(f"/pos/today/?day={nonsense}").status_code == 200


def test_a_long_day_is_read_in_pages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_day, "SHOWN", 2)
    monkeypatch.setattr(counter_day, "_TRIES", counter_day._TRIES.limit(3))  # noqa: SLF001
    ann = doors.logged_in(app, "ann")
    for coupon_id in (1, 2, 3):
        verify(ann, coupon_id)
    first = ann.get("/pos/today/").text
    assert [f"TEA-000{number}" in first for number in (1, 2, 3)] == [False, True, True]
    second = ann.get("/pos/today/?day=2026-12-01&before=2").text
    assert [f"TEA-000{number}" in second for number in (1, 2, 3)] == [True, False, False]
    assert "&amp;before=2" in first and "before=" not in second
    assert "2 on this page; the totals are" in first and 'data-testid="cut"' in second
