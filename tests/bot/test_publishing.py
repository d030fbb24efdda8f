"""Flow files checked together, with what is beside them; and what is published of them."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot import publishing, surroundings
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Flow
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from tests import cast, release


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "common.yaml").write_text("thanks: {zh-Hant: 謝謝, en: Thanks}\n", encoding="utf-8")
    (tmp_path / "menu.json").write_text(
        '{"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}}'
    )
    return tmp_path


def write(folder: Path, name: str, starts: str, steps: str) -> Path:
    file = folder / f"{name}.yaml"
    head = f"flow: {name}\nlanguages: [zh-Hant, en]\n"
    file.write_text(f"{head}starts: {starts}\nsteps:\n{steps}", encoding="utf-8")
    return file


def found(mistakes: tuple[Mistake, ...]) -> list[tuple[int, str]]:
    return [(mistake.line, mistake.message.en) for mistake in mistakes]


def test_files_beside_one_another_may_call_and_must_not_start_alike(folder: Path) -> None:
    tea = write(folder, "tea", "[{words: tea}]", "  - call: name\n  - say: 'Hi {{ answers.called }}'\n")
    name = write(folder, "name", "[called]", "  - ask: {text: Your name, keep: called}\n")
    rival = write(folder, "rival", "[{words: [milk, TEA]}]", "  - say: hi\n")
    checked, *_ = publishing.check_files([tea, rival, name], Known())
    taken = "the start 'word tea' is taken by the flow 'rival'"
    assert found(checked.mistakes) == [(3, f"{taken}; only one of the two can have it")]
    assert not checked.is_good
    (checked,) = publishing.check_files([tea], Known())  # the rival may never be published
    assert found(checked.mistakes) == [
        (3, f"{taken}, whose file is here and not published"),
        (5, "the flow 'name' is not published; publish it first, or both together"),
    ]
    assert checked.is_good


def test_a_name_that_two_files_give_their_flows_is_a_mistake_in_both(folder: Path) -> None:
    one = write(folder, "tea", "[{words: tea}]", "  - say: hi\n")
    other = folder / "copy-of-tea.yaml"
    other.write_text(one.read_text(encoding="utf-8"), encoding="utf-8")
    checked = publishing.check_files([one, other], Known())
    assert [len(one.mistakes) for one in checked] == [1, 1]
    assert "has a flow 'tea' too" in checked[0].mistakes[0].message.en


def test_a_start_of_a_published_flow_whose_file_is_gone_is_a_warning(folder: Path) -> None:
    tea = write(folder, "tea", "[{words: tea}]", "  - say: hi\n")
    old = Flow.model_validate({"flow": "old-tea", "starts": [{"words": "tea"}], "steps": [{"say": "hi"}]})
    (checked,) = publishing.check_files([tea], Known(flows={"old-tea": old}))
    assert [mistake.is_warning for mistake in checked.mistakes] == [True]
    assert "which is published though its file is not here" in checked.mistakes[0].message.en
    assert checked.is_good


def test_shared_texts_and_flex_files_are_in_what_is_published(folder: Path, database: Database, now: datetime) -> None:
    file = write(folder, "tea", "[{words: tea}]", "  - say: {use: thanks}\n  - say: {text: Menu, flex: menu.json}\n")
    with database.write() as session:
        document = publish(session, file, now)
        assert document[0]["text"] == {"zh-Hant": "謝謝", "en": "Thanks"}
        assert document[1]["flex"] == json.loads((folder / "menu.json").read_text(encoding="utf-8"))
        texts = folder / "texts" / "common.yaml"
        texts.write_text("thanks: Thank you!\n", encoding="utf-8")
        assert publish(session, file, now)[0]["text"] == "Thank you!"


def test_a_shared_text_may_have_more_languages_than_the_flow(folder: Path) -> None:
    file = folder / "tea.yaml"
    file.write_text("flow: tea\nstarts: [follow]\nsteps:\n  - say: {use: thanks}\n", encoding="utf-8")
    checked = publishing.check_file(file)
    assert checked.mistakes == ()
    assert checked.flow is not None
    assert checked.flow.model_dump(exclude_unset=True)["steps"][0]["say"]["text"] == {"zh-Hant": "謝謝"}


def publish(session: Session, file: Path, now: datetime) -> list[dict[str, object]]:
    """What the published flow says, step by step."""
    version, is_new = release.publish(session, file, now)
    assert is_new
    return [step["say"] for step in version.document["steps"]]


def test_a_mistake_in_the_shared_texts_is_told_at_its_line(folder: Path) -> None:
    (folder / "texts" / "more.yaml").write_text("bye: Bye!\nlist: [a]\n", encoding="utf-8")
    file = write(folder, "tea", "[{words: tea}]", "  - say: {use: bye}\n")
    checked = publishing.check_file(file)
    assert [(Path(one.file).name, one.line) for one in checked.mistakes] == [("more.yaml", 2)]


def test_what_is_beside_the_folder_is_not_read(folder: Path) -> None:
    outside = folder / "flows"
    outside.mkdir()
    file = write(
        outside, "tea", "[{words: tea}]", "  - say: {text: a, flex: ../menu.json}\n  - say: {image: ../a.png}\n"
    )
    messages = [mistake.message.en for mistake in publishing.check_file(file).mistakes]
    assert messages == [
        "there is no file '../menu.json' beside this file",
        "there is no picture '../a.png' beside this file",
    ]


def test_what_cannot_be_read_beside_a_file_is_a_mistake_and_breaks_nothing(folder: Path) -> None:
    (folder / "texts" / "big5.yaml").write_bytes("thanks: 謝謝".encode("big5"))
    (folder / "texts" / "folder.yaml").mkdir()
    (folder / "circle.jpg").symlink_to("circle.jpg")
    long = "a" * 300
    file = write(
        folder,
        "tea",
        "[{words: tea}]",
        f"  - say: {{image: circle.jpg}}\n  - say: {{image: {long}.jpg}}\n  - say: {{text: a, flex: {long}.json}}\n",
    )
    mistakes = publishing.check_file(file).mistakes
    assert [(Path(mistake.file).name, mistake.message.code) for mistake in mistakes] == [
        ("big5.yaml", "file_unreadable"),
        ("folder.yaml", "file_unreadable"),
        ("tea.yaml", "unknown_picture"),
        ("tea.yaml", "unknown_picture"),
        ("tea.yaml", "unknown_file"),
    ]


def test_the_shop_knows_its_campaigns_their_ends_and_the_published_flows(
    folder: Path, database: Database, now: datetime
) -> None:
    file = write(folder, "tea", "[{words: tea}]", "  - say: hi\n")
    with database.write() as session:
        campaign = cast.campaign(session, now)
        campaign.sends_until = now
        release.publish(session, file, now)
        known = surroundings.known(session, now)
    assert known.campaigns == frozenset({campaign.slug})
    assert known.periods == {campaign.slug: now}
    assert list(known.flows or ()) == ["tea"]
    assert known.starts == {("word", "tea"): "tea"}
    assert known.has_members is False


def test_what_cannot_be_published_is_a_result_with_its_reason(folder: Path) -> None:
    file = write(
        folder,
        "tea",
        "[{words: tea}]",
        "  - say: hi\nconversations:\n  - {name: a, talk: [{customer: tea}, {bot: x}]}\n",
    )
    otherwise = publishing.proven(publishing.check_file(file), (), {})
    assert otherwise == Refused(Reason.FLOW_TALKS_OTHERWISE, "tea")
    wrong = publishing.check_file(write(folder, "tea", "[{words: tea}]", "  - go: nowhere\n"))
    assert publishing.proven(wrong, (), {}) == Refused(Reason.FLOW_HAS_MISTAKES, "tea")
    unread = publishing.check_file(write(folder, "tea", "[", ""))
    assert publishing.proven(unread, (), {}) == Refused(Reason.FLOW_HAS_MISTAKES, "tea")
