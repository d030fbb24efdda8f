"""A campaign's serials in the console: three ways to add, what is wrong in a file, withdrawing, levels of stock."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from console.packs import wording
from core import serials, stock_levels, symbologies
from core.imports import loading
from db.database import Database
from db.tables import AuditEntry, Import, Pack, Serial
from tests import cast
from tests.web import doors
from tests.web.doors import Browser
from web.services import KEY

ROOM = "/console/campaigns/summer-tea/packs/"


@pytest.fixture
def tea_id(database: Database, now: datetime) -> int:
    with database.write() as session:
        return cast.campaign(session, now, codes=0).id


def upload(mia: Browser, content: bytes, **form: str) -> str:
    """Upload a file; the address of the page that follows."""
    mia.get(ROOM)
    answer = mia.post(f"{ROOM}upload", file=(io.BytesIO(content), "codes.csv"), **form)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def sent(visitor: Browser, path: str, content: bytes) -> TestResponse:
    return visitor.post_large(path, file=FileStorage(io.BytesIO(content), "codes.csv"))


def work(database: Database, now: datetime) -> None:
    """What the job does."""
    while True:
        with database.write() as session:
            import_id = loading.next_open(session)
            if import_id is None:
                return
            loading.step(session, import_id, now)


def test_a_file_is_loaded_by_a_job_and_its_mistakes_are_shown_and_downloaded(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    place = upload(mia, b"serial\nA1\nA1\n=cmd\nB2\n")
    assert "under way" in mia.get(place).text
    assert mia.get(f"{place}/progress").json == {"state": "loading", "done": 0, "total": 5, "good": 0, "bad": 0}
    work(database, now)
    page = mia.get(place).text
    assert "Good rows: 2. Rows that cannot be used: 2. Nothing has been added yet." in page
    assert "&#39;A1&#39; is already in row 2." in page
    assert "still waits for you. A file uploaded now takes its place" in mia.get(ROOM).text
    wrong = list(csv.reader(io.StringIO(mia.get(f"{place}/wrong.csv").text.removeprefix("\ufeff"))))
    assert wrong == [
        ["row", "content", "reason", "why"],
        ["3", "A1", "serial_duplicate", "'A1' is already in row 2."],
        ["4", "'=cmd", "serial_formula", "'=cmd' begins with =, as formulas of spreadsheets do."],
    ]
    assert mia.post(f"{place}/choose", act="good").status_code == 303
    assert "Serials added: 2. Rows left out: 2." in mia.get(place).text
    assert "takes its place" not in mia.get(ROOM).text
    assert "the good ones are added" in mia.get(ROOM.removesuffix("packs/")).text
    with database.read() as session:
        assert serials.stock(session, tea_id) == 2
        told = session.execute(
            select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.actor != "flask").order_by(AuditEntry.id)
        ).all()
    assert [(who, what) for who, what in told] == [
        ("mia", "pack.uploaded"),
        ("mia", "pack.chosen"),
        ("mia", "pack.added"),
    ]
    again = mia.post(f"{place}/choose", act="discard")
    assert again.status_code == 409 and "over already" in again.text


def test_what_is_wrong_with_a_row_is_told_in_chinese_with_its_detail(
    app: Flask, database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    with database.write() as session:
        cast.campaign(session, now, replace(cast.GIFT, barcode="code39"), codes=0)
        serials.import_csv(session, tea_id, b"serial\nOLD", now)
    for slug, rows, sentences in (
        ("summer-tea", b"A1\nA1\nOLD\n", ("'A1' 在第 2 列已經有了。", "'OLD' 在先前的序號包裡已經有了。")),
        (
            "welcome-gift",
            b"=1\nA,B,C\nabc\nABCDEFGHIJKLMNOP\n",
            (
                "'=1' 以 = 開頭，試算表會當成公式執行。",
                "這一列有 3 欄；只能有一欄。",
                "'abc' 不能做成 CODE 39：",
                "'ABCDEFGHIJKLMNOP' 有 16 個字；做成 CODE 39，手機最多顯示 12 個。",
            ),
        ),
    ):
        room = f"/console/campaigns/{slug}/packs/"
        mia.get(room)
        place = mia.post(f"{room}upload", file=(io.BytesIO(b"serial\n" + rows), "codes.csv")).location
        work(database, now)
        wrong = mia.get(f"{place}/wrong.csv", Accept_Language="zh-TW").text
        assert [sentence for sentence in sentences if sentence not in wrong] == []
    with app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        for barcode in symbologies.NAMES:
            refused = symbologies.refusal(barcode, "\u3000x\u200b")
            assert refused and repr("\u3000x\u200b") in wording.why(refused.reason, refused.detail)


def test_an_upload_is_cancelled_and_leaves_nothing(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    place = upload(mia, b"serial\nA1\n")
    mia.get(place)
    mia.post(f"{place}/choose", act="discard")
    work(database, now)
    assert "Somebody cancelled it." in mia.get(place).text
    with database.read() as session:
        assert serials.stock(session, tea_id) == 0
        assert session.scalar(select(func.count()).select_from(Serial)) == 0


@pytest.mark.usefixtures("tea_id")
def test_the_first_row_and_the_encoding_are_asked_about_where_they_could_be_either(
    database: Database, now: datetime, mia: Browser
) -> None:
    place = upload(mia, b"TEA1\nTEA2\n")
    page = mia.get(place).text
    assert '<code class="first">TEA1</code>' in page and "Is this a serial" in page
    mia.post(f"{place}/answer", header="no")
    with database.write() as session:
        cast.campaign(session, now, replace(cast.GIFT), codes=0)
    room = "/console/campaigns/welcome-gift/packs/"
    mia.get(room)
    content = "序號\n優惠一\n優惠二\n".encode("big5")
    place = str(mia.post(f"{room}upload", file=(io.BytesIO(content), "codes.csv")).location)
    assert "序號 · 優惠一 · 優惠二" in mia.get(place).text
    mia.post(f"{place}/answer", encoding="big5")
    work(database, now)
    with database.read() as session:
        codes = session.scalars(select(Serial.code).order_by(Serial.pack_id, Serial.position)).all()
    assert codes == ["TEA1", "TEA2", "優惠一", "優惠二"]


@pytest.mark.usefixtures("tea_id")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04\x00\x00", "This is an Excel file or an archive"),
        (b"A1\n\0\n", "This is no text file"),
        (b"A1\n" + b"A" * 400_000, "more than 100,000 bytes"),
        (b"a,b\n1,2\n", "Row 1 has 2 columns"),
    ],
)
def test_what_is_no_file_of_serials_is_refused_on_the_page(
    database: Database, mia: Browser, content: bytes, words: str
) -> None:
    mia.get(ROOM)
    answer = mia.post(f"{ROOM}upload", file=(io.BytesIO(content), "codes.csv"))
    assert answer.status_code == 422 and words in answer.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.usefixtures("tea_id")
def test_only_an_upload_may_be_large_and_only_up_to_the_setting(database: Database, app: Flask, mia: Browser) -> None:
    app.extensions[KEY] = replace(app.extensions[KEY], serials_file_bytes=4_000_000)
    mia.get(ROOM)
    assert sent(mia, f"{ROOM}upload", b"serial\n" + b"A" * 10 + b"\n" * 3_900_000).status_code == 303
    for size in (4_000_002, 7_000_000):  # read and refused, and not even read
        answer = sent(mia, f"{ROOM}upload", b"A\n" * (size // 2))
        assert answer.status_code in {413, 422} and "The file must be under 4 MB" in answer.text
    assert sent(mia, f"{ROOM}fixed", b"A\n" * 1_500_000).status_code == 413
    stranger = doors.browser(app)
    stranger.get("/login")
    for size in (3_000_000, 7_000_000):
        answer = sent(stranger, f"{ROOM}upload", b"A\n" * (size // 2))
        assert (answer.status_code, "The file must be under" in answer.text) == (413, False)
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 1
        assert session.scalar(select(func.count()).select_from(Pack)) == 0


def test_fixed_and_generated_packs_are_added_and_the_codes_downloaded(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    assert "has no serials yet" in mia.get(ROOM).text
    bad = mia.post(f"{ROOM}fixed", code="FNA@5841", quantity="1,000,001")
    assert bad.status_code == 422 and "a whole number from 1 to 1,000,000" in bad.text
    assert 'value="FNA@5841"' in bad.text and 'role="alert" tabindex="-1" autofocus>' in bad.text
    done = mia.post(f"{ROOM}fixed", code="FNA@5841", quantity="1,000,000")
    assert "The fixed serials are added." in mia.get(str(done.location)).text
    guessed = mia.post(f"{ROOM}generate", pattern="TEA-###", alphabet="letters", quantity="10")
    assert guessed.status_code == 422 and "Too easy to guess" in guessed.text
    place = mia.post(f"{ROOM}generate", pattern="TEA-########", alphabet="digits", check="1", quantity="10").location
    work(database, now)
    assert "Download as CSV" in mia.get(str(place)).text
    with database.read() as session:
        pack_id = session.scalars(select(Pack.id).where(Pack.fixed_code.is_(None))).one()
        codes = session.scalars(select(Serial.code).order_by(Serial.position)).all()
        assert serials.stock(session, tea_id) == 1_000_010
    assert mia.get(f"{ROOM}{pack_id}/serials.csv").text.split() == ["\ufeffserial", *codes]
    assert mia.get(f"{ROOM}{pack_id - 1}/serials.csv").status_code == 404


def test_a_pack_is_withdrawn_and_restored_after_a_question(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    with database.write() as session:
        pack_id = serials.add_fixed(session, tea_id, "FREE", 50, now).id
    asked = mia.get(f"{ROOM}{pack_id}/withdraw").text
    assert "Its 50 unused serials are given out no more. The campaign then has 0 left." in asked
    assert "sold out" in asked and "Nobody has one of its serials yet. You can restore it" in asked
    with database.write() as session:
        assert serials.stock(session, tea_id) == 50
        session.get_one(Pack, pack_id).taken = 49
    asked = mia.get(f"{ROOM}{pack_id}/withdraw").text
    assert "Its one unused serial is given out no more." in asked and "The 49 that were given out stay good." in asked
    with database.write() as session:
        session.get_one(Pack, pack_id).taken = 1
    assert "The one that was given out stays good." in mia.get(f"{ROOM}{pack_id}/withdraw").text
    with database.write() as session:
        session.get_one(Pack, pack_id).taken = 0
    page = mia.get(str(mia.post(f"{ROOM}{pack_id}/withdraw").location)).text
    assert "Withdrawn: no more of it is given out." in page
    with database.read() as session:
        assert serials.stock(session, tea_id) == 0
    assert "The campaign then has 50 left." in mia.get(f"{ROOM}{pack_id}/restore").text
    mia.post(f"{ROOM}{pack_id}/restore")
    with database.read() as session:
        assert serials.stock(session, tea_id) == 50
        assert session.scalars(select(AuditEntry.actor).order_by(AuditEntry.id)).all()[-2:] == ["mia", "mia"]


def test_levels_of_stock_are_set_on_the_page_and_warned_of_in_the_readers_language(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    mia.get(ROOM)
    bad = mia.post(f"{ROOM}levels", levels="few")
    assert bad.status_code == 422 and "up to 10 whole numbers" in bad.text
    mia.post(f"{ROOM}levels", levels="100, 1000")
    assert 'value="1000, 100"' in mia.get(ROOM).text
    with database.write() as session:
        assert serials.stock(session, tea_id) == 0
        stock_levels.warn(session, stock_levels.reached(session), now)
    page = mia.get("/console/contacts/").text
    assert "0 serials left (warning at 100)" in page and "剩 0 張序號" not in page


def test_nobody_sees_or_changes_another_campaigns_packs_by_its_address(
    database: Database, now: datetime, tea_id: int, mia: Browser
) -> None:
    with database.write() as session:
        cast.campaign(session, now, cast.GIFT, codes=0)
        pack_id = serials.add_fixed(session, tea_id, "FREE", 50, now).id
    place = upload(mia, b"serial\nA1\n").replace("summer-tea", "welcome-gift")
    assert mia.get(place).status_code == 404
    assert mia.post(f"{place}/choose", act="discard").status_code == 404
    assert mia.post(f"/console/campaigns/welcome-gift/packs/{pack_id}/withdraw").status_code == 404
    assert mia.get("/console/campaigns/nothing/packs/").status_code == 404
    assert mia.get("/console/campaigns/a%00b/packs/").status_code == 404
    with database.read() as session:
        assert session.scalars(select(Pack.withdrawn_at)).all() == [None]
        assert session.scalars(select(Import.state)).all() == ["loading"]


def test_the_staff_of_a_store_do_not_come_in(app: Flask, tea_id: int) -> None:
    ann = doors.logged_in(app, "ann")
    assert ann.get(ROOM).status_code == 403
    assert ann.post(f"{ROOM}fixed", code="FREE", quantity="5").status_code == 403
    del tea_id
