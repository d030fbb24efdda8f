"""/console/flows/NAME/move and the publish form: who would be moved is said first, and only who asks moves anybody."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from bot.moving import batches
from console.flows import moving
from core import flow_history
from db.database import Database
from db.tables import Conversation
from tests import cast
from tests.console.conftest import TEXT
from tests.console.test_flow_drafts import field, save
from tests.console.test_flows import NEWER, publish_file
from tests.web import doors
from tests.web.doors import Browser

ASKED = {"step": 0, "answers": {}, "waits_for": "answer", "is_ended": False}
NO_ID = TEXT.replace("  - wait:", "  - ask: {text: 幾位, keep: many}\n  - wait:")


def stand(database: Database, state: dict[str, Any], now: datetime, who: tuple[str, str] = cast.MEI) -> None:
    """A customer in the first version."""
    with database.write() as session:
        version = flow_history.numbered(session, "tea", 1)
        assert version is not None
        contact = cast.contact(session, who, now)
        session.add(Conversation(contact_id=contact.id, flow_version_id=version.id, state=state, updated_at=now))


def numbers(database: Database) -> list[int]:
    """The numbers of the versions in which people are."""
    with database.read() as session:
        by_id = {entry.version_id: entry.number for entry in flow_history.of_flow(session, "tea")}
        rows = session.scalars(select(Conversation.flow_version_id).order_by(Conversation.contact_id))
        return [by_id[version_id] for version_id in rows if version_id]


def under_way(page: str) -> list[str]:
    """The last column of the list of versions."""
    table = page.rsplit("Versions", maxsplit=1)[-1]
    return [row.split('<td class="number">')[1].split("<")[0] for row in table.split("<tr>")[2:]]


def test_the_flows_page_leads_to_a_question_and_its_button_moves(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    stand(database, ASKED, now)
    assert "/console/flows/tea/move" not in mia.get("/console/flows/tea").text
    publish_file(database, tea, NEWER, now)
    page = mia.get("/console/flows/tea").text
    assert "People in older versions: 1" in page and 'href="/console/flows/tea/move"' in page
    assert under_way(page) == ["0", "1"]
    assert "Can be moved: 1. Cannot: 0." in mia.get("/console/flows/tea/move").text
    assert numbers(database) == [1]
    answer = mia.post("/console/flows/tea/move")
    assert answer.location == "/console/flows/tea?moved=1"
    assert numbers(database) == [2]
    page = mia.get(answer.location).text
    assert "Moved to the version in use: 1." in page and under_way(page) == ["1", "0"]
    assert "Nobody is in an older version." in mia.get("/console/flows/tea/move").text


def test_who_cannot_be_moved_is_told_by_step_with_the_reason(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    publish_file(database, tea, NO_ID, now)
    with database.write() as session:
        version = flow_history.numbered(session, "tea", 2)
        contact = cast.contact(session, cast.MEI, now)
        assert version is not None
        state = {**ASKED, "step": 2}
        session.add(Conversation(contact_id=contact.id, flow_version_id=version.id, state=state, updated_at=now))
    stand(database, ASKED, now, cast.EVE)
    publish_file(database, tea, TEXT.replace("value: black}", "value: tea}"), now)
    page = mia.get("/console/flows/tea/move").text
    assert "Can be moved: 0. Cannot, and finish on the version they began with: 2." in page
    assert "3 ask" in page and "1 ask" in page
    assert page.count("The step has no id") == 2
    assert "<button>" not in page
    assert mia.post("/console/flows/tea/move").location == "/console/flows/tea?moved=0"
    assert sorted(numbers(database)) == [1, 2]


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize("asks", [True, False])
def test_publishing_moves_people_only_where_the_box_is_ticked(
    mia: Browser, database: Database, now: datetime, *, asks: bool
) -> None:
    stand(database, ASKED, now)
    save(mia, NEWER)
    page = mia.get("/console/flows/tea/publish").text
    assert "After publishing, move who can be moved (1) to the new version" in page
    assert "checked" not in page.split('name="move"')[1].split(">")[0]
    form = {"move": "yes"} if asks else {}
    answer = mia.post("/console/flows/tea/publish", seen=field(page, "seen"), over=field(page, "over"), **form)
    assert numbers(database) == ([2] if asks else [1])
    shown = mia.get(answer.location).text
    assert "Published." in shown
    assert ("Moved to the version in use: 1." in shown) == asks


@pytest.mark.usefixtures("tea")
def test_a_draft_that_is_refused_moves_nobody(mia: Browser, database: Database, now: datetime) -> None:
    stand(database, ASKED, now)
    save(mia, NEWER)
    page = mia.get("/console/flows/tea/publish").text
    answer = mia.post("/console/flows/tea/publish", seen="yesterday", over=field(page, "over"), move="yes")
    assert answer.status_code == 409
    assert numbers(database) == [1]


def test_where_time_was_too_short_the_question_is_asked_once_more(
    mia: Browser, tea: Path, database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(database, ASKED, now)
    publish_file(database, tea, NEWER, now)
    mia.get("/console/flows/tea/move")
    monkeypatch.setattr(moving, "LONGEST", -1)
    answer = mia.post("/console/flows/tea/move")
    assert answer.location == "/console/flows/tea/move?moved=0"
    assert "not yet all of them" in mia.get(answer.location).text
    assert numbers(database) == [1]


@pytest.mark.usefixtures("tea")
def test_only_marketers_move_people(app: Flask, database: Database, mia: Browser, tea: Path, now: datetime) -> None:
    stand(database, ASKED, now)
    publish_file(database, tea, NEWER, now)
    ann, nobody = doors.logged_in(app, "ann"), doors.browser(app)
    assert ann.get("/console/flows/tea/move").status_code == 403
    ann.get("/pos/")
    assert ann.post("/console/flows/tea/move").status_code == 403
    assert nobody.get("/console/flows/tea/move").status_code == 302
    mia.token = "planted"
    assert mia.post("/console/flows/tea/move").status_code == 400
    assert numbers(database) == [1]


@pytest.mark.usefixtures("tea")
def test_an_unknown_flow_or_a_mere_draft_has_nobody_to_move(mia: Browser, database: Database) -> None:
    assert mia.get("/console/flows/nothing/move").status_code == 404
    assert mia.post("/console/flows/nothing/move").status_code == 404
    mia.get("/console/flows/new")
    assert mia.post("/console/flows/new", name="milk", title="Milk").status_code == 302
    assert mia.get("/console/flows/milk/move").status_code == 404
    assert mia.post("/console/flows/milk/move").status_code == 404
    assert batches.move(database, "milk") is None
