"""What stands around a chat on the phone: LINE's rich menu, Messenger's welcome screen and menu; and their taps."""

from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.people import CAST, Person
from tests.simulator import test_line_menus as line
from tests.simulator import test_messenger_profile as messenger
from tests.simulator.conftest import StandIns

MEI, ALEX, MING, EMMA, SOMCHAI = CAST[0], CAST[1], CAST[3], CAST[4], CAST[5]


def frame(stand_ins: StandIns, person: Person) -> dict[str, Any]:
    chat = requests.get(f"{stand_ins.url}/api/chats/{person.channel}/{person.id}", timeout=10).json()
    found: dict[str, Any] = chat["frame"]
    return found


def act(stand_ins: StandIns, person: Person, action: str, **more: str) -> None:
    stand_ins.api("act", {"channel": person.channel, "person": person.id, "action": action, **more})


def bar(stand_ins: StandIns, person: Person) -> str:
    return str(frame(stand_ins, person)["rich_menu"]["chatBarText"])


def test_everybody_on_line_sees_the_menu_with_its_own_picture(stand_ins: StandIns, tmp_path: Path) -> None:
    assert frame(stand_ins, MEI) == {}
    line.apply(stand_ins, line.written(tmp_path))
    menu = frame(stand_ins, MEI)["rich_menu"]
    assert (menu["chatBarText"], menu["selected"], menu["size"]) == ("優惠選單", True, {"width": 1200, "height": 405})
    assert [area["action"]["type"] for area in menu["areas"]] == ["message", "uri"]
    picture = requests.get(stand_ins.url + menu["picture"], timeout=10)
    assert (picture.content, picture.headers["Content-Type"]) == (line.png(), "image/png")


def test_a_menu_that_is_deleted_takes_its_picture_with_it(stand_ins: StandIns, tmp_path: Path) -> None:
    line.apply(stand_ins, line.written(tmp_path))
    menu = frame(stand_ins, MEI)["rich_menu"]
    line.ask(stand_ins, "DELETE", f"richmenu/{menu['id']}")
    assert frame(stand_ins, MEI) == {}
    assert requests.get(stand_ins.url + menu["picture"], timeout=10).status_code == 404


def test_who_turns_the_menus_page_turns_it_for_nobody_else_and_the_bot_is_told(stand_ins: StandIns) -> None:
    line.apply(stand_ins, line.DEMO)
    switch = frame(stand_ins, MEI)["rich_menu"]["areas"][2]["action"]
    act(stand_ins, MEI, "switch_menu", alias=switch["richMenuAliasId"], data=switch["data"])
    assert (bar(stand_ins, MEI), bar(stand_ins, ALEX)) == ("Offers", "優惠選單")
    postback = stand_ins.received[-1]["body"]["events"][0]["postback"]
    assert postback["params"] == {"newRichMenuAliasId": "tea-en", "status": "SUCCESS"}


def test_a_page_that_is_gone_is_not_turned_to_and_a_persons_own_falls_back_to_everybodys(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    line.apply(stand_ins, line.DEMO)
    act(stand_ins, MEI, "switch_menu", alias="tea-en", data="menu:tea-en")
    line.apply(stand_ins, line.written(tmp_path))
    assert bar(stand_ins, MEI) == "優惠選單"
    act(stand_ins, MEI, "switch_menu", alias="tea-en", data="menu:tea-en")
    postback = stand_ins.received[-1]["body"]["events"][0]["postback"]
    assert postback == {"data": "menu:tea-en", "params": {"status": "RICHMENU_ALIAS_ID_NOTFOUND"}}


@pytest.mark.parametrize("person", [MEI, EMMA])
def test_who_blocks_the_shop_sees_none_of_it(stand_ins: StandIns, person: Person) -> None:
    line.apply(stand_ins, line.DEMO)
    messenger.apply(stand_ins, messenger.DEMO)
    act(stand_ins, person, "block")
    assert frame(stand_ins, person) == {}
    act(stand_ins, person, "unblock")
    assert frame(stand_ins, person) != {}


def test_each_language_has_its_greeting_questions_and_menu_and_the_rest_the_default(stand_ins: StandIns) -> None:
    messenger.apply(stand_ins, messenger.DEMO)
    seen = {person.id: frame(stand_ins, person) for person in (MING, EMMA, SOMCHAI)}
    assert seen[MING.id]["greeting"].startswith("歡迎林志明！")
    assert seen[EMMA.id]["greeting"].startswith("Welcome, Emma!")
    assert [each["question"] for each in seen[EMMA.id]["ice_breakers"]] == [
        "What is on offer?",
        "Is there a welcome gift?",
    ]
    assert [each["title"] for each in seen[EMMA.id]["menu"]] == ["Tea coupon", "Welcome gift"]
    assert seen[SOMCHAI.id]["menu"] == seen[MING.id]["menu"]
    assert seen[SOMCHAI.id]["greeting"].startswith("歡迎Somchai！")


def test_get_started_stands_where_there_are_no_ice_breakers_and_is_said_in_the_chat(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    assert frame(stand_ins, EMMA)["has_get_started"]
    messenger.apply(stand_ins, messenger.DEMO)
    assert not frame(stand_ins, EMMA)["has_get_started"]
    alone = messenger.PROFILE.partition("ice breakers:")[0]
    messenger.apply(stand_ins, messenger.written(tmp_path, alone))
    assert frame(stand_ins, EMMA)["has_get_started"]
    act(stand_ins, EMMA, "follow")
    act(stand_ins, MING, "follow")
    said = [
        requests.get(f"{stand_ins.url}/api/chats/messenger/{one.id}", timeout=10).json()["bubbles"][0]["body"]
        for one in (EMMA, MING)
    ]
    assert said == [{"text": "Get Started"}, {"text": "開始使用"}]


def test_who_has_tapped_an_ice_breaker_is_known_when_a_link_is_opened(stand_ins: StandIns) -> None:
    act(stand_ins, EMMA, "postback", data="get-tea-coupon", display_text="What is on offer?")
    event = stand_ins.received[-1]["body"]["entry"][0]["messaging"][0]
    assert (event["postback"]["title"], event["postback"]["payload"]) == ("What is on offer?", "get-tea-coupon")
    act(stand_ins, EMMA, "open_link", ref="poster-01")
    assert "referral" in stand_ins.received[-1]["body"]["entry"][0]["messaging"][0]
