"""The coupon's page in all its states."""

import base64
import hashlib
import re
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.orm import Session

from core import contacts, verification
from core.campaigns import Spec
from core.verification import Actor
from db.base import Base
from db.database import Database
from db.tables import Coupon, PageHit, Redemption, Serial, Store, Verification
from tests import cast
from tests.doors import House
from tests.web import doors
from web import limits

PREVIEWS = [
    "facebookexternalhit/1.1;line-poker/1.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Macintosh) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Line/1.0 (compatible; Line-Crawler; https://line.me)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "WhatsApp/2.23.20.0",
    "",
]
PEOPLE = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari Line/14.10.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36 [FB_IAB/MESSENGER;FBAV/480.0]",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36",
]


def now() -> datetime:
    return datetime.now(UTC)


def sent(house: House, spec: Spec = cast.TEA, codes: int = 3, name: str = "") -> str:
    with house.database.write() as session:
        cast.campaign(session, now(), spec, codes)
        contacts.note_profile(cast.contact(session, cast.MEI, now()), name, "", "en", now())
        return cast.sent(session, cast.MEI, now() - timedelta(seconds=1), spec.slug)


def change(house: House, token: str, **values: object) -> None:
    """Age a coupon."""
    with house.database.write() as session:
        coupon = session.scalars(select(Coupon).where(Coupon.token == token)).one()
        for key, value in values.items():
            setattr(coupon, key, value)


def everything(house: House) -> dict[str, list[object]]:
    with house.database.read() as session:
        return {name: list(session.execute(select(table)).all()) for name, table in Base.metadata.tables.items()}


def redeemed(house: House, client: FlaskClient, **given: object) -> str:
    token = sent(house, **given)  # type: ignore[arg-type]  # the test's own
    assert client.post(f"/c/{token}/redeem").status_code == 303
    return token


def test_looking_changes_nothing_at_all(house: House) -> None:
    token = sent(house)
    before = everything(house)
    for _ in range(3):
        answer = house.client().get(f"/c/{token}")
        assert answer.status_code == 200
    assert everything(house) == before


