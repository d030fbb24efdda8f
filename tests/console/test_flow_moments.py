"""The page of a flow that begins at a time: for how many it will, has, and has not, and why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from core import clock, contacts, timed_starts
from core.reasons import Reason
from core.timed_starts import Whom
from db.database import Database
from db.tables import FlowVersion, TimedStart
from settings import TAIPEI
from tests import cast, release
from tests.console.test_flow_drafts import save
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser

AT = datetime(2026, 12, 24, 10, tzinfo=TAIPEI)
TEXT = """\
flow: xmas
starts:
  - at: 2026-12-24 10:00
    with: {tag: vip, language: zh-Hant}
steps:
  - say: 聖誕快樂
"""


@pytest.fixture
def xmas(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow, published a day before its moment, and three contacts with the tag, of whom one reads English."""
    before = AT - timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: before)
    file = tmp_path / "xmas.yaml"
    file.write_text(TEXT, encoding="utf-8")
    with database.write() as session:
        release.publish(session, file, before)
        for place, who in enumerate((cast.MEI, cast.EVE, cast.ALEX)):
            contact = cast.contact(session, who, before)
            contacts.note_profile(contact, "", "", ("zh-TW", "zh-HK", "en")[place], before)
            contacts.tag(session, contact.id, "vip", before)


@pytest.mark.usefixtures("xmas")
def test_a_moment_that_is_ahead_says_for_how_many_it_would_come_now(mia: Browser) -> None:
    page = mia.get("/console/flows/xmas").text
    assert "<h2>At a time</h2>" in page
    assert 'scope="row">2026-12-24 10:00</th>' in page
    assert "ahead; counted as things are now (vip, zh-Hant)" in page
    assert '<td class="number">2</td><td class="number">-</td>' in page


@pytest.mark.usefixtures("xmas")
def test_without_a_channel_or_a_language_everybody_with_the_tag_is_counted(database: Database) -> None:
    with database.read() as session:
        assert timed_starts.count(session, Whom(("vip",))) == 3
        assert timed_starts.count(session, Whom(("vip", "gold"), "line")) == 2
        assert timed_starts.count(session, Whom(("gold",))) == 0


@pytest.mark.usefixtures("xmas")
def test_a_moment_that_came_says_how_many_have_begun_and_why_others_have_not(mia: Browser, database: Database) -> None:
    with database.write() as session:
        flow_id, version_id = session.execute(select(FlowVersion.flow_id, FlowVersion.id)).one()
        assert timed_starts.keep(session, flow_id, AT, Whom(("vip",)), AT) == 3
    with database.write() as session:
        first, second, _ = timed_starts.take(session, AT, 3)
        timed_starts.settle(first, version_id, AT)
        timed_starts.settle(second, Reason.TAKEN_OVER, AT)
    page = mia.get("/console/flows/xmas").text
    assert "under way" in page
    numbers = "".join(f'<td class="number">{number}</td>' for number in (3, 1, 1, 1))
    assert numbers in page
    assert "1: A person was talking with them" in page


@pytest.mark.usefixtures("xmas")
def test_the_trial_of_the_page_reaches_the_moment(mia: Browser) -> None:
    assert 'value="at:2026-12-24 10:00"' in mia.get("/console/flows/xmas/try").text


@pytest.mark.usefixtures("tea")
def test_a_flow_that_begins_at_no_time_says_nothing_of_it(mia: Browser) -> None:
    assert "At a time" not in mia.get("/console/flows/tea").text


STOP = f"/console/flows/xmas/stop?at={AT.astimezone(UTC).isoformat().replace('+', '%2B')}"


def stop(who: Browser, act: str = "stop") -> TestResponse:
    who.get(STOP)
    return who.post("/console/flows/xmas/stop", at=AT.astimezone(UTC).isoformat(), act=act)


