"""`flask flows move` and `publish --move`: what would happen is said, then asked, then done."""

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from core import clock, flow_history
from db.tables import Conversation, FlowVersion
from tests import cast
from tests.commands.test_commands import run, written
from tests.doors import House

TEXT = """\
flow: hello
languages: [en]
starts: [{words: hello}]
steps:
  - id: name
    ask: {text: Your name, keep: name}
  - id: town
    ask: {text: Your town, keep: town}
  - say: Hi
"""
NEWER = TEXT.replace("id: town", "id: city").replace("Hi", "Good day")


def answer(house: House, words: str, *command: str) -> Result:
    return house.app.test_cli_runner().invoke(args=list(command), input=words)


def numbers(house: House) -> list[int]:
    """The numbers of the versions in which people are."""
    with house.database.read() as session:
        by_id = {entry.version_id: entry.number for entry in flow_history.of_flow(session, "hello")}
        rows = session.scalars(select(Conversation.flow_version_id).order_by(Conversation.contact_id))
        return [by_id[version_id] for version_id in rows if version_id]


@pytest.fixture
def file(house: House, tmp_path: Path) -> str:
    """A published flow with two people at its first question and one at its second; its file is newer."""
    path = written(tmp_path, TEXT, "hello.yaml")
    assert run(house, "flows", "publish", path).exit_code == 0
    with house.database.write() as session:
        (entry,) = flow_history.of_flow(session, "hello")
        for step, who in ((0, cast.MEI), (0, cast.ALEX), (1, cast.EVE)):
            contact = cast.contact(session, who, clock.now())
            state = {"step": step, "answers": {"name": "Mei"}, "waits_for": "answer"}
            place = {"flow_version_id": entry.version_id, "state": state}
            session.add(Conversation(contact_id=contact.id, updated_at=clock.now(), **place))
    written(tmp_path, NEWER, "hello.yaml")
    return path


SAID = """\
hello: 2 people in older versions can be moved to version 2, 1 cannot.
  1 at version 1, step 2 (ask 'town'): The newest version has no step with this id. (move_step_gone)
"""


def test_publishing_says_who_would_move_asks_and_moves(house: House, file: str) -> None:
    result = answer(house, "y\n", "flows", "publish", "--move", file)
    asked = "Publish, and move 2 people? [y/N]: y\n"
    assert result.output == (f"{SAID}{asked}Published hello, version 2.\nhello: 2 people were moved to version 2.\n")
    assert numbers(house) == [2, 2, 1]


def test_a_no_publishes_and_moves_nothing(house: House, file: str) -> None:
    result = answer(house, "n\n", "flows", "publish", "--move", file)
    assert (result.exit_code, SAID in result.output) == (1, True)
    with house.database.read() as session:
        assert len(flow_history.of_flow(session, "hello")) == 1
    assert numbers(house) == [1, 1, 1]


def test_a_published_flow_is_moved_to_later_and_only_once(house: House, file: str) -> None:
    assert run(house, "flows", "publish", file).exit_code == 0
    assert answer(house, "n\n", "flows", "move", "hello").exit_code == 1
    assert numbers(house) == [1, 1, 1]
    assert run(house, "flows", "move", "hello", "--yes").output == f"{SAID}hello: 2 people were moved to version 2.\n"
    again = SAID.replace("2 people in", "0 people in")
    assert run(house, "flows", "move", "hello", "--yes").output == again
    assert run(house, "flows", "publish", "--move", "--yes", file).output == f"{again}hello is published already (2).\n"
    assert numbers(house) == [2, 2, 1]


def test_a_file_with_a_mistake_moves_nobody(house: House, file: str) -> None:
    Path(file).write_text(NEWER.replace("ask:", "asks:"), encoding="utf-8")
    assert run(house, "flows", "publish", "--move", "--yes", file).exit_code == 1
    assert numbers(house) == [1, 1, 1]


def test_a_flow_that_nobody_is_in_or_that_is_not_there(house: House, tmp_path: Path) -> None:
    path = written(tmp_path, TEXT, "hello.yaml")
    result = run(house, "flows", "publish", "--move", path)
    assert result.output == "hello: nobody is in an older version than 1.\nPublished hello, version 1.\n"
    assert run(house, "flows", "move", "hello").output == "hello: nobody is in an older version than 1.\n"
    result = run(house, "flows", "move", "helo")
    assert (result.exit_code, "did you mean 'hello'?" in result.output) == (1, True)


def test_a_chinese_reader_is_told_and_asked_in_chinese(house: House, file: str) -> None:
    said = (
        "hello：較舊版本裡的人，2 人可以移到第 2 版，1 人不能。\n"
        "  1 人在第 1 版第 2 步（ask 'town'）：這個步驟在新版裡沒有了。（move_step_gone）\n"
    )
    result = answer(house, "y\n", "flows", "publish", "--move", "--language", "zh", file)
    assert result.output == f"{said}發布，並移動 2 人？ [y/N]: y\n已發布 hello 第 2 版。\nhello：2 人移到了第 2 版。\n"
    assert numbers(house) == [2, 2, 1]
    again = run(house, "flows", "move", "--language", "zh", "hello")
    assert again.output == said.replace("2 人可以", "0 人可以")
    unknown = run(house, "flows", "move", "--language", "zh", "helo")
    assert "沒有發布「helo」這個流程；是不是「hello」？" in unknown.output
    assert (
        "沒有人在第 1 版以前的版本裡。"
        in run(house, "flows", "publish", "--move", "--language", "zh", _other(file)).output
    )


def _other(file: str) -> str:
    """A flow that nobody is in."""
    return written(Path(file).parent, TEXT.replace("hello", "other"), "other.yaml")


def test_to_a_version_that_cannot_be_read_nobody_is_moved(house: House, file: str) -> None:
    run(house, "flows", "publish", file)
    with house.database.write() as session:
        newest = session.scalars(select(FlowVersion).where(FlowVersion.number == 2)).one()
        newest.document = {**newest.document, "steps": [{"dance": True}]}
    result = run(house, "flows", "move", "--yes", "hello")
    assert (result.exit_code, "Nobody can be moved: version 2:" in result.output) == (1, True)
    assert numbers(house) == [1, 1, 1]