def test_the_page_is_private_and_small_and_asks_no_other_host(house: House) -> None:
    answer = house.client().get(f"/c/{sent(house)}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
    assert len(answer.data) < 30_000
    assert set(re.findall(r"https?://[^/\"']+", answer.text)) <= {"http://localhost", "http://www.w3.org"}
    (script,) = re.findall(r"(?s)<script[^>]*>(.*?)</script>", answer.text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in answer.headers["Content-Security-Policy"]
    assert " style=" not in answer.text


def test_with_long_texts_and_a_long_code_the_page_is_still_small(house: House) -> None:
    client = house.client()
    url = f"https://shop.example/{'x' * 470}"
    spec = replace(cast.TEA, name="夏" * 100, instructions="購" * 3_000, products_url=url)
    token = sent(house, spec)
    assert len(client.get(f"/c/{token}").data) < 30_000
    with house.database.write() as session:
        session.execute(update(Serial).values(code=Serial.code + "-Ab3$Ef6(Ij9"))
    client.post(f"/c/{token}/redeem")
    page = client.get(f"/c/{token}")
    assert "TEA-0001-Ab3$Ef6(Ij9" in page.text
    assert len(page.data) < 30_000


def test_an_open_page_has_its_own_link_to_be_scanned_and_a_redeemed_one_has_not(house: House) -> None:
    client, token = house.client(), sent(house)
    (drawn,) = re.findall(r'<svg role="img" aria-label="([^"]+)"', client.get(f"/c/{token}").text)
    assert drawn == f"http://localhost/c/{token}"
    client.post(f"/c/{token}/redeem")
    assert f'aria-label="http://localhost/c/{token}"' not in client.get(f"/c/{token}").text


def test_an_open_coupon_becomes_a_redeemed_one_with_serial_and_barcode(house: House) -> None:
    client = house.client()
    token = redeemed(house, client)
    page = client.get(f"/c/{token}")
    assert page.status_code == 200
    assert "TEA-0001" in page.text
    assert 'data-modules="' in page.text
    with house.database.read() as session:
        coupon = session.scalars(select(Coupon)).one()
    assert coupon.opened_at is not None  # without a beacon: who redeems has seen the page


def test_redeeming_twice_gives_the_first_result(house: House) -> None:
    client = house.client()
    token = redeemed(house, client)
    for _ in range(3):
        assert client.post(f"/c/{token}/redeem").status_code == 303
    with house.database.read() as session:
        assert len(session.scalars(select(Redemption)).all()) == 1


def test_a_claim_without_an_answer_shows_that_it_waits_and_rings_again(house: House) -> None:
    house.answers = False
    client = house.client()
    token = redeemed(house, client)
    page = client.get(f"/c/{token}")
    assert 'data-state="waiting"' in page.text
    assert '<meta http-equiv="refresh"' in page.text
    before = len(house.woken)
    assert client.get(f"/c/{token}/status").json["state"] == "waiting"  # type: ignore[index]  # it is JSON
    assert len(house.woken) == before + 1


def test_no_answer_to_a_tap_is_kept_or_taken_for_something_else(house: House) -> None:
    token = sent(house)
    taps = [
        house.client().post(f"/c/{token}/redeem"),
        house.client(accept="application/json").post(f"/c/{token}/redeem"),
    ]
    for answer in taps:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_status_tells_the_serial_only_when_there_is_one(house: House) -> None:
    client = house.client()
    token = sent(house)
    answer = client.get(f"/c/{token}/status").json
    assert answer is not None
    assert (answer["state"], answer["serial"]) == ("open", None)
    answer = client.post(f"/c/{token}/redeem", headers={"Accept": "application/json"}).json
    assert answer is not None
    assert (answer["state"], answer["serial"]) == ("redeemed", "TEA-0001")


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_who_sees_the_page_has_opened_it(house: House, agent: str) -> None:
    token = sent(house)
    assert house.client(user_agent=agent).post(f"/c/{token}/opened").status_code == 204
    with house.database.read() as session:
        assert session.scalars(select(Coupon.opened_at)).one() is not None
        assert session.scalars(select(PageHit.kind)).all() == ["seen"]


@pytest.mark.parametrize("agent", PREVIEWS)
def test_a_preview_is_kept_opens_nothing_and_sees_no_serial(house: House, agent: str) -> None:
    token = redeemed(house, house.client())
    change(house, token, opened_at=None)
    page = house.client(user_agent=agent).get(f"/c/{token}")
    assert page.status_code == 200
    assert 'property="og:title"' in page.text
    assert "TEA-0001" not in page.text
    assert "<form" not in page.text
    house.client(user_agent=agent).post(f"/c/{token}/opened")
    with house.database.read() as session:
        assert session.scalars(select(Coupon.opened_at)).one() is None
        assert session.scalars(select(PageHit.kind)).all() == ["preview"]


def test_a_browser_that_fetches_ahead_is_kept_as_such(house: House) -> None:
    token = sent(house)
    house.client(user_agent=PEOPLE[0], sec_purpose="prefetch").get(f"/c/{token}")
    house.client(user_agent=PEOPLE[0], sec_purpose="prefetch").head(f"/c/{token}")
    with house.database.read() as session:
        assert session.execute(select(PageHit.kind, PageHit.hits)).all() == [("prefetch", 1)]


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("expired", 410, "This coupon has expired"),
        ("not_started", 403, "Not open yet"),
        ("limit_reached", 403, "You have redeemed this already"),
        ("sold_out", 409, "All coupons have been redeemed"),
    ],
)
def test_a_coupon_that_cannot_be_redeemed_has_its_own_page_and_status(
    house: House,
    kind: str,
    status: int,
    words: str,
) -> None:
    client = house.client()
    token = sent(house, codes=1)
    with house.database.write() as session:
        other = cast.sent(session, cast.EVE if kind == "sold_out" else cast.MEI, now())
        if kind == "not_started":
            bare = replace(cast.TEA, sends_from=now() + timedelta(days=1), instructions="")
            cast.campaign(session, now(), bare, codes=0)
    if kind == "expired":
        change(house, token, expires_at=now() - timedelta(seconds=1))
    if kind in {"limit_reached", "sold_out"}:
        client.post(f"/c/{other}/redeem")
    page = client.get(f"/c/{token}")
    assert page.status_code == status
    assert words in page.text
    assert ("Good until <time" in page.text) == (kind == "expired")
    assert "Times are those of Asia/Taipei" in page.text  # wherever a date stands, instructions or not
    before = everything(house)["redemptions"]
    client.post(f"/c/{token}/redeem")
    assert everything(house)["redemptions"] == before
    assert client.get(f"/c/{token}/status").json["reason"] == kind  # type: ignore[index]  # it is JSON


