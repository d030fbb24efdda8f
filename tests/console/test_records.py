"""The console's records, statistics, undo and audit log, as a marketer meets them."""

import csv
import io
import re
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from console.sentences import told
from core import claims, coupon_view, coupons, undo, verification
from core.coupon_view import State
from core.reasons import Reason
from core.refusal import Refused
from core.verification import Actor
from db.database import Database
from db.tables import AuditEntry, Coupon, Redemption, UndoneRedemption, VerificationAttempt
from tests import cast
from tests.core.test_records_counting import count, whole
from tests.web import doors
from tests.web.doors import Browser

RECORDS = "/console/campaigns/summer-tea/records"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def tokens(app: Flask, database: Database, now: datetime) -> list[str]:  # noqa: ARG001 (it has Ann and her store)
    """Sixty coupons, of which the first was redeemed and verified by Ann in her store, the second redeemed."""
    with database.write() as session:
        cast.campaign(session, now, codes=10)
        cast.contact(session, cast.MEI, now, "=HYPERLINK(1)")
        cast.contact(session, cast.ALEX, now, "Alex Lin")
        mei = [cast.sent(session, cast.MEI, now)]
        others = [cast.sent(session, cast.ALEX, now + number * MINUTE) for number in range(1, 60)]
    for token in (mei[0], others[0]):
        cast.redeem(database, token, now + MINUTE)
    with database.write() as session:
        coupons.hit(session, 1, "preview", "line-poker", now)
        verification.verify(session, 1, "TEA-0001", Actor("pos", 1, 1), now + 2 * MINUTE)
        verification.verify(session, 1, "TEA-0001", Actor("pos", 2, 2), now + 3 * MINUTE)
    count(database, now)
    return mei + others


