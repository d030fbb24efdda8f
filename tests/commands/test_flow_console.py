"""`flask flows publish`, `diff` and `export` where a flow was changed in the console: nothing is lost silently."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import drafting, following, publishing
from bot.publishing import Checked
from commands.flow_publishing import publish_files
from core import clock, flow_history, users
from core.flows import Origin
from core.refusal import Refused
from db.tables import FlowVersion
from settings import TAIPEI
from tests import release
from tests.commands.test_commands import run, written
from tests.doors import House

TEXT = "flow: hello\nlanguages: [en]\nstarts: [{words: hello}]\nsteps:\n  - say: Hi\n"
CHANGED = TEXT.replace("Hi", "Good day")


def versions(house: House) -> list[tuple[int, str, str]]:
    with house.database.read() as session:
        rows = session.execute(
            select(FlowVersion.number, FlowVersion.via, FlowVersion.source).order_by(FlowVersion.number)
        )
        return [(number, via, source) for number, via, source in rows]


def change_in_console(house: House, text: str = CHANGED) -> None:
    with house.database.write() as session:
        user_id = users.id_of(session, "mia")
        user_id = user_id or users.create(session, "mia", "a long password", "marketer", None, clock.now()).id
        number = flow_history.of_flow(session, "hello")[0].number
        origin = Origin("console", user_id, number)
        desk = drafting.desk(session, "hello", clock.now(), TAIPEI)
        proven = drafting.proven(desk, text)
        assert not isinstance(proven, Refused)
        assert not isinstance(drafting.publish(session, desk, proven, origin, clock.now()), Refused)


@pytest.fixture
def file(house: House, tmp_path: Path) -> str:
    """A file that was published, and then changed in the console."""
    path = written(tmp_path, TEXT, "hello.yaml")
    assert run(house, "flows", "publish", path).exit_code == 0
    change_in_console(house)
    return path


def test_a_file_that_has_not_the_consoles_change_is_refused_with_who_and_what_to_do(house: House, file: str) -> None:
    result = run(house, "flows", "publish", file)
    assert result.exit_code == 1
    for words in ("mia published version 2 of hello", "flow_changed_in_console", "Nothing was published"):
        assert words in result.output
    assert f"flask flows diff hello --file {file}" in result.output
    assert "--over-console" in result.output
    assert [version[:2] for version in versions(house)] == [(1, "files"), (2, "console")]


def test_the_difference_is_shown(house: House, file: str) -> None:
    result = run(house, "flows", "diff", "hello", "--file", file)
    assert "-  - say: Good day\n+  - say: Hi" in result.output
    assert run(house, "flows", "diff", "nothing", "--file", file).exit_code == 1


def test_a_file_that_took_the_change_in_is_published_again(house: House, file: str) -> None:
    assert run(house, "flows", "export", "hello", "--file", file).exit_code == 0
    text = Path(file).read_text(encoding="utf-8")
    assert text == f"# based on version 2\n{CHANGED}"
    assert "published already (2)" in run(house, "flows", "publish", file).output
    assert "has the text of version 2" in run(house, "flows", "diff", "hello", "--file", file).output
    Path(file).write_text(text.replace("Good day", "Good evening"), encoding="utf-8")
    assert "Published hello, version 3." in run(house, "flows", "publish", file).output
    assert versions(house)[2] == (3, "files", CHANGED.replace("Good day", "Good evening"))
    change_in_console(house)
    assert run(house, "flows", "publish", file).exit_code == 1


def test_a_change_of_the_console_is_replaced_where_that_is_said(house: House, file: str) -> None:
    assert "version 3" in run(house, "flows", "publish", "--over-console", file).output
    assert versions(house)[2] == (3, "files", TEXT)


def test_one_refused_file_keeps_all_of_them_back(house: House, file: str, tmp_path: Path) -> None:
    other = written(tmp_path, TEXT.replace("hello", "other"), "other.yaml")
    assert run(house, "flows", "publish", file, other).exit_code == 1
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FlowVersion)) == 2


def test_the_demo_leaves_what_was_changed_in_the_console(house: House, file: str) -> None:
    with house.app.app_context():
        lines = list(publish_files(house.database, [Path(file)], keep_console=True))
    assert lines == ["hello stays as it was published in the console (2)."]
    assert len(versions(house)) == 2


def test_what_is_not_published_cannot_be_exported(house: House, tmp_path: Path) -> None:
    result = run(house, "flows", "export", "hello", "--file", str(tmp_path / "hello.yaml"))
    assert result.exit_code == 1
    assert "No flow 'hello' is published" in result.output
    assert not (tmp_path / "hello.yaml").exists()


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("flow: a\n", "# based on version 7\nflow: a\n"),
        ("# based on version 3\nflow: a\n", "# based on version 7\nflow: a\n"),
        (
            "# yaml-language-server: $schema=x\nflow: a",
            "# yaml-language-server: $schema=x\n# based on version 7\nflow: a",
        ),
    ],
)
def test_the_line_that_a_following_file_has_is_written_once_and_is_no_part_of_the_text(text: str, joined: str) -> None:
    assert following.joined(7, text) == joined
    assert following.split(joined) == (7, following.split(text)[1])


def test_a_file_that_cannot_be_read_or_written_is_told_in_a_sentence(house: House, file: str, tmp_path: Path) -> None:
    big5 = tmp_path / "big5.yaml"
    big5.write_bytes("flow: 茶".encode("big5"))
    result = run(house, "flows", "diff", "hello", "--file", str(big5))
    assert result.exit_code == 1
    assert f"{big5} cannot be read as UTF-8 text" in result.output
    result = run(house, "flows", "export", "hello", "--file", f"{file}/no/folder.yaml")
    assert result.exit_code == 1
    assert "cannot be written: Not a directory" in result.output


def test_a_file_is_tried_with_nothing_locked_and_kept_back_where_another_flow_came_meanwhile(
    house: House, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other flow is published in the middle of the trial: SQLite's one writer is free then."""
    (tmp_path / "beside").mkdir()
    rival = written(tmp_path / "beside", TEXT.replace("hello", "rival"), "rival.yaml")
    tried, rivals = publishing.tried, [Path(rival)]

    def meanwhile(checked: Checked, *others: object) -> object:
        for one in [rivals.pop()] if rivals else []:
            with house.database.write() as session:
                release.publish(session, one, clock.now())
        return tried(checked, *others)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(publishing, "tried", meanwhile)
    result = run(house, "flows", "publish", "--over-console", file)
    assert (result.exit_code, "other flows were published while hello was checked" in result.output) == (1, True)
    assert "flow_others_changed" in result.output
    assert [text for _, _, text in versions(house)].count(TEXT) == 1  # the first one, from before
    assert "version 3" in run(house, "flows", "publish", "--over-console", file).output
