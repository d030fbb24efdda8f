"""Writing a flow in the console: drafts, checks while typing, publishing, and two people at once."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bot import publishing
from core import drafts, flow_history, flows
from core.users import create
from db.database import Database
from db.tables import User
from tests.console.conftest import TEXT
from tests.console.test_flows import NEWER, publish_file, sources
from tests.deeds import deeds
from tests.web import doors
from tests.web.doors import Browser


def field(page: str, name: str) -> str:
    """The value of a hidden field, the last one on the page."""
    return page.rsplit(f'name="{name}" value="', 1)[1].split('"', maxsplit=1)[0]


def save(who: Browser, source: str, name: str = "tea", **more: str) -> TestResponse:
    """Open the editor and save this text in it."""
    page = who.get(f"/console/flows/{name}/edit").text
    return who.post(
        f"/console/flows/{name}/draft",
        source=source,
        **({"seen": field(page, "seen"), "based_on": field(page, "based_on")} | more),
    )


def publish(who: Browser, name: str = "tea") -> TestResponse:
    page = who.get(f"/console/flows/{name}/publish").text
    return who.post(f"/console/flows/{name}/publish", seen=field(page, "seen"), over=field(page, "over"))


def check(who: Browser, source: object, name: str = "tea", language: str = "en") -> TestResponse:
    return who.client.post(
        f"/console/flows/{name}/check",
        data=json.dumps({"source": source}),
        headers={"Content-Type": "application/json", "X-CSRFToken": who.token, "Accept-Language": language},
    )


def test_a_check_of_what_no_editor_sends_is_refused(mia: Browser, tea: Path) -> None:
    assert mia.get(f"/console/flows/{tea.stem}/edit").status_code == 200
    for body in ("[]", "{", '{"source": 1}', "[" * 100_000):
        headers = {"Content-Type": "application/json", "X-CSRFToken": mia.token}
        assert mia.client.post("/console/flows/tea/check", data=body, headers=headers).status_code == 400


def draft_of(database: Database, name: str = "tea") -> str | None:
    with database.read() as session:
        found = drafts.load(session, name)
        return found.source if found else None


@pytest.fixture
def leo(app: Flask, database: Database, now: datetime) -> Browser:
    """A second marketer."""
    with database.write() as session:
        hashed = session.query(User).filter_by(username="mia").one().password_hash
        create(session, "leo", doors.PASSWORD, "marketer", None, now).password_hash = hashed
    return doors.logged_in(app, "leo")


def test_a_new_flow_begins_with_a_text_that_can_be_published_as_it_is(mia: Browser, database: Database) -> None:
    mia.get("/console/flows/new")
    answer = mia.post("/console/flows/new", name="Hello-There", title="Say: hello")
    assert answer.location == "/console/flows/hello-there/edit"
    page = mia.get(answer.location).text
    assert "No mistakes: it can be published." in page
    assert "title: &#39;Say: hello&#39;" in page
    assert publish(mia, "hello-there").status_code == 302
    assert len(sources(database)) == 1
    assert draft_of(database, "hello-there") is None


@pytest.mark.parametrize("name", ["", "new", "static", "Tea time", "-tea", "tea--time", "茶", "a" * 65, "../tea"])
def test_a_name_that_cannot_be_a_flows_is_refused(name: str, mia: Browser, database: Database) -> None:
    mia.get("/console/flows/new")
    assert mia.post("/console/flows/new", name=name).status_code == 422
    with database.read() as session:
        assert drafts.all_of(session) == []


@pytest.mark.usefixtures("tea")
def test_a_name_that_is_taken_is_refused(mia: Browser, database: Database) -> None:
    mia.get("/console/flows/new")
    answer = mia.post("/console/flows/new", name="tea")
    assert answer.status_code == 422
    assert "There is a flow “tea” already." in answer.text
    assert draft_of(database) is None


@pytest.mark.usefixtures("tea")
def test_a_draft_is_kept_and_no_customer_meets_it(mia: Browser, database: Database) -> None:
    assert save(mia, NEWER.replace("\n", "\r\n")).location == "/console/flows/tea/edit"
    assert draft_of(database) == NEWER
    assert sources(database) == [TEXT]
    assert "Thanks a lot!" in mia.get("/console/flows/tea/edit").text
    assert "A draft by mia" in mia.get("/console/flows/tea").text
    assert "<ins>" in mia.get("/console/flows/tea/difference?from=1&to=0").text


@pytest.mark.usefixtures("tea")
def test_publishing_is_said_first_and_then_done_by_whoever_did_it(mia: Browser, database: Database) -> None:
    assert save(mia, NEWER, then="publish").location == "/console/flows/tea/publish"
    page = mia.get("/console/flows/tea/publish").text
    assert "The draft becomes version 2" in page and "flask flows export tea" in page
    assert sources(database) == [TEXT]
    answer = publish(mia)
    assert answer.location == "/console/flows/tea?done=published"
    assert sources(database) == [TEXT, NEWER]
    assert draft_of(database) is None
    page = mia.get(answer.location).text
    assert "Published. From now on" in page and "<td>mia</td>" in page
    assert mia.get("/console/flows/tea/publish").status_code == 302


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("campaign: summer-tea", "campaign: sumer-tea"), "did you mean &#39;summer-tea&#39;?"),
        (TEXT.replace("- bot: 請留言。", "- bot: 再見。"), "1 of the conversations below go otherwise"),
        (TEXT.replace("flow: tea", "flow: coffee"), "make a new flow to give another"),
        ("flow: [tea", "Mistake"),
        ("", "Mistake"),
    ],
)
@pytest.mark.usefixtures("tea")
def test_a_text_with_a_mistake_can_be_saved_and_not_published(
    text: str, said: str, mia: Browser, database: Database
) -> None:
    assert save(mia, text).status_code == 302
    assert draft_of(database) == text
    page = mia.get("/console/flows/tea/publish").text
    assert said in page
    assert "Publish version" not in page
    answer = mia.post("/console/flows/tea/publish", seen=seen(database), over=1)
    assert answer.status_code == 409
    assert "Nothing was published" in answer.text
    assert sources(database) == [TEXT]
    assert mia.get("/console/flows/tea").status_code == 200


def seen(database: Database) -> str:
    with database.read() as session:
        found = drafts.load(session, "tea")
        return found.updated_at.isoformat() if found else ""


@pytest.mark.usefixtures("tea")
def test_the_text_is_checked_as_it_is_typed_and_nothing_is_kept(mia: Browser, database: Database) -> None:
    mia.get("/console/flows/tea/edit")
    answer = check(mia, TEXT.replace("go: staff}", "go: stuff}").replace("\n", "\r\n")).get_json()
    (first,) = [one for one in answer["mistakes"] if "there is no step" in one["message"]]
    assert (first["line"], first["warning"]) == (11, False)
    assert 'data-line="11"' in answer["html"]
    assert "did you mean &#39;staff&#39;?" in answer["html"]
    good = check(mia, TEXT).get_json()
    assert [one for one in good["mistakes"] if not one["warning"]] == []
    assert "✓" in good["html"]
    assert draft_of(database) is None


@pytest.mark.usefixtures("tea")
def test_a_chinese_reader_is_told_of_mistakes_in_chinese(mia: Browser, database: Database) -> None:
    wrong = TEXT.replace("go: staff}", "go: stuff}")
    save(mia, wrong)
    told = "沒有「stuff」這個步驟；是不是「staff」？"
    for language in ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant", "zh"):
        answer = check(mia, wrong, language=language).get_json()
        assert [(one["code"], one["message"]) for one in answer["mistakes"] if not one["warning"]] == [
            ("unknown_step", told),
            ("step_unreached", "沒有任何路會走到這一步；請刪掉它，或從別的步驟 `go` 到它的 `id`"),
        ]
        assert told in answer["html"] and "錯誤：" in answer["html"]
        for page in ("edit", "publish"):
            shown = mia.get(f"/console/flows/tea/{page}", Accept_Language=language).text
            assert told in shown and "there is no step" not in shown
    assert sources(database) == [TEXT]


@pytest.mark.usefixtures("tea")
def test_a_chinese_reader_is_told_in_chinese_how_a_conversation_goes_otherwise(mia: Browser) -> None:
    mia.get("/console/flows/tea/edit")
    html = check(mia, TEXT.replace("taps: 店員", "taps: 店長"), language="zh-TW").get_json()["html"]
    assert "沒有「店長」可以點；" in html and "to tap" not in html
    assert (
        "nothing says &#39;店長&#39; to tap;" in check(mia, TEXT.replace("taps: 店員", "taps: 店長")).get_json()["html"]
    )


@pytest.mark.usefixtures("tea")
def test_what_the_editor_cannot_have_sent_is_a_bad_request(mia: Browser) -> None:
    mia.get("/console/flows/tea/edit")
    assert check(mia, 7).status_code == 400
    assert mia.post("/console/flows/tea/draft", source=TEXT, seen="yesterday").status_code == 400
    assert mia.post("/console/flows/tea/discard", seen="yesterday").status_code == 400


@pytest.mark.usefixtures("tea")
def test_markup_in_a_text_is_shown_as_text(mia: Browser) -> None:
    text = TEXT.replace("title: Tea for two", "title: <script>alert(1)</script></textarea>")
    save(mia, text)
    for path in ("edit", "publish", "try", "difference?from=1&to=0"):
        assert "<script>alert" not in mia.get(f"/console/flows/tea/{path}").text
    publish(mia)
    assert "<script>alert" not in mia.get("/console/flows/tea").text
    assert "<script>alert" not in mia.get("/console/flows/").text


@pytest.mark.usefixtures("tea")
def test_of_two_who_edit_at_once_the_second_is_told_and_loses_nothing(
    mia: Browser, leo: Browser, database: Database
) -> None:
    pages = [who.get("/console/flows/tea/edit").text for who in (mia, leo)]
    sent = [{"seen": field(page, "seen"), "based_on": field(page, "based_on")} for page in pages]
    assert mia.post("/console/flows/tea/draft", source=NEWER, **sent[0]).status_code == 302
    theirs = TEXT.replace("All gone", "None left")
    answer = leo.post("/console/flows/tea/draft", source=theirs, **sent[1])
    assert answer.status_code == 409
    assert draft_of(database) == NEWER
    assert "somebody else saved this draft" in answer.text
    assert "None left" in answer.text.split("<textarea")[1] and "<del>" in answer.text
    again = {"seen": field(answer.text.split("<textarea")[0], "seen"), "based_on": "1"}
    assert leo.post("/console/flows/tea/draft", source=theirs, **again).status_code == 302
    assert draft_of(database) == theirs


@pytest.mark.usefixtures("tea")
def test_a_script_that_saves_is_answered_in_json(mia: Browser) -> None:
    page = mia.get("/console/flows/tea/edit").text
    form = {"source": NEWER, "seen": "", "based_on": "1", "csrf_token": field(page, "csrf_token")}
    asks = {"Accept": "application/json", "Accept-Language": "en"}
    first = mia.client.post("/console/flows/tea/draft", data=form, headers=asks)
    assert first.get_json()["said"].startswith("Draft saved")
    second = mia.client.post("/console/flows/tea/draft", data=form, headers=asks)
    assert (second.status_code, second.get_json()["reason"]) == (409, "flow_draft_changed")
    third = mia.client.post("/console/flows/tea/draft", data=form | {"seen": first.get_json()["seen"]}, headers=asks)
    assert third.status_code == 200


@pytest.mark.usefixtures("tea")
def test_a_draft_that_was_saved_after_the_question_is_not_published_unseen(
    mia: Browser, leo: Browser, database: Database
) -> None:
    save(mia, NEWER)
    page = mia.get("/console/flows/tea/publish").text
    save(leo, TEXT.replace("All gone", "None left"))
    answer = mia.post("/console/flows/tea/publish", seen=field(page, "seen"), over=field(page, "over"))
    assert answer.status_code == 409
    assert sources(database) == [TEXT]


def test_a_version_that_came_meanwhile_is_shown_and_replaced_only_when_asked_again(
    mia: Browser, tea: Path, database: Database, now: datetime
) -> None:
    save(mia, NEWER)
    page = mia.get("/console/flows/tea/publish").text
    publish_file(database, tea, TEXT.replace("All gone", "None left"), now)
    answer = mia.post("/console/flows/tea/publish", seen=field(page, "seen"), over=field(page, "over"))
    assert answer.status_code == 409
    assert "version 2 was published by a file" in answer.text
    assert "Publish all the same, replacing version 2" in answer.text and "None left" in answer.text
    assert len(sources(database)) == 2
    assert publish(mia).status_code == 302
    assert sources(database)[2] == NEWER


def test_a_file_does_not_replace_what_was_published_here(mia: Browser, tea: Path, database: Database) -> None:
    save(mia, NEWER)
    publish(mia)
    with database.write() as session:
        found = publishing.overtaken(session, publishing.check_file(tea))
    assert found is not None
    assert (found.reason, found.number, found.username) == ("flow_changed_in_console", 2, "mia")


@pytest.mark.usefixtures("tea")
def test_a_draft_is_thrown_away_unless_another_one_was_saved(mia: Browser, database: Database) -> None:
    save(mia, NEWER)
    old = seen(database)
    save(mia, TEXT.replace("All gone", "None left"))
    assert mia.post("/console/flows/tea/discard", seen=old).location == "/console/flows/tea/edit"
    assert draft_of(database) is not None
    assert mia.post("/console/flows/tea/discard", seen=seen(database)).location == "/console/flows/tea"
    assert [done for done in deeds(database) if done[0] == "mia"] == [("mia", "flow.draft_discarded", "tea")]
    assert draft_of(database) is None


def test_a_flow_from_files_with_shared_texts_pictures_and_flex_can_be_changed_here(
    mia: Browser, database: Database, tmp_path: Path, now: datetime
) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "common.yaml").write_text("thanks: {zh-Hant: 謝謝, en: Thanks}\n", encoding="utf-8")
    bubble = '{"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}}'
    (tmp_path / "menu.json").write_text(bubble)
    picture = Path(__file__).parents[2] / "flows" / "pictures" / "summer-tea.jpg"
    (tmp_path / "tea.jpg").write_bytes(picture.read_bytes())
    text = (
        "flow: shared\nlanguages: [zh-Hant, en]\nstarts: [{words: shared}]\nsteps:\n  - say: {use: thanks}\n"
        "  - say: {text: Menu, flex: menu.json}\n  - say: {text: {use: thanks}, image: tea.jpg}\n  - say: bye\n"
    )
    publish_file(database, tmp_path / "shared.yaml", text, now)
    assert save(mia, text.replace("bye", "see you"), "shared").status_code == 302
    assert publish(mia, "shared").status_code == 302
    with database.read() as session:
        older, newer = (flow_history.numbered(session, "shared", number) for number in (1, 2))
        assert older is not None and newer is not None
        assert newer.document["steps"][:3] == older.document["steps"][:3]
        assert newer.document["steps"][0]["say"]["text"] == {"zh-Hant": "謝謝", "en": "Thanks"}
        assert newer.pictures == older.pictures != {}
        assert flows.published(session, "shared") is newer
    answer = check(mia, text.replace("thanks", "thank-you").replace("tea.jpg", "coffee.jpg"), "shared").get_json()
    assert [one["line"] for one in answer["mistakes"]] == [5, 7, 7]


@pytest.mark.usefixtures("tea")
def test_characters_that_no_text_can_hold_are_marked_and_break_nothing(mia: Browser, database: Database) -> None:
    assert save(mia, TEXT + "# \0", based_on="-5").status_code == 302
    assert draft_of(database) == TEXT + "# \N{REPLACEMENT CHARACTER}"
    assert check(mia, TEXT + "# \ud800").status_code == 200


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize(
    "seen", ["2026-01-01T00:00:00", "2026-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59-12:00"]
)
def test_a_time_that_no_page_has_written_is_a_bad_request(seen: str, mia: Browser, database: Database) -> None:
    save(mia, TEXT)
    assert save(mia, NEWER, seen=seen).status_code == 400
    assert mia.post("/console/flows/tea/discard", seen=seen).status_code == 400
    assert draft_of(database) == TEXT


@pytest.mark.usefixtures("tea")
@pytest.mark.parametrize("escape", ["\\0", "\\ud800", "\\U00110000"])
def test_an_escape_that_no_text_can_hold_is_a_mistake_and_closes_no_page(
    escape: str, mia: Browser, database: Database
) -> None:
    hostile = TEXT.replace("想喝什麼？", f'"a{escape}b"')
    assert check(mia, hostile).status_code == 200
    save(mia, hostile)
    seen = field(mia.get("/console/flows/tea/edit").text, "seen")
    assert mia.post("/console/flows/tea/publish", seen=seen, over="1").status_code == 409
    with database.read() as session:
        assert [entry.number for entry in flow_history.of_flow(session, "tea")] == [1]
    for page in ("edit", "try", "publish"):
        assert mia.get(f"/console/flows/tea/{page}").status_code == 200


@pytest.mark.usefixtures("tea")
def test_time_passes_in_a_trial_by_nothing_but_a_time(mia: Browser) -> None:
    for time in ("999999 weeks " * 200, " " * 150_000):
        page = mia.get("/console/flows/tea/try").text
        answer = mia.post("/console/flows/tea/try", talk=field(page, "talk"), act=f"after:{time}")
        assert answer.status_code == 200
        assert "expected how long" in answer.text