@pytest.mark.parametrize(
    "token", ["nobody-has-this-token-x", "short", "a" * 33, "../../etc/passwd", "%00", "' OR 1=1 --"]
)
def test_an_unknown_link_is_404_whatever_is_tried(house: House, token: str) -> None:
    client = house.client()
    assert client.get(f"/c/{token}").status_code == 404
    for act in ("opened", "redeem", "verify"):
        assert client.post(f"/c/{token}/{act}").status_code == 404
    assert client.get(f"/c/{token}/status").status_code == 404
    assert everything(house)["claims"] == []


def test_staff_verify_on_the_page_once_and_a_second_time_says_when(house: House) -> None:
    client = house.client()
    token = redeemed(house, client)
    assert "Really verify?" in client.get(f"/c/{token}").text
    assert client.post(f"/c/{token}/verify").status_code == 303
    assert "Verified on" in client.get(f"/c/{token}").text
    again = client.post(f"/c/{token}/verify")
    assert again.status_code == 409
    assert "Verified on" in again.text
    with house.database.read() as session:
        assert len(session.scalars(select(Verification)).all()) == 1


def test_who_was_slower_than_a_till_sees_what_is_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = house.client()
    token = redeemed(house, client)
    verify = verification.verify

    def till_is_first(session: Session, coupon_id: int, *asked: Any) -> object:  # noqa: ANN401 (as it is)
        verify(session, coupon_id, "TEA-0001", Actor("pos"), now())
        return verify(session, coupon_id, *asked)

    monkeypatch.setattr(verification, "verify", till_is_first)
    late = client.post(f"/c/{token}/verify")
    assert (late.status_code, "Verified on" in late.text, "Really verify?" in late.text) == (409, True, False)


def test_without_the_button_the_page_verifies_nothing(house: House) -> None:
    client = house.client()
    token = redeemed(house, client, spec=replace(cast.TEA, has_verify_button=False))
    assert "Really verify?" not in client.get(f"/c/{token}").text
    assert client.post(f"/c/{token}/verify").status_code == 409
    assert everything(house)["verifications"] == []


def test_the_page_says_in_which_store_it_was_verified(house: House) -> None:
    client = house.client()
    token = redeemed(house, client)
    doors.people(house.database)
    with house.database.write() as session:
        store_id = session.scalars(select(Store.id).where(Store.name == "Xinyi")).one()
        coupon_id = session.scalars(select(Coupon.id)).one()
        at = now()
        verification.verify(session, coupon_id, "TEA-0001", Actor("pos", store_id=store_id), at)
    local = at.astimezone(ZoneInfo("Asia/Taipei")).strftime("%Y-%m-%d %H:%M")
    said = re.sub("</?time[^>]*>", "", client.get(f"/c/{token}").text)
    assert f"Verified on {local} at Xinyi." in said


def test_another_sites_form_is_refused(house: House) -> None:
    client = house.client()
    token = sent(house)
    before = everything(house)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "http://[::1"}):
        for act in ("redeem", "verify"):
            assert client.post(f"/c/{token}/{act}", headers=headers).status_code == 403
    assert everything(house) == before


