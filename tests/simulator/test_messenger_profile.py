"""The Page's Messenger profile, applied from a file by `flask messenger profile apply` to the stand-in."""

from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import Result
from flask import Flask

import commands.messenger
from commands.running import SETTINGS_KEY
from settings import Settings
from tests.simulator.conftest import StandIns

DEMO = Path(__file__).parents[2] / "flows" / "menus" / "messenger.yaml"
PROFILE = """
get started: welcome
greeting:
  default: 歡迎
  en-US: Welcome
ice breakers:
  default:
    - {question: "優惠？", postback: coupon}
menu:
  default:
    - {label: 優惠, postback: coupon}
    - {label: 門市, open: "https://shop.example/門市"}
  en_US:
    - {label: Offers, postback: coupon}
"""


def written(folder: Path, text: str = PROFILE) -> Path:
    file = folder / "profile.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def apply(stand_ins: StandIns, file: Path, *options: str, token: str = "page-token") -> Result:
    app = Flask("shop")
    app.extensions[SETTINGS_KEY] = Settings(
        messenger_api_url=f"{stand_ins.url}/messenger", messenger_page_token=token, messenger_app_secret="app-secret"
    )
    app.cli.add_command(commands.messenger.group)
    return app.test_cli_runner().invoke(args=["messenger", "profile", "apply", str(file), *options])


def kept(stand_ins: StandIns) -> dict[str, Any]:
    fields = "get_started,greeting,ice_breakers,persistent_menu"
    address = f"{stand_ins.url}/messenger/v25.0/me/messenger_profile?fields={fields}&access_token=page-token"
    found: list[dict[str, Any]] = requests.get(address, timeout=10).json()["data"]
    return found[0] if found else {}


def test_a_profile_is_set_in_several_languages(stand_ins: StandIns, tmp_path: Path) -> None:
    said = apply(stand_ins, written(tmp_path)).output
    assert said == "get_started: set\ngreeting: set\nice_breakers: set\npersistent_menu: set\n"
    found = kept(stand_ins)
    assert found["get_started"] == {"payload": "welcome"}
    assert found["greeting"] == [{"locale": "default", "text": "歡迎"}, {"locale": "en_US", "text": "Welcome"}]
    assert found["ice_breakers"][0]["call_to_actions"] == [{"question": "優惠？", "payload": "coupon"}]
    assert [menu["locale"] for menu in found["persistent_menu"]] == ["default", "en_US"]
    link = found["persistent_menu"][0]["call_to_actions"][1]
    assert link["url"] == "https://shop.example/%E9%96%80%E5%B8%82"


def test_the_same_file_again_changes_nothing_though_meta_adds_fields(stand_ins: StandIns, tmp_path: Path) -> None:
    file = written(tmp_path)
    apply(stand_ins, file)
    assert "webview_height_ratio" in str(kept(stand_ins))
    assert apply(stand_ins, file).output == "Nothing to change.\n"


def test_only_what_differs_is_set_and_what_left_the_file_is_taken_away(stand_ins: StandIns, tmp_path: Path) -> None:
    apply(stand_ins, written(tmp_path))
    changed = PROFILE.replace("Welcome", "Hello").partition("ice breakers:")[0]
    said = apply(stand_ins, written(tmp_path, changed)).output
    assert said == "greeting: set\nice_breakers: taken away\npersistent_menu: taken away\n"
    assert set(kept(stand_ins)) == {"get_started", "greeting"}


def test_the_demos_profile_is_good_and_get_started_starts_what_it_says(stand_ins: StandIns) -> None:
    apply(stand_ins, DEMO)
    stand_ins.api("act", {"channel": "messenger", "person": "7000000000000002", "action": "follow"})
    event = stand_ins.received[-1]["body"]["entry"][0]["messaging"][0]
    assert event["postback"]["payload"] == "welcome"


MISTAKES = {
    "get started: welcome": ("", "menu: needs `get started` too"),
    "default: 歡迎": ("zh_TW: 歡迎", "greeting: needs `default`"),
    "en-US: Welcome": ("english: Welcome", "greeting.english: is no language of Meta's"),
    "歡迎": ("歡" * 161, "greeting.default: has 161 characters; at most 160 fit"),
    "label: 優惠, ": (f"label: {'優' * 31}, ", "menu.default[1].label: has 31 characters; at most 30 fit"),
    "{label: 優惠, postback: coupon}": ("{label: 優惠}", "menu.default[1]: needs either `postback` or `open`"),
    "https://shop.example/門市": ("ftp://shop.example", "menu.default[2].open: 'ftp://shop.example' must be"),
    'question: "優惠？"': ("question: ''", "ice breakers.default[1].question: must not be empty"),
    "ice breakers:": ("icebreakers:", "icebreakers: is not known here"),
    '    - {question: "優惠？", postback: coupon}\n': (
        '    - {question: "優惠？", postback: coupon}\n' * 5,
        "ice breakers.default: must be 1 to 4",
    ),
}


@pytest.mark.parametrize(("old", "new"), MISTAKES.items(), ids=range(len(MISTAKES)))
def test_a_mistake_is_named_and_messenger_is_not_asked(
    stand_ins: StandIns, tmp_path: Path, old: str, new: tuple[str, str]
) -> None:
    result = apply(stand_ins, written(tmp_path, PROFILE.replace(old, new[0], 1)))
    assert result.exit_code == 1
    assert new[1] in result.output
    assert "Nothing was changed." in result.output
    assert kept(stand_ins) == {}


def test_a_check_asks_nobody(stand_ins: StandIns, tmp_path: Path) -> None:
    file = written(tmp_path)
    assert apply(stand_ins, file, "--check", token="").output == f"{file}: good.\n"
    assert apply(stand_ins, file, token="").exit_code == 1
    assert "channel_credentials" in apply(stand_ins, file, token="dead").output
    assert kept(stand_ins) == {}


ACTIONS = {"locale": "default", "call_to_actions": [{"type": "postback", "title": "a", "payload": "b"}]}
REFUSED: dict[str, dict[str, Any]] = {
    "a menu without Get Started": {"persistent_menu": [ACTIONS]},
    "a menu without default": {"get_started": {"payload": "x"}, "persistent_menu": [{**ACTIONS, "locale": "zh_TW"}]},
    "a title of 31 letters": {
        "get_started": {"payload": "x"},
        "persistent_menu": [
            {"locale": "default", "call_to_actions": [{"type": "postback", "title": "a" * 31, "payload": "b"}]}
        ],
    },
    "five ice breakers": {
        "ice_breakers": [{"locale": "default", "call_to_actions": [{"question": "a", "payload": "b"}] * 5}]
    },
    "a greeting of 161 letters": {"greeting": [{"locale": "default", "text": "a" * 161}]},
    "a field nobody knows": {"wallpaper": "tea"},
    "nothing": {},
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_the_stand_in_refuses_what_meta_refuses(stand_ins: StandIns, body: dict[str, Any]) -> None:
    answer = stand_ins.post("/messenger/v25.0/me/messenger_profile", body, token="page-token")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)
    assert kept(stand_ins) == {}


def test_get_started_stays_while_there_is_a_menu(stand_ins: StandIns, tmp_path: Path) -> None:
    apply(stand_ins, written(tmp_path))
    address = f"{stand_ins.url}/messenger/v25.0/me/messenger_profile?access_token=page-token"
    answer = requests.delete(address, json={"fields": ["get_started"]}, timeout=10)
    assert answer.status_code == 400
    assert "get_started" in kept(stand_ins)
