"""/console/flows/: what is there, who is in it, what was published when, and going back."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from core import clock, flow_history
from db.database import Database
from db.tables import Conversation, FlowTurn, FlowVersion
from tests import cast, release
from tests.console.conftest import TEXT
from tests.web import doors
from tests.web.doors import Browser

NEWER = TEXT.replace("en: Thank you!", "en: Thanks a lot!")


def sources(database: Database) -> list[str]:
    """The texts of all versions, in their order."""
    with database.read() as session:
        return list(session.scalars(select(FlowVersion.source).order_by(FlowVersion.number)))


def publish_file(database: Database, file: Path, text: str, now: datetime) -> None:
    file.write_text(text, encoding="utf-8")
    with database.write() as session:
        release.publish(session, file, now)


def test_without_a_flow_the_page_teaches_what_one_is_and_how_to_begin(mia: Browser) -> None:
    page = mia.get("/console/flows/")
    assert page.status_code == 200
    assert "There is no flow yet." in page.text
    assert "flask flows publish" in page.text
    assert 'href="/console/flows/new"' in page.text


@pytest.mark.usefixtures("tea")
def test_the_list_says_what_starts_a_flow_and_when_it_was_published(mia: Browser) -> None:
    page = mia.get("/console/flows/").text
    for words in ("Tea for two", "茶, tea", "version 1", "2026-12-01 12:00 · a file"):
        assert words in page
    assert "/console/flows/" in mia.get("/console/campaigns/").text


@pytest.mark.usefixtures("tea")
def test_the_page_of_a_flow_is_drawn_with_how_often_steps_ran_and_who_stands_there(
    mia: Browser, database: Database
) -> None:
    today = clock.now()
    with database.write() as session:
        (version_id,) = session.scalars(select(FlowVersion.id))
        me = cast.contact(session, cast.MEI, today)
        state = {"step": 0, "answers": {}, "waits_for": "answer", "is_ended": False, "version_id": 0}
        session.add(
            Conversation(
                contact_id=me.id, flow_version_id=version_id, state=state, updated_at=today - timedelta(days=2)
            )
        )
        session.add(FlowTurn(contact_id=me.id, flow_version_id=version_id, steps=[0, 1], at=today))
    page = mia.get("/console/flows/tea").text
    assert "1× · 1 here · 1 left" in page
    first_row = page.split('<th scope="row">1 ask')[1].split("</tr>")[0]
    assert [cell.split("<")[0] for cell in first_row.split('<td class="number">')[1:]] == ["1", "1", "1", "0"]
    assert '<td class="number">1</td>' in mia.get("/console/flows/").text


@pytest.mark.usefixtures("tea")
def test_an_unknown_flow_or_version_is_not_found(mia: Browser) -> None:
    for path in ("nothing", "nothing/edit", "nothing/try", "nothing/publish", "nothing/difference"):
        assert mia.get(f"/console/flows/{path}").status_code == 404, path
    for path in ("%00", "tea%00/edit", "tea/versions/99999999999999999999", "tea?version=99999999999999999999"):
        assert mia.get(f"/console/flows/{path}").status_code == 404, path
    for path in ("tea?version=7", "tea/versions/7", "tea/difference?from=1&to=7", "tea/difference?from=1&to=0"):
        assert mia.get(f"/console/flows/{path}").status_code == 404, path
    for path in ("nothing/draft", "nothing/publish", "nothing/try", "nothing/discard", "tea/versions/7"):
        assert mia.post(f"/console/flows/{path}", source="x").status_code == 404, path


@pytest.mark.usefixtures("tea")
def test_staff_and_strangers_see_nothing_of_the_room_and_change_nothing(app: Flask, database: Database) -> None:
    ann, nobody = doors.logged_in(app, "ann"), doors.browser(app)
    for path in (
        "",
        "tea",
        "tea/edit",
        "tea/try",
        "tea/publish",
        "tea/versions/1",
        "new",
        "tea/difference?from=1&to=1",
    ):
        assert ann.get(f"/console/flows/{path}").status_code == 403, path
        assert nobody.get(f"/console/flows/{path}").status_code == 302, path
    ann.get("/pos/")
    for path in ("tea/draft", "tea/publish", "tea/versions/1", "tea/discard", "tea/check", "tea/try", "new"):
        assert ann.post(f"/console/flows/{path}", source=NEWER, name="mine").status_code == 403, path
    assert sources(database) == [TEXT]
    assert "a draft" not in doors.logged_in(app, "mia").get("/console/flows/").text


@pytest.mark.usefixtures("tea")
def test_a_post_without_the_pages_token_is_refused(mia: Browser, database: Database) -> None:
    for path in ("tea/draft", "tea/publish", "tea/versions/1", "tea/discard", "tea/check", "tea/try", "new"):
        mia.token = "planted"
        assert mia.post(f"/console/flows/{path}", source=NEWER).status_code == 400, path
    assert sources(database) == [TEXT]


def test_two_versions_are_compared_line_by_line_with_signs(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    publish_file(database, tea, NEWER, now)
    page = mia.get("/console/flows/tea/difference?from=1&to=2").text
    assert "<del>  - say: {zh-Hant: 謝謝光臨！, en: Thank you!}</del>" in page
    assert "<ins>  - say: {zh-Hant: 謝謝光臨！, en: Thanks a lot!}</ins>" in page
    assert '<span class="unseen">added</span>' in page
    assert "The texts are the same." in mia.get("/console/flows/tea/difference?from=2&to=2").text


def test_going_back_is_asked_first_and_makes_a_new_version_of_the_older_text(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    publish_file(database, tea, NEWER, now)
    question = mia.get("/console/flows/tea/versions/1")
    assert "Roll back to version 1?" in question.text
    assert sources(database) == [TEXT, NEWER]
    answer = mia.post("/console/flows/tea/versions/1", over=2)
    assert answer.status_code == 302
    assert sources(database) == [TEXT, NEWER, TEXT]
    with database.read() as session:
        newest = flow_history.of_flow(session, "tea")[0]
    assert (newest.number, newest.via, newest.username, newest.is_published) == (3, "console", "mia", True)
    assert "Rolled back" in mia.get(answer.location).text


def test_going_back_over_a_version_that_the_page_did_not_show_is_refused(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    publish_file(database, tea, NEWER, now)
    mia.get("/console/flows/tea/versions/1")
    publish_file(database, tea, NEWER.replace("All gone", "All of them are gone"), now)
    answer = mia.post("/console/flows/tea/versions/1", over=2)
    assert answer.status_code == 409
    assert "version 3 was published by a file at 2026-12-01 12:00" in answer.text
    assert len(sources(database)) == 3


def test_an_older_text_that_is_a_mistake_by_now_is_not_gone_back_to(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    publish_file(database, tea, NEWER.replace("[茶, tea]", "[茶]"), now)
    rival = tea.parent / "rival.yaml"
    publish_file(database, rival, "flow: rival\nlanguages: [en]\nstarts: [{words: tea}]\nsteps:\n  - say: hi\n", now)
    page = mia.get("/console/flows/tea/versions/1").text
    assert "it cannot be rolled back to" in page
    assert mia.post("/console/flows/tea/versions/1", over=2).status_code == 409
    with database.read() as session:
        assert flow_history.of_flow(session, "tea")[0].number == 2
