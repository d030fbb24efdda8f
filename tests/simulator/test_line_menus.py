"""LINE's rich menus, applied by `flask line menu apply` to the stand-in, which refuses what LINE refuses."""

import io
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import Result
from flask import Flask
from PIL import Image

import commands.line
from bot.channels.line import menus as line_menus
from commands.running import SETTINGS_KEY
from settings import Settings
from tests.simulator.conftest import StandIns

DEMO = Path(__file__).parents[2] / "flows" / "menus" / "line.yaml"
MENU = """
menu: tea
bar: 優惠選單
image: menu.png
grid: 2x1
areas:
  - {say: 優惠}
  - {open: "https://shop.example/茶"}
"""
AREA: dict[str, Any] = {
    "bounds": {"x": 0, "y": 0, "width": 1200, "height": 405},
    "action": {"type": "message", "text": "hi"},
}
BODY: dict[str, Any] = {
    "size": {"width": 1200, "height": 405},
    "selected": True,
    "name": "by hand",
    "chatBarText": "Menu",
    "areas": [AREA],
}


def png(width: int = 1200, height: int = 405, color: str = "#B45309") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (width, height), color).save(content, "PNG")
    return content.getvalue()


def written(folder: Path, text: str = MENU, picture: bytes | None = None) -> Path:
    (folder / "menu.png").write_bytes(picture or png())
    file = folder / "menu.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def apply(stand_ins: StandIns, file: Path, *options: str, token: str = "line-token") -> Result:
    app = Flask("shop")
    app.extensions[SETTINGS_KEY] = Settings(line_api_url=f"{stand_ins.url}/line", line_channel_access_token=token)
    app.cli.add_command(commands.line.group)
    return app.test_cli_runner().invoke(args=["line", "menu", "apply", str(file), *options])


