"""The page of a flow that begins at a time: for how many it will, has, and has not, and why."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core import clock, contacts, timed_starts
from core.reasons import Reason
from core.timed_starts import Whom
from db.database import Database
from db.tables import FlowVersion
from settings import TAIPEI
from tests import cast, release
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
