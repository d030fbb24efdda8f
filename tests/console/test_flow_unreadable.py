"""A published version that this Tessera cannot read: it is said where it stands, and nothing else breaks."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core import clock
from db.database import Database
from db.tables import Conversation, Flow, FlowVersion
from tests import cast
from tests.console.conftest import TEXT
from tests.console.test_flow_drafts import publish, save
from tests.console.test_flows import NEWER, publish_file
from tests.web.doors import Browser

MILK = "flow: milk\ntitle: Milk\nlanguages: [en]\nstarts: [{words: milk}]\nsteps:\n  - say: hi\n"


def spoil(database: Database, name: str = "tea", number: int = 1) -> None:
    """Make of the third step what no model knows, as one of another time would be."""
    with database.write() as session:
        version = session.scalars(
            select(FlowVersion)
            .join(Flow, Flow.id == FlowVersion.flow_id)
            .where(Flow.name == name, FlowVersion.number == number)
        ).one()
        steps = list(version.document["steps"])
        steps[2] = {"wait": {"until": ["redeemed"], "timeout": {"after": "soon"}}}
        version.document = {**version.document, "steps": steps}


@pytest.fixture
def unreadable(tea: Path, database: Database, now: datetime) -> Path:
    """The tea, of which nobody can read what is published, and the milk."""
    publish_file(database, tea.parent / "milk.yaml", MILK, now)
    spoil(database)
    return tea


@pytest.mark.usefixtures("unreadable")
def test_the_list_says_which_version_cannot_be_read_and_why(mia: Browser) -> None:
    page = mia.get("/console/flows/")
    assert page.status_code == 200
    assert "This version cannot be read any more (line " in page.text and "soon" in page.text
    assert "Milk" in page.text and page.text.count("cannot be read any more") == 1
    assert "這一版現在讀不懂（第 " in mia.get("/console/flows/", Accept_Language="zh-TW").text


@pytest.mark.usefixtures("unreadable")
def test_its_own_pages_say_so_and_lead_to_the_editor(mia: Browser) -> None:
    page = mia.get("/console/flows/tea")
    assert "cannot be read any more" in page.text and "/console/flows/tea/edit" in page.text
    assert mia.get("/console/flows/tea/move").location == "/console/flows/tea"
    for path in ("tea/edit", "tea/try", "tea/versions/1", "tea/difference?from=1&to=1"):
        assert mia.get(f"/console/flows/{path}").status_code == 200, path


@pytest.mark.usefixtures("unreadable")
def test_other_flows_are_written_and_published_beside_it(mia: Browser) -> None:
    assert save(mia, MILK.replace("hi", "hello"), "milk").status_code == 302
    assert publish(mia, "milk").status_code == 302


@pytest.mark.usefixtures("unreadable")
def test_published_anew_it_is_a_flow_again_and_who_is_in_the_older_version_stays(
    mia: Browser, database: Database
) -> None:
    with database.write() as session:
        (version_id,) = session.scalars(select(FlowVersion.id).where(FlowVersion.source == TEXT))
        contact = cast.contact(session, cast.MEI, clock.now())
        state = {"step": 0, "answers": {}, "waits_for": "answer", "is_ended": False}
        session.add(
            Conversation(contact_id=contact.id, flow_version_id=version_id, state=state, updated_at=clock.now())
        )
    save(mia, NEWER)
    assert publish(mia).status_code == 302
    assert "cannot be read any more" not in mia.get("/console/flows/").text
    page = mia.get("/console/flows/tea/move").text
    assert "Can be moved: 0. Cannot, and finish on the version they began with: 1." in page
    assert "was published by an older Tessera" in page
    assert mia.post("/console/flows/tea/move").location == "/console/flows/tea?moved=0"