def ask(stand_ins: StandIns, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 (what requests takes)
    headers = {"Authorization": "Bearer line-token", **more.pop("headers", {})}
    return requests.request(method, f"{stand_ins.url}/line/v2/bot/{path}", headers=headers, timeout=10, **more)


def menus(stand_ins: StandIns) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask(stand_ins, "GET", "richmenu/list").json()["richmenus"]
    return found


def aliases(stand_ins: StandIns) -> dict[str, str]:
    found = ask(stand_ins, "GET", "richmenu/alias/list").json()["aliases"]
    return {alias["richMenuAliasId"]: alias["richMenuId"] for alias in found}


def shown(stand_ins: StandIns) -> str:
    return str(ask(stand_ins, "GET", "user/all/richmenu").json().get("richMenuId", ""))


def test_a_menu_is_made_with_its_picture_and_shown_to_everybody(stand_ins: StandIns, tmp_path: Path) -> None:
    assert apply(stand_ins, written(tmp_path)).output == "tea: made\ntea: everybody sees it now\n"
    (menu,) = menus(stand_ins)
    assert shown(stand_ins) == menu["richMenuId"]
    assert menu["chatBarText"] == "優惠選單"
    assert [area["bounds"]["x"] for area in menu["areas"]] == [0, 600]
    assert menu["areas"][1]["action"] == {"type": "uri", "uri": "https://shop.example/%E8%8C%B6"}


def test_the_same_file_again_changes_nothing(stand_ins: StandIns, tmp_path: Path) -> None:
    file = written(tmp_path)
    apply(stand_ins, file)
    before = (menus(stand_ins), aliases(stand_ins), shown(stand_ins))
    assert apply(stand_ins, file).output == "Nothing to change.\n"
    assert (menus(stand_ins), aliases(stand_ins), shown(stand_ins)) == before


@pytest.mark.parametrize("change", ["text", "picture"])
def test_a_changed_menu_replaces_the_old_one_which_is_deleted_last(
    stand_ins: StandIns, tmp_path: Path, change: str
) -> None:
    apply(stand_ins, written(tmp_path))
    old = shown(stand_ins)
    text = MENU.replace("優惠選單", "新選單") if change == "text" else MENU
    said = apply(stand_ins, written(tmp_path, text, png(color="#000000") if change == "picture" else None)).output
    assert said == "tea: made\ntea: everybody sees it now\ntea: the old one is deleted\n"
    (menu,) = menus(stand_ins)
    assert menu["richMenuId"] == shown(stand_ins) == aliases(stand_ins)["tea"] != old


def test_several_menus_switch_to_one_another_and_one_that_left_the_file_goes(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    apply(stand_ins, DEMO)
    assert set(aliases(stand_ins)) == {"tea-zh", "tea-en"}
    assert shown(stand_ins) == aliases(stand_ins)["tea-zh"]
    switches = [menu["areas"][2]["action"]["richMenuAliasId"] for menu in menus(stand_ins)]
    assert switches == ["tea-en", "tea-zh"]
    assert "tea-en: the old one is deleted" in apply(stand_ins, written(tmp_path)).output
    assert set(aliases(stand_ins)) == {"tea"}
    assert len(menus(stand_ins)) == 1


def test_menus_made_elsewhere_are_left_alone(stand_ins: StandIns, tmp_path: Path) -> None:
    ask(stand_ins, "POST", "richmenu", json=BODY)
    apply(stand_ins, written(tmp_path))
    apply(stand_ins, written(tmp_path, MENU.replace("優惠選單", "新選單")))
    assert [menu["name"].partition(" [")[0] for menu in menus(stand_ins)] == ["by hand", "tea"]


def test_what_failed_half_way_is_made_whole_by_the_next_time(stand_ins: StandIns, tmp_path: Path) -> None:
    file = written(tmp_path)
    stand_ins.api("faults", {"platform": "line", "endpoint": "richmenu picture", "kind": "status", "status": 500})
    failed = apply(stand_ins, file)
    assert failed.exit_code == 1
    assert "LINE refuses it or cannot be asked (channel_unavailable): HTTP 500" in failed.output
    assert (menus(stand_ins), shown(stand_ins)) == ([], "")
    stand_ins.api("faults", {"platform": "line", "endpoint": "richmenu alias", "kind": "status", "status": 500})
    assert apply(stand_ins, file).exit_code == 1
    assert "tea: the old one is deleted" in apply(stand_ins, file).output
    (menu,) = menus(stand_ins)
    assert shown(stand_ins) == menu["richMenuId"] == aliases(stand_ins)["tea"]


def test_pictures_go_to_lines_own_host_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts: list[str] = []
    monkeypatch.setattr(line_menus, "Api", lambda url, *_: hosts.append(url))
    line_menus.Menus("https://api.line.me/", "token")
    assert hosts == ["https://api.line.me", "https://api-data.line.me"]


MISTAKES = {
    "grid: 2x1": ("grid: 1x1", "tea: areas[2]: has no place; give `at: [left, top, width, height]`"),
    "{say: 優惠}": ("{say: 優惠, postback: x}", "tea: areas[1]: needs exactly one of say, postback, open, switch"),
    "bar: 優惠選單": ("bar: 一二三四五六七八九十一二三四五", "tea: bar: must have 1 to 14 characters"),
    "menu: tea": ("menu: Tea!", "menu: String should match pattern"),
    "image: menu.png": ("image: nowhere.png", "tea: image: nowhere.png cannot be read"),
    "open: ": ("open: javascript:alert(1)//", "must be an http, https, line or tel address"),
    "say: 優惠": ("at: [1000, 0, 400, 405], say: 優惠", "[1000, 0, 400, 405] does not lie within the picture"),
    "areas:": ("areas: []\nrest:", "rest: is not known here"),
    "say:": ("switch:", "tea: areas[1]: switch: there is no menu '優惠' in this file"),
}


@pytest.mark.parametrize(("old", "new"), MISTAKES.items(), ids=MISTAKES.keys())
def test_a_mistake_is_named_and_line_is_not_asked(
    stand_ins: StandIns, tmp_path: Path, old: str, new: tuple[str, str]
) -> None:
    result = apply(stand_ins, written(tmp_path, MENU.replace(old, new[0], 1)))
    assert result.exit_code == 1
    assert new[1] in result.output
    assert "Nothing was changed." in result.output
    assert menus(stand_ins) == []


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (png(700, 400), "is 700 x 400 pixels; LINE wants 800 to 2500 wide"),
        (png(800, 240), "is 800 x 240 pixels"),
        (png(800, 600), "at least 1.45 times as wide as high"),
        (b"GIF89a", "is not a whole JPEG or PNG picture"),
        (png() + b"\0" * 1_000_000, "a picture must be under 1,000,000"),
    ],
)
def test_a_picture_that_line_would_refuse_is_refused_here(
    stand_ins: StandIns, tmp_path: Path, picture: bytes, words: str
) -> None:
    result = apply(stand_ins, written(tmp_path, picture=picture), "--check")
    assert result.exit_code == 1
    assert words in result.output


