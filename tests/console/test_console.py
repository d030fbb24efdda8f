from datetime import datetime

from db.database import Database
from tests import cast
from tests.web.doors import Browser


def numbers(page: str) -> list[str]:
    return [cell.split("<")[0] for cell in page.split('<td class="number">')[1:]]


def test_without_a_campaign_the_page_says_how_to_add_one(mia: Browser) -> None:
    page = mia.get("/console/")
    assert page.status_code == 200
    assert "There is no campaign yet." in page.text
    assert "flask campaigns apply" in page.text


def test_a_campaign_is_listed_with_how_far_its_coupons_have_come(
    mia: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token, _ = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
    cast.redeem(database, token, now)
    page = mia.get("/console/").text
    assert cast.TEA.name in page
    sent, _opened, redeemed, verified, left = numbers(page)
    assert (sent, redeemed, verified, left) == ("2", "1", "0", "2")


def test_a_campaigns_page_has_its_settings_and_records_in_the_shops_time(
    mia: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(database, token, now)
    page = mia.get("/console/campaigns/summer-tea").text
    for words in (
        "summer-tea",
        "code128",
        "14 days after it was sent",
        "TEA-0001",
        "2026-12-01 12:00",
        "flask records",
    ):
        assert words in page
    assert "<form" not in page.split("<main")[1]


def test_a_campaign_without_records_says_when_they_appear(mia: Browser, database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
    assert "No coupon has been sent yet." in mia.get("/console/campaigns/summer-tea").text


def test_an_unknown_campaign_is_not_found(mia: Browser) -> None:
    assert mia.get("/console/campaigns/nothing-here").status_code == 404


def test_names_of_campaigns_and_contacts_are_shown_as_text(mia: Browser, database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        cast.contact(session, cast.MEI, now).name = "<script>alert(1)</script>"
        cast.sent(session, cast.MEI, now)
    page = mia.get("/console/campaigns/summer-tea").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
