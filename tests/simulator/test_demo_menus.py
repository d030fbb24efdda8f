"""The demo's menus are set up once, from the files in flows/menus; what is applied later stays."""

from pathlib import Path

from commands import demo_menus
from settings import Settings
from tests.simulator.conftest import StandIns
from tests.simulator.test_line_menus import apply, menus, written
from tests.simulator.test_messenger_profile import kept


def given(stand_ins: StandIns, folder: Path, line_token: str = "line-token") -> Settings:
    return Settings(
        var_dir=folder,
        line_api_url=f"{stand_ins.url}/line",
        line_channel_access_token=line_token,
        messenger_api_url=f"{stand_ins.url}/messenger",
        messenger_page_token="page-token",
        messenger_app_secret="app-secret",
    )


def test_both_examples_are_applied_at_the_first_start_alone(stand_ins: StandIns, tmp_path: Path) -> None:
    assert list(demo_menus.set_up(given(stand_ins, tmp_path))) == [
        "Applied the rich menu of LINE: flows/menus/line.yaml.",
        "Applied the profile of Messenger: flows/menus/messenger.yaml.",
    ]
    assert [menu["chatBarText"] for menu in menus(stand_ins)] == ["優惠選單", "Offers"]
    assert set(kept(stand_ins)) == {"get_started", "greeting", "ice_breakers", "persistent_menu"}
    apply(stand_ins, written(tmp_path))
    assert list(demo_menus.set_up(given(stand_ins, tmp_path))) == []
    assert [menu["name"].partition(" ")[0] for menu in menus(stand_ins)] == ["tea"]


def test_what_could_not_be_applied_is_said_and_tried_again_at_the_next_start(
    stand_ins: StandIns, tmp_path: Path
) -> None:
    first, second = demo_menus.set_up(given(stand_ins, tmp_path, line_token="dead"))
    assert first.startswith("The menu in line could not be set up (channel_credentials)")
    assert second.startswith("Applied the profile of Messenger")
    assert menus(stand_ins) == []
    assert list(demo_menus.set_up(given(stand_ins, tmp_path))) == [
        "Applied the rich menu of LINE: flows/menus/line.yaml."
    ]