def test_a_check_changes_nothing(stand_ins: StandIns, tmp_path: Path) -> None:
    assert apply(stand_ins, written(tmp_path), "--check").output == "tea: good\n"
    assert menus(stand_ins) == []
    assert "so LINE cannot be asked" in apply(stand_ins, written(tmp_path), "--check", token="").output


def test_without_a_token_nothing_is_applied(stand_ins: StandIns, tmp_path: Path) -> None:
    result = apply(stand_ins, written(tmp_path), token="")
    assert (result.exit_code, "LINE_CHANNEL_ACCESS_TOKEN is not set" in result.output) == (1, True)
    assert "channel_credentials" in apply(stand_ins, written(tmp_path), token="another").output
    assert menus(stand_ins) == []


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a bar of 15 letters": ({"chatBarText": "a" * 15}, "chatBarText"),
    "no bar": ({"chatBarText": ""}, "chatBarText"),
    "a narrow menu": ({"size": {"width": 700, "height": 300}}, "size"),
    "a tall menu": ({"size": {"width": 1200, "height": 1200}}, "size"),
    "21 areas": ({"areas": [AREA] * 21}, "areas"),
    "an area outside": ({"areas": [{**AREA, "bounds": {**AREA["bounds"], "x": 1}}]}, "areas[0].bounds"),
    "an action nobody knows": ({"areas": [{**AREA, "action": {"type": "dance"}}]}, "areas[0].action.type"),
    "a script": ({"areas": [{**AREA, "action": {"type": "uri", "uri": "javascript:x"}}]}, "areas[0].action.uri"),
    "a misspelt field": ({"chatbarText": "x"}, "chatbarText"),
}


@pytest.mark.parametrize(("change", "place"), REFUSED.values(), ids=REFUSED.keys())
def test_the_stand_in_refuses_what_line_refuses(stand_ins: StandIns, change: dict[str, Any], place: str) -> None:
    for path in ("richmenu/validate", "richmenu"):
        answer = ask(stand_ins, "POST", path, json={**BODY, **change})
        assert answer.status_code == 400
        assert place in [detail["property"] for detail in answer.json()["details"]]
    assert menus(stand_ins) == []


def test_a_menu_without_its_picture_is_shown_to_nobody(stand_ins: StandIns) -> None:
    menu_id = ask(stand_ins, "POST", "richmenu", json=BODY).json()["richMenuId"]
    assert ask(stand_ins, "POST", f"user/all/richmenu/{menu_id}").status_code == 400
    headers = {"Content-Type": "image/png"}
    for picture, status in ((png(800, 270), 400), (b"GIF89a", 415), (png(), 200), (png(), 400)):
        answer = ask(stand_ins, "POST", f"richmenu/{menu_id}/content", data=picture, headers=headers)
        assert answer.status_code == status
    assert ask(stand_ins, "POST", f"user/all/richmenu/{menu_id}").status_code == 200
    assert ask(stand_ins, "DELETE", f"richmenu/{menu_id}").status_code == 200
    assert ask(stand_ins, "GET", "user/all/richmenu").status_code == 404
