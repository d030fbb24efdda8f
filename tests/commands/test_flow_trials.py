"""`flask flows test`, `chat`, `graph` and `check --format`, as a marketer types them."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select

from core import clock
from db.database import Database
from db.tables import FlowVersion
from tests import cast, doors
from tests.bot.rehearsal.flows import TEA, with_talk
from tests.commands.test_commands import run, written
from tests.doors import House

ROOT = Path(__file__).parent.parent.parent
GOOD = with_talk("customer: 茶", "bot: ...", "taps: 店員", "bot: 請留言。")
BAD = with_talk("customer: 茶", "bot: ...", "taps: 店員", "bot: 請寫信。")


def test_the_example_flows_go_as_they_are_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = run(house, "flows", "test")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("14 conversations in 2 files, all as written (")


def test_what_goes_otherwise_is_shown_with_its_lines_and_ends_with_status_1(house: House, tmp_path: Path) -> None:
    bad = written(tmp_path, BAD, "tea.yaml")
    result = run(house, "flows", "test", bad)
    assert result.exit_code == 1
    line = BAD.splitlines().index("      - bot: 請寫信。") + 1
    assert f"    {line} - - bot: 請寫信。\n       + - bot: 請留言。\n" in result.output
    assert f"{bad}:{BAD.splitlines().index('  - name: a talk') + 3}: a talk" in result.output
    assert "1 conversations in 1 files, 1 otherwise than written (" in result.output
    assert Path(bad).read_text(encoding="utf-8") == BAD


def test_update_writes_what_now_happens(house: House, tmp_path: Path) -> None:
    bad = written(tmp_path, BAD, "tea.yaml")
    updated = run(house, "flows", "test", "--update", bad)
    assert (updated.exit_code, f"{bad}: 1 conversations written anew." in updated.output) == (0, True)
    assert Path(bad).read_text(encoding="utf-8") == GOOD
    assert run(house, "flows", "test", bad).exit_code == 0


def test_update_keeps_the_line_breaks_of_the_file(house: House, tmp_path: Path) -> None:
    file = tmp_path / "tea.yaml"
    file.write_bytes(BAD.replace("\n", "\r\n").encode())
    run(house, "flows", "test", "--update", str(file))
    assert file.read_bytes() == GOOD.replace("\n", "\r\n").encode()


def test_update_leaves_a_file_that_it_cannot_write_as_it_is(house: House, tmp_path: Path) -> None:
    text = with_talk("customer: 茶", "bot: x", "taps: 店員們")
    file = written(tmp_path, text, "tea.yaml")
    result = run(house, "flows", "test", "--update", file)
    assert result.exit_code == 1
    assert "did you mean '店員'" in result.output
    assert Path(file).read_text(encoding="utf-8") == text


def test_a_file_with_mistakes_is_not_tried(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("go: staff", "go: staf"), "tea.yaml")
    result = run(house, "flows", "test", file)
    assert result.exit_code == 1
    assert "there is no step 'staf'; did you mean 'staff'?" in result.output
    assert "0 conversations in 1 files, all as written; 1 cannot be tried (" in result.output


def test_publish_refuses_a_flow_whose_conversations_go_otherwise(house: House, tmp_path: Path) -> None:
    with house.database.write() as session:
        cast.campaign(session, clock.now())
    failed = run(house, "flows", "publish", written(tmp_path, BAD, "tea.yaml"))
    assert failed.exit_code == 1
    assert "the conversation 'a talk' goes otherwise: bot: 請留言。" in failed.output
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FlowVersion)) == 0
    assert "Published tea, version 1." in run(house, "flows", "publish", written(tmp_path, GOOD, "tea.yaml")).output
    with house.database.read() as session:
        version = session.scalars(select(FlowVersion)).one()
    assert "conversations:" in version.source
    assert "conversations" not in version.document


def test_a_chat_is_read_from_a_pipe_until_it_ends(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, TEA, "tea.yaml")
    said = "tea\n1\n/after 2 days\n"
    words = ["flows", "chat", file, "--language", "en", "--channel", "messenger", "--name", "Alex"]
    result = house.app.test_cli_runner().invoke(args=words, input=said)
    assert result.exit_code == 0
    assert "tea, in Messenger, with Alex, who reads en." in result.output
    assert "> tea\n  Which one?\n    1. Black\n    2. Staff\n> 1\n" in result.output
    assert "kept back, as Messenger's 24 hours are over: Your coupon is waiting." in result.output


def test_a_chat_ends_at_quit_and_takes_a_flow_by_its_name(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = house.app.test_cli_runner().invoke(args=["flows", "chat", "summer-tea"], input="/quit\nnever read\n")
    assert result.exit_code == 0
    assert result.output.count("> ") == 1
    unknown = run(house, "flows", "chat", "sumer-tea")
    assert unknown.exit_code == 1
    assert "There is no flow file 'sumer-tea'; did you mean 'summer-tea'?" in unknown.output


def test_a_flow_is_drawn_as_text_and_as_a_picture(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, TEA, "tea.yaml")
    assert "flowchart TD\n" in run(house, "flows", "graph", file).output
    assert run(house, "flows", "graph", file, "--mermaid").output == run(house, "flows", "graph", file).output
    picture = run(house, "flows", "graph", file, "--svg").output
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 (our own)


def test_mistakes_are_annotations_for_github_and_json_for_programs(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "a,b"
    folder.mkdir()
    file = written(folder, "flow: tea\nstarts: [follow]\nsteps:\n  - go: 100%\n", "tea.yaml")
    annotated = run(house, "flows", "check", "--format", "github", file)
    escaped = file.replace(",", "%2C")
    assert annotated.exit_code == 1
    assert f"::error file={escaped},line=4,col=5,title=wrong_value::" in annotated.output
    assert "100%25" in annotated.output
    found = run(house, "flows", "check", "--format", "json", file)
    assert found.exit_code == 1
    (mistake,) = json.loads(found.stdout)
    assert mistake.pop("message").startswith("found '100%'; expected a name")
    assert mistake == {"file": file, "line": 4, "column": 5, "severity": "error", "code": "wrong_value"}


def test_good_files_have_no_annotations_and_an_empty_list(house: House, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "flows", tmp_path / "flows")
    (tmp_path / "flows" / "plain.yaml").write_text("flow: plain\nstarts: [follow]\nsteps:\n  - say: hi\n", "utf-8")
    file = written(tmp_path, "flow: tea\nstarts: [{words: hi}]\nsteps:\n  - say: hi\n", "tea.yaml")
    assert run(house, "flows", "check", "--format", "github", file).stdout == ""
    assert json.loads(run(house, "flows", "check", "--format", "json", file).stdout) == []


WRONG = "flow: tea\nstarts: [{words: tea}]\nsteps:\n  - go: bye\n"


def test_a_command_speaks_the_language_that_it_is_asked_for(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, WRONG, "tea.yaml")
    checked = run(house, "flows", "check", "--language", "zh", file)
    assert f"{file}:4:5: 錯誤: 沒有「bye」這個步驟；目前一個都沒有\n檢查了 1 個流程，1 個有錯誤。\n" in checked.output
    published = run(house, "flows", "publish", "--language", "zh", file)
    assert (published.exit_code, "沒有發布。請先改好上面的錯誤再試一次。" in published.output) == (1, True)
    (found,) = json.loads(run(house, "flows", "check", "--language", "zh", "--format", "json", file).stdout)
    assert (found["code"], found["message"]) == ("unknown_step", "沒有「bye」這個步驟；目前一個都沒有")
    assert f"{file}:4:5: error: there is no step 'bye'" in run(house, "flows", "check", file).output
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FlowVersion)) == 0


def test_without_being_asked_a_command_speaks_as_the_environment_does(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    taiwanese = doors.make(database, database_url, tmp_path, lambda given: replace(given, lang="zh_TW.UTF-8"))
    file = written(tmp_path, WRONG, "tea.yaml")
    assert ": 錯誤: 沒有「bye」這個步驟" in run(taiwanese, "flows", "check", file).output
    assert ": error: there is no step" in run(taiwanese, "flows", "check", "--language", "en", file).output
    unreadable = written(tmp_path, "flow: tea\nflow: tea\n", "twice.yaml")
    assert ": 錯誤: 「flow」在這裡寫了兩次" in run(taiwanese, "flows", "graph", unreadable).output
    taiwanese.app.extensions["tessera"].database.dispose()


def test_a_conversation_that_goes_otherwise_is_told_in_chinese(house: House, tmp_path: Path) -> None:
    bad = written(tmp_path, with_talk("customer: 茶", "bot: ...", "taps: 店長"), "tea.yaml")
    tested = run(house, "flows", "test", "--language", "zh", bad)
    assert tested.exit_code == 1
    assert "       + （沒有「店長」可以點；" in tested.output
    assert "1 個檔案、1 段對話，1 段和寫的不一樣（" in tested.output
    with house.database.write() as session:
        cast.campaign(session, clock.now())
    published = run(house, "flows", "publish", "--language", "zh", bad)
    assert "對話「a talk」和寫的不一樣：（沒有「店長」可以點；" in published.output
    updated = run(house, "flows", "test", "--update", "--language", "zh", bad)
    assert "對話「a talk」無法寫入：沒有「店長」可以點；" in updated.output
