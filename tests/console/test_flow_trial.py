"""The chat beside a flow's graph: talking to the draft, with nothing kept and nothing sent."""

import re

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from console.flows.talk import opened
from db.database import Database
from db.tables import Conversation, Coupon, OutboxMessage
from tests.console.conftest import TEXT
from tests.console.test_flow_drafts import field, save
from tests.web.doors import Browser


class Trial:
    """A person who talks to a flow in the page, an act at a time."""

    def __init__(self, mia: Browser, **begin: str) -> None:
        self.mia = mia
        self.page = mia.get(f"/console/flows/tea/try?{'&'.join(f'{name}={value}' for name, value in begin.items())}")

    def act(self, act: str, **fields: str) -> str:
        """The page after the act."""
        self.page = self.answer(act, **fields)
        assert self.page.status_code == 200
        return self.page.text

    def answer(self, act: str, **fields: str) -> TestResponse:
        talk = field(self.page.text, "talk")
        return self.mia.post("/console/flows/tea/try", act=act, **({"talk": talk} | fields))

    @property
    def here(self) -> list[str]:
        return re.findall(r'data-step="(\d+)" data-here', self.page.text)


@pytest.mark.usefixtures("tea")
def test_before_anything_is_said_the_page_shows_what_starts_the_flow(mia: Browser) -> None:
    trial = Trial(mia)
    assert "Nothing has been said." in trial.page.text
    assert 'value="write:茶"' in trial.page.text
    assert trial.here == []


@pytest.mark.usefixtures("tea")
def test_a_conversation_goes_on_from_act_to_act_and_its_step_is_marked(mia: Browser, database: Database) -> None:
    trial = Trial(mia, language="en")
    assert "Which one?" in trial.act("write", write="tea")
    assert trial.here == ["0"]
    assert "Here it is." in trial.act("tap:Black")
    assert trial.here == ["2"]
    assert "Your coupon is waiting." in trial.act("after:2 days")
    with database.read() as session:
        for table in (OutboxMessage, Coupon, Conversation):
            assert session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.usefixtures("tea")
def test_a_coupon_can_be_redeemed_in_the_trial(mia: Browser) -> None:
    trial = Trial(mia, language="en")
    trial.act("write:tea")
    assert 'value="redeemed:summer-tea"' in trial.act("tap:Black")
    assert "Thank you!" in trial.act("redeemed:summer-tea")
    assert 'value="redeemed:summer-tea"' not in trial.page.text


@pytest.mark.usefixtures("tea")
def test_a_time_that_is_written_passes_with_the_forms_first_button_too(mia: Browser) -> None:
    trial = Trial(mia, language="en")
    trial.act("write:tea")
    trial.act("tap:Black")
    assert "Your coupon is waiting." in trial.act("write", write="", after="2 days")


@pytest.mark.usefixtures("tea")
def test_messengers_window_holds_a_reminder_back(mia: Browser) -> None:
    trial = Trial(mia, channel="messenger", language="en")
    trial.act("write:tea")
    trial.act("tap:Black")
    assert "kept back, as Messenger&#39;s 24 hours are over" in trial.act("after", after="2 days")


@pytest.mark.usefixtures("tea")
def test_restarting_begins_as_whom_one_has_chosen(mia: Browser) -> None:
    trial = Trial(mia)
    trial.act("write:tea")
    page = trial.act("restart", channel="messenger", language="en")
    assert "Messenger · 小美" in page and "Nothing has been said." in page


@pytest.mark.usefixtures("tea")
def test_a_time_that_is_none_and_a_tap_on_nothing_are_told_and_change_nothing(mia: Browser) -> None:
    trial = Trial(mia)
    trial.act("write:tea")
    assert "expected how long" in trial.act("after", after="soon")
    assert "nothing says &#39;Coffee&#39; to tap" in trial.act("tap:Coffee")
    assert trial.here == ["0"]
    before = trial.page.text.count('class="mine"')
    assert trial.act("write", write=" ").count('class="mine"') == before
    assert trial.act("dance").count('class="mine"') == before


@pytest.mark.usefixtures("tea")
def test_a_state_that_we_have_not_signed_begins_anew(mia: Browser) -> None:
    trial = Trial(mia)
    trial.act("write:tea")
    talk = field(trial.page.text, "talk")
    assert "Nothing has been said." in trial.act("tap:紅茶", talk=talk[:-4] + "AAAA")
    assert "Nothing has been said." in trial.act("tap:紅茶", talk="")


@pytest.mark.usefixtures("tea")
def test_a_text_that_has_changed_under_the_conversation_begins_it_anew(mia: Browser) -> None:
    trial = Trial(mia)
    trial.act("write:tea")
    changed = TEXT.replace("想喝什麼？", "要哪一種？")
    page = trial.act("tap:紅茶", source=changed)
    assert "The flow has changed" in page
    assert "要哪一種？" in trial.act("write:茶", source=changed)
    save(mia, changed)
    assert "要哪一種？" in Trial(mia).act("write:茶")


@pytest.mark.usefixtures("tea")
def test_a_text_with_a_mistake_is_not_talked_to(mia: Browser) -> None:
    trial = Trial(mia)
    page = trial.act("write:tea", source=TEXT.replace("go: staff", "go: stuff"))
    assert "once they are mended, you can try it here" in page
    assert 'class="chat' not in page
    trial.page = mia.get("/console/flows/tea/edit")
    assert "想喝什麼？" in trial.act("write:tea")


@pytest.mark.usefixtures("tea")
def test_what_the_customer_writes_is_shown_as_text(mia: Browser) -> None:
    assert "<b>tea" not in Trial(mia).act("write", write="<b>tea</b>")


@pytest.mark.usefixtures("tea")
def test_a_field_that_is_no_conversation_is_none(mia: Browser) -> None:
    with mia.client.application.test_request_context():
        assert opened("rubbish") is None


@pytest.mark.usefixtures("tea")
def test_a_chinese_reader_is_told_in_chinese_what_the_customer_does_not_see(mia: Browser) -> None:
    talk = field(mia.get("/console/flows/tea/try").text, "talk")
    form = {"csrf_token": mia.token, "talk": talk}
    for act in ("write:tea", "tap:紅茶"):
        page = mia.client.post(
            "/console/flows/tea/try", data={**form, "act": act}, headers={"Accept-Language": "zh-TW"}
        )
        form["talk"] = field(page.text, "talk")
    assert "送出了 summer-tea 的券" in page.text and "等到 summer-tea 的券 redeemed，或 20" in page.text
    assert "位置：tea 的第 3 步（wait）" in page.text and "回答：drink: black" in page.text
    assert "waits until" not in page.text and "is sent" not in page.text