def test_what_marketers_write_is_text_and_never_markup(house: House) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    token = sent(house, replace(cast.TEA, name=hostile, instructions=hostile))
    page = house.client().get(f"/c/{token}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}" in page


def test_a_countdown_is_the_servers_not_the_phones(house: House) -> None:
    client = house.client()
    token = redeemed(house, client, spec=cast.GIFT)
    seconds = re.search(r'data-seconds="(\d+)"', client.get(f"/c/{token}").text)
    assert seconds is not None
    assert 1795 <= int(seconds[1]) <= 1801


def test_the_page_speaks_the_contacts_language(house: House) -> None:
    token = sent(house)
    assert ">Redeem<" in house.client().get(f"/c/{token}").text
    with house.database.write() as session:
        cast.contact(session, cast.MEI, now()).language = "zh-TW"
    assert ">兌換<" in house.client().get(f"/c/{token}").text


def test_a_picture_is_served_for_ever_and_an_unknown_one_is_404(house: House) -> None:
    from core import images  # noqa: PLC0415 (beside its use)
    from tests.core.test_images import png  # noqa: PLC0415

    with house.database.write() as session:
        image_id = images.store(session, png(), "a.png")
    answer = house.client().get(f"/images/{image_id}")
    assert (answer.content_type, answer.headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in answer.headers["Cache-Control"]
    for wrong in ("0" * 64, "../secret", image_id[:-1]):
        assert house.client().get(f"/images/{wrong}").status_code == 404


def test_a_claim_is_limited_for_each_coupon(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "minute", lambda: 7)
    client = house.client()
    token, other = sent(house), None
    statuses = [client.post(f"/c/{token}/redeem").status_code for _ in range(25)]
    assert statuses.count(429) == 5
    with house.database.write() as session:
        other = cast.sent(session, cast.EVE, now())
    assert client.post(f"/c/{other}/redeem").status_code == 303
    with house.database.read() as session:
        assert len(session.scalars(select(Redemption)).all()) == 2
    monkeypatch.setattr(limits, "minute", lambda: 8)
    assert client.post(f"/c/{token}/redeem").status_code == 303


def test_of_programs_that_fetch_a_page_again_and_again_twenty_a_minute_are_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, minute = sent(house), 7
    monkeypatch.setattr(limits, "minute", lambda: minute)
    for number in range(25):
        assert house.client(user_agent=f"bot/{number}").get(f"/c/{token}").status_code == 200
    minute = 8
    house.client(user_agent="bot/25").get(f"/c/{token}")
    with house.database.read() as session:
        assert session.scalars(select(PageHit.user_agent).order_by(PageHit.id)).all() == [
            *(f"bot/{number}" for number in range(20)),
            "bot/25",
        ]


@pytest.mark.parametrize("path", ["redeem", "opened"])
def test_while_the_database_cannot_write_the_customer_is_told_to_try_again(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    token, house.answers = sent(house), False

    def full(_: Database) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(Database, "write", full)
    client = house.client(**{"Accept-Language": "en"})
    page = client.post(f"/c/{token}/{path}")
    assert (page.status_code, "Please wait a moment and try again." in page.text) == (503, True)
    assert int(page.headers["Retry-After"]) > 0
    answer = client.post(f"/c/{token}/{path}", headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert answer.json is not None and set(answer.json) == {"error", "detail"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (OperationalError, "server closed the connection unexpectedly"),
        (InternalError, "terminating connection due to idle-in-transaction timeout"),
    ],
)
def test_while_the_database_cannot_be_read_every_page_says_to_try_again(
    house: House, monkeypatch: pytest.MonkeyPatch, kind: type[DBAPIError], words: str
) -> None:
    token, house.answers = sent(house), False

    def away(_: Database) -> None:
        raise kind("SELECT", {}, ConnectionError(words))

    for name in ("read", "write"):
        monkeypatch.setattr(Database, name, away)
    client = house.client()
    codes = [client.get(f"/c/{token}{path}").status_code for path in ("", "/status")]
    assert [*codes, client.post(f"/c/{token}/redeem").status_code] == [503, 503, 503]