@pytest.mark.usefixtures("xmas")
def test_a_moment_that_is_ahead_is_stopped_after_a_question_and_the_stop_taken_back(
    mia: Browser, database: Database
) -> None:
    assert STOP.replace("&", "&amp;") in mia.get("/console/flows/xmas").text
    page = mia.get(STOP).text
    assert "Stop the start of 2026-12-24 10:00?" in page
    assert "nothing has been sent. As things are now, it would begin with 2 people" in page
    with database.read() as session:
        assert session.scalars(select(TimedStart.id)).all() == []
    answer = stop(mia)
    assert answer.location == "/console/flows/xmas?done=stopped"
    page = mia.get(answer.location).text
    assert "Stopped. The table below says" in page and "It was stopped in the console." in page
    assert "Let it begin…" in page and page.count('scope="row">2026-12-24 10:00</th>') == 1
    assert "Let 2026-12-24 10:00 begin after all?" in mia.get(STOP).text
    answer = stop(mia, "resume")
    assert "The stop is taken back" in mia.get(answer.location).text
    with database.read() as session:
        assert session.scalars(select(TimedStart.id)).all() == []
    done = [("mia", f"flow.start_{done}", "xmas") for done in ("stopped", "resumed")]
    assert deeds(database, "flow")[-2:] == done


@pytest.mark.usefixtures("xmas")
def test_in_the_middle_it_is_said_with_how_many_it_has_begun(mia: Browser, database: Database) -> None:
    with database.write() as session:
        flow_id, version_id = session.execute(select(FlowVersion.flow_id, FlowVersion.id)).one()
        timed_starts.keep(session, flow_id, AT, Whom(("vip",)), AT)
        timed_starts.settle(timed_starts.take(session, AT, 1)[0], version_id, AT)
    page = mia.get(STOP).text
    assert "It has begun with 1 people: their messages are sent or on their way" in page
    assert "none of those whose turn has not come (2 now)" in page
    chinese = mia.get(STOP, Accept_Language="zh-TW").text
    assert "停止 2026-12-24 10:00 的開始？" in chinese and "已經對 1 人開始" in chinese
    assert stop(mia).location == "/console/flows/xmas?done=stopped"
    assert "2: It was stopped in the console." in mia.get("/console/flows/xmas").text
    answer = stop(mia)
    assert (answer.status_code, "nothing has changed" in answer.text) == (409, True)
    assert "<button>" not in mia.get(STOP).text


@pytest.mark.usefixtures("xmas")
def test_publishing_says_that_a_start_stays_stopped(mia: Browser) -> None:
    save(mia, TEXT.replace("聖誕快樂", "佳節愉快"), "xmas")
    assert "is stopped and stays so" not in mia.get("/console/flows/xmas/publish").text
    stop(mia)
    assert "The start of 2026-12-24 10:00 is stopped and stays so" in mia.get("/console/flows/xmas/publish").text


@pytest.mark.usefixtures("xmas", "tea")
def test_only_marketers_stop_and_only_what_there_is(app: Flask, mia: Browser, database: Database) -> None:
    ann, nobody = doors.logged_in(app, "ann"), doors.browser(app)
    assert (ann.get(STOP).status_code, nobody.get(STOP).status_code) == (403, 302)
    ann.get("/pos/")
    at = AT.astimezone(UTC).isoformat()
    assert ann.post("/console/flows/xmas/stop", at=at).status_code == 403
    for path in (STOP.replace("xmas", "tea"), STOP.replace("T02", "T03"), STOP.replace("xmas", "nothing")):
        assert mia.get(path).status_code == 404, path
    assert mia.get("/console/flows/xmas/stop").status_code == 400
    assert mia.post("/console/flows/xmas/stop", at=at.replace("T02", "T03")).status_code == 404
    mia.token = "planted"
    assert mia.post("/console/flows/xmas/stop", at=at).status_code == 400
    with database.read() as session:
        assert session.scalars(select(TimedStart.id)).all() == []