def references(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*/records/([0-9A-Z]{8})"', page)


@pytest.mark.usefixtures("tokens")
def test_records_are_listed_filtered_sorted_and_paged_by_links_that_can_be_shared(mia: Browser) -> None:
    first = mia.get(RECORDS).text
    assert len(references(first)) == 50 and "60 records." in first and "Counted up to" in first
    older = link(first, "next")
    second = mia.get(older).text
    assert len(references(second)) == 10 and 'rel="next"' not in second
    assert references(mia.get(link(second, "prev")).text) == references(first)
    only = mia.get(f"{RECORDS}?status=verified&channel=line&store=1&sort=verified&from=2026-12-01&to=2026-12-01").text
    assert len(references(only)) == 1
    for words in ("TEA-0001", "Xinyi", "ann", "2026-12-01 12:02", "Verified"):
        assert words in only
    assert "No record fits." in mia.get(f"{RECORDS}?status=verified&store=2").text
    assert "No record fits." in mia.get(f"{RECORDS}?from=2026-12-02").text
    for broken in ("?after=yesterday", "?after=2026-12-01T04:00:00~1"):
        assert mia.get(RECORDS + broken).status_code == 400
    odd = mia.get(f"{RECORDS}?status=lost&store=x&flow=-1&from=31.12.&to=0001-01-01&sort=name")
    assert len(references(odd.text)) == 50
    assert mia.get("/console/campaigns/nothing/records").status_code == 404
    assert mia.get("/console/campaigns/a%00b/records").status_code == 404


def test_a_record_is_found_by_serial_reference_name_and_account_also_before_it_is_counted(
    mia: Browser, database: Database, now: datetime, tokens: list[str]
) -> None:
    with database.write() as session:
        cast.sent(session, cast.EVE, now)
        cast.contact(session, cast.EVE, now, "陳夏娃")
        mei = session.scalars(select(Coupon.reference).where(Coupon.token == tokens[0])).one()
    for words in ("tea-0001", "TEA-0001", mei, f" {mei[:4]}-{mei[4:].lower()} ", cast.MEI[1], "=HYP"):
        assert references(found(mia, words)) == [mei], words
    for words, records in {"alex": 59, "LIN": 59, "陳夏": 1, "夏娃": 1}.items():
        assert len(references(found(mia, words))) == records, words
    for words in ("TEA-0009", "lex", "\U0010ffff", "%", "\ud7ff"):
        assert "No record of this campaign fits" in found(mia, words), words


def test_an_export_is_whole_safe_for_spreadsheets_and_has_what_the_command_has(mia: Browser, tokens: list[str]) -> None:
    answer = mia.get(f"{RECORDS}.csv?sort=sent&order=oldest")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="summer-tea-records-')
    text = answer.get_data(as_text=True)
    assert text[0] == "\ufeff"
    head, first, *rest = csv.reader(io.StringIO(text[1:]))
    assert len(rest) == len(tokens) - 1
    assert dict(zip(head, first, strict=True)) | {"reference": ""} == {
        "reference": "",
        "status": "verified",
        "channel": "line",
        "contact": "'=HYPERLINK(1)",
        "flow": "",
        "sent_by": "",
        "sent_at (Asia/Taipei)": "2026-12-01 12:00:00",
        "opened_at (Asia/Taipei)": "2026-12-01 12:01:00",
        "redeemed_at (Asia/Taipei)": "2026-12-01 12:01:00",
        "verified_at (Asia/Taipei)": "2026-12-01 12:02:00",
        "serial": "TEA-0001",
        "store": "Xinyi",
        "staff": "ann",
        "refused": "",
    }
    assert len(mia.get(f"{RECORDS}.csv?status=redeemed").text.splitlines()) == 2


def test_a_records_page_has_its_whole_history_and_undoes_with_a_reason(
    mia: Browser, database: Database, now: datetime, tokens: list[str]
) -> None:
    with database.read() as session:
        reference = session.scalars(select(Coupon.reference).where(Coupon.token == tokens[0])).one()
    here = f"{RECORDS}/{reference}"
    page = mia.get(here).text
    for words in ("Link preview, 1 times", "Redeemed, serial TEA-0001", "Verified · Xinyi · ann", "refused", "bob"):
        assert words in page
    printed = f"{reference[:4]}-{reference[4:].lower()}"
    assert "Redeemed, serial TEA-0001" in mia.get(f"{RECORDS}/{printed}").text
    early = mia.post(f"{here}/undo", what="redemption", reason="wrong phone")
    assert (early.status_code, 'data-reason="already_verified"' in early.text) == (409, True)
    blank = mia.post(f"{here}/undo", what="verification", reason="  ")
    assert (blank.status_code, 'data-reason="reason_missing"' in blank.text) == (409, True)
    assert "Write down the reason. Nothing has changed." in blank.text
    assert deeds(database) == []
    assert mia.post(f"{here}/undo", what="verification", reason="scanned twice" + "!" * 999).status_code == 303
    done = mia.post(f"{here}/undo", what="redemption", reason="seen by others", serial="burn")
    told = mia.get(done.location).text
    for words in ("The redemption is undone", "serial TEA-0001 burnt", "scanned twice", "seen by others", "mia"):
        assert words in told
    assert "Undo the" not in told.split("<main")[1]
    count(database, now)
    whole(database)
    cast.redeem(database, tokens[0], now + timedelta(hours=1))
    with database.read() as session:
        view = coupon_view.look(session, tokens[0], now + timedelta(hours=1))
        assert view is not None and (view.state, view.serial, view.undone_at) == (State.REDEEMED, "TEA-0003", None)
    count(database, now)
    whole(database)
    log = mia.get("/console/audit/").text
    for words in ("Undid a redemption", "reason: seen by others", "serial: burnt", here, "mia"):
        assert words in log
    assert "Undid a verification" not in mia.get("/console/audit/?deed=redemption.undone").text.split("<tbody")[1]
    for nobody in ("who=ann", "subject=other", "to=2020-01-01"):
        assert "No deed fits." in mia.get(f"/console/audit/?{nobody}").text
    assert mia.get("/console/audit/?deed=%00&after=x").status_code == 200
    taken = mia.get(f"/console/audit/audit.csv?who=mia&subject={printed}").get_data(as_text=True)
    assert "!" * 180 in taken and "!" * 190 not in taken  # for ever, but no more than of any reason
    assert [line.split(",")[2] for line in taken.splitlines()] == ["deed", "redemption.undone", "verification.undone"]


def test_of_a_thousand_taps_the_newest_are_shown_and_the_page_says_so(
    mia: Browser, database: Database, now: datetime, tokens: list[str]
) -> None:
    with database.write() as session:
        coupon_id, reference = session.execute(
            select(Coupon.id, Coupon.reference).where(Coupon.token == tokens[0])
        ).one()
        tried = {"entered": "", "outcome": "verify_button_off", "via": "page", "user_id": None, "store_id": None}
        session.add_all(
            VerificationAttempt(coupon_id=coupon_id, attempted_at=now + n * MINUTE, **tried) for n in range(10, 1_010)
        )
    page = mia.get(f"{RECORDS}/{reference}").text
    assert page.count("Tried to verify, refused") == 100
    assert "Of each kind the newest 100 are shown" in page
    assert "2026-12-02 04:49:00" in page and "2026-12-01 12:10:00" not in page
    with database.read() as session:
        other = session.scalars(select(Coupon.reference).where(Coupon.token == tokens[1])).one()
    assert "Of each kind" not in mia.get(f"{RECORDS}/{other}").text


def test_the_customers_page_can_say_that_a_redemption_was_undone(
    database: Database, now: datetime, tokens: list[str]
) -> None:
    with database.write() as session:
        undo.undo_redemption(session, 2, "wrong phone", None, now + MINUTE)
    with database.read() as session:
        undone, untouched = (coupon_view.look(session, token, now + MINUTE) for token in tokens[1:3])
    assert undone is not None and (undone.state, undone.undone_at) == (State.OPEN, now + MINUTE)
    assert untouched is not None and untouched.undone_at is None


def test_what_was_refused_is_listed_with_its_reason(
    mia: Browser, database: Database, now: datetime, tokens: list[str]
) -> None:
    empty = mia.get(f"{RECORDS}/refused").text
    assert "Nothing was refused." in empty
    with database.write() as session:
        claims.answer_taps(session, [claims.Tap(tokens[5], now)], now)
        again = coupons.send(session, "summer-tea", cast.contact(session, cast.MEI, now), now)
        assert again == Refused(Reason.LIMIT_REACHED, "summer-tea")
    not_sent, tapped = (mia.get(f"{RECORDS}/refused?kind={kind}").text for kind in ("sending", "redeeming"))
    assert "limit_reached" in not_sent and "limit_reached" in tapped
    of_coupon = re.search(rf'href="({RECORDS}/[0-9A-Z]{{8}})"', tapped)
    assert of_coupon is not None
    assert "The customer tapped Redeem and got no serial" in mia.get(of_coupon[1]).text


@pytest.mark.parametrize(
    "reason",
    [
        *(Reason.NOT_PUBLISHED, Reason.ARCHIVED, Reason.NOT_STARTED, Reason.ENDED, Reason.UNREACHABLE),
        *(Reason.EXPIRED, Reason.LIMIT_REACHED, Reason.SOLD_OUT),
        *(Reason.NOT_REDEEMED, Reason.ALREADY_VERIFIED, Reason.VERIFY_BUTTON_OFF, Reason.UNKNOWN_COUPON),
        *(Reason.NOT_YET_VALID, Reason.OTHER_STORE_ONLY, Reason.ONLINE_STORE_ONLY, Reason.STORE_CLOSED),
        *(Reason.WITHDRAWN, Reason.FIRST_PURCHASE_USED, Reason.NOT_VERIFIED, Reason.REASON_MISSING),
    ],
)
def test_whatever_is_refused_of_a_coupon_stands_in_the_records_in_words(reason: Reason) -> None:
    assert len({told(reason, "zh-Hant"), told(reason, "en"), str(reason)}) == 3


@pytest.mark.usefixtures("tokens")
def test_statistics_are_by_hour_and_day_of_the_shops_clock_with_previews_apart(mia: Browser) -> None:
    by_hour = mia.get("/console/campaigns/summer-tea/statistics?by=hour&from=2026-12-01&to=2026-12-01").text
    assert figures(by_hour, "2026-12-01 12:00") == [60, 2, 2, 1, 1, 0]
    by_day = mia.get("/console/campaigns/summer-tea/statistics?from=2026-11-20&to=2026-12-05").text
    assert figures(by_day, "2026-12-01") == [60, 2, 2, 1, 1, 0]
    assert figures(by_day, "LINE") == [1, 1, 1, 1, 1, 0]
    assert figures(by_day, "a person, by hand") == [60, 2, 2, 1, 1, 0]
    assert figures(by_day, "Xinyi") == [1]
    assert by_day.count("<figure") == 5 and "2026-12-01: 60" in by_day
    assert "Nothing happened" in mia.get("/console/campaigns/summer-tea/statistics?to=2026-11-30").text
    assert mia.get("/console/campaigns/summer-tea/statistics?by=hour&from=0001-01-01&to=9999-12-31").status_code == 200
    assert mia.get("/console/campaigns/summer-tea/statistics?from=9999-12-29").status_code == 200


def test_only_marketers_see_records_and_nobody_undoes_from_elsewhere_or_what_is_not_named(
    app: Flask, database: Database, tokens: list[str]
) -> None:
    ann = doors.logged_in(app, "ann")
    for path in (RECORDS, f"{RECORDS}.csv", f"{RECORDS}/refused", "/console/audit/", "/console/audit/audit.csv"):
        assert ann.get(path).status_code == 403
    with database.read() as session:
        reference = session.scalars(select(Coupon.reference).where(Coupon.token == tokens[1])).one()
    mia = doors.logged_in(app, "mia")
    assert mia.post(f"{RECORDS}/{reference}/undo", what="all of it", reason="r").status_code == 400
    mia.token = "made up"
    assert mia.post(f"{RECORDS}/{reference}/undo", what="redemption", reason="r").status_code == 400
    assert (len(rows(database, Redemption)), rows(database, UndoneRedemption)) == (2, [])


def found(mia: Browser, words: str) -> str:
    return mia.client.get(RECORDS, query_string={"q": words}, headers={"Accept-Language": "en"}).text


def link(page: str, rel: str) -> str:
    match = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    assert match is not None
    return match[1].replace("&amp;", "&")


def figures(page: str, label: str) -> list[int]:
    """The numbers of the table's line with this label."""
    line = page.split(f'<th scope="row">{label}</th>')[1].split("</tr>", maxsplit=1)[0]
    return [int(number.replace(",", "")) for number in re.findall(r'class="number">([\d,]+)<', line)]


def deeds(database: Database) -> list[str]:
    """What was undone, as the audit log has it."""
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("%.undone"))))


def rows(database: Database, table: type) -> list[object]:
    with database.read() as session:
        return list(session.scalars(select(table)))
