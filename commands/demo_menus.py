"""The demo's rich menu and Messenger profile, set up at the stand-ins as an operator sets them up at the platforms."""

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.channels.delivery import DeliveryError
from bot.channels.line import menu_file
from bot.channels.messenger import profile_file
from settings import Settings

ROOT = Path(__file__).parent.parent
LINE, MESSENGER = Path("flows/menus/line.yaml"), Path("flows/menus/messenger.yaml")


def set_up(given: Settings) -> Iterator[str]:
    """Apply the example of each channel once, and say so: what somebody applies later is left as it is."""
    for channel, work in _WORKS.items():
        mark = given.var_dir / f"{channel}-menu-is-set-up"
        if mark.exists():
            continue
        try:
            yield work(given)
        except DeliveryError as error:
            yield f"The menu in {channel} could not be set up ({error.reason}): {error.detail}"
        else:
            mark.touch()


def _line(given: Settings) -> str:
    from bot.channels.line.menus import Menus  # noqa: PLC0415 (LINE's SDK takes 1.5 s to load)

    menus = Menus(given.line_api_url, given.line_channel_access_token)
    list(menus.apply(menu_file.read(ROOT / LINE)))
    return f"Applied the rich menu of LINE: {LINE}."


def _messenger(given: Settings) -> str:
    from bot.channels.messenger.profile import PageProfile  # noqa: PLC0415 (requests is loaded by who asks)

    page = PageProfile(
        given.messenger_api_url, given.messenger_page_token, given.messenger_app_secret, given.messenger_api_version
    )
    list(page.apply(profile_file.read(ROOT / MESSENGER)))
    return f"Applied the profile of Messenger: {MESSENGER}."


_WORKS: dict[str, Callable[[Settings], str]] = {"line": _line, "messenger": _messenger}
