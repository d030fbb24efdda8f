"""Publishing in the console beside others: tried before anything is locked, and compared once it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot import drafting, publishing
from bot.drafting import Desk
from bot.publishing import Checked, Proven
from core.refusal import Refused
from db.database import Database
from tests.console.test_flow_drafts import draft_of, field, publish, save
from tests.console.test_flows import NEWER, publish_file, sources
from tests.web.doors import Browser

RIVAL = "flow: rival\nlanguages: [en]\nstarts: [{words: chai}]\nsteps:\n  - say: hi\n"
WITH_CHAI = NEWER.replace("[茶, tea]", "[茶, tea, chai]")


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each text that was tried, whether a transaction that writes was open then."""
    open_now, found = list[Session](), list[bool]()
    write, tried = Database.write, publishing.tried

    @contextmanager
    def noted(database: Database) -> Iterator[Session]:
        with write(database) as session:
            open_now.append(session)
            yield session
            open_now.pop()

    def seen(checked: Checked, *others: object) -> object:
        found.append(bool(open_now))
        return tried(checked, *others)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(Database, "write", noted)
    monkeypatch.setattr(publishing, "tried", seen)
    return found


@pytest.mark.usefixtures("tea")
def test_a_draft_is_tried_before_the_transaction_that_publishes_it(mia: Browser, writing: list[bool]) -> None:
    save(mia, NEWER)
    assert publish(mia).status_code == 302
    assert writing == [False]


def test_an_older_version_is_tried_before_the_transaction_that_goes_back_to_it(
    mia: Browser, tea: Path, database: Database, now: datetime, writing: list[bool]
) -> None:
    publish_file(database, tea, NEWER, now)
    mia.get("/console/flows/tea/versions/1")
    writing.clear()
    assert mia.post("/console/flows/tea/versions/1", over=2).status_code == 302
    assert writing == [False]


@pytest.fixture
def then(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What happens once, between a trial and the transaction that publishes."""
    acts, proven = list[Callable[[], object]](), drafting.proven

    def prove(desk: Desk, text: str) -> Proven | Refused:
        found = proven(desk, text)
        for act in [acts.pop()] if acts else []:
            act()
        return found

    monkeypatch.setattr(drafting, "proven", prove)
    return acts


def test_another_flow_published_since_the_trial_keeps_the_draft_back_until_it_is_seen(
    mia: Browser, tea: Path, database: Database, now: datetime, then: list[Callable[[], object]]
) -> None:
    save(mia, WITH_CHAI)
    then.append(lambda: publish_file(database, tea.parent / "rival.yaml", RIVAL, now))
    answer = publish(mia)
    assert answer.status_code == 409
    assert "other flows were published while this one was checked" in answer.text
    assert "the start &#39;word chai&#39; is taken by the flow &#39;rival&#39;" in answer.text
    assert draft_of(database) == WITH_CHAI
    assert WITH_CHAI not in sources(database)


def test_an_older_version_is_kept_back_likewise(
    mia: Browser, tea: Path, database: Database, now: datetime, then: list[Callable[[], object]]
) -> None:
    publish_file(database, tea, NEWER, now)
    mia.get("/console/flows/tea/versions/1")
    then.append(lambda: publish_file(database, tea.parent / "rival.yaml", RIVAL, now))
    answer = mia.post("/console/flows/tea/versions/1", over=2)
    assert (answer.status_code, "other flows were published" in answer.text) == (409, True)
    assert len(sources(database)) == 3  # two of the tea, one of the rival
    assert mia.post("/console/flows/tea/versions/1", over=2).status_code == 302


@pytest.mark.usefixtures("tea")
def test_a_draft_saved_since_the_trial_is_neither_published_nor_lost(
    mia: Browser, database: Database, then: list[Callable[[], object]]
) -> None:
    save(mia, NEWER)
    page = mia.get("/console/flows/tea/publish").text
    then.append(lambda: save(mia, WITH_CHAI))
    answer = mia.post("/console/flows/tea/publish", seen=field(page, "seen"), over=field(page, "over"))
    assert answer.status_code == 409
    assert "somebody has saved this draft since you saw it" in answer.text
    assert draft_of(database) == WITH_CHAI
    assert len(sources(database)) == 1
