"""Rich menus at LINE: what a file says becomes what customers see, with nothing done twice.

A menu made here is known by its name, which ends in a digest of all that is in it; menus made elsewhere are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bot.channels.answers import Answer, checked_secret
from bot.channels.line.api import Api
from bot.channels.line.errors import refusal
from bot.channels.line.menu_file import RichMenu
from bot.channels.reading import objects, text

_OURS = re.compile(r".+ \[tessera [0-9a-f]{16}\]")
_HOST, _DATA_HOST = "https://api.line.me", "https://api-data.line.me"
_NOT_FOUND = 404


class Menus:
    """LINE's rich menus of one channel."""

    def __init__(self, api_url: str, token: str, *, timeout: tuple[float, float] = (3, 30)) -> None:
        """`timeout` is (connect, read) in seconds: a picture takes longer than a message."""
        self._token = checked_secret("LINE channel access token", token)
        api_url = api_url.rstrip("/")
        self._api = Api(api_url, self._token, timeout)
        self._data = Api(_DATA_HOST, self._token, timeout) if api_url == _HOST else self._api

    def check(self, menus: Sequence[RichMenu]) -> None:
        """Have LINE judge the menus; nothing is changed.

        Raises:
            DeliveryError: LINE refuses one, or could not be asked.
        """
        for menu in menus:
            self._ask("POST", "/v2/bot/richmenu/validate", menu.request)

    def apply(self, menus: Sequence[RichMenu]) -> Iterator[str]:
        """Make the menus what is there, in this order, and say what was done; nothing where all is there already.

        1. A menu that LINE does not have is made, with its picture, and its name (the alias) points to it.
        2. The first becomes the one that everybody sees.
        3. Those of ours that the file no longer has are deleted: nobody is without a menu in between.

        Raises:
            DeliveryError: LINE refuses something, or could not be asked. The same again goes on from there.
        """
        there, aliases = self._menus(), self._aliases()
        ids = []
        for menu in menus:
            found = next((each for each in there if there[each] == menu.mark and aliases.get(menu.name) == each), "")
            if not found:
                found = self._make(menu, is_new_alias=menu.name not in aliases)
                yield f"{menu.name}: made"
            ids.append(found)
        if self._default() != ids[0]:
            self._ask("POST", f"/v2/bot/user/all/richmenu/{quote(ids[0], safe='')}")
            yield f"{menus[0].name}: everybody sees it now"
        yield from self._tidy(there, aliases, ids, [menu.name for menu in menus])

    def _make(self, menu: RichMenu, *, is_new_alias: bool) -> str:
        menu_id = text(self._ask("POST", "/v2/bot/richmenu", menu.request).content, "richMenuId")
        path = f"/v2/bot/richmenu/{quote(menu_id, safe='')}/content"
        answer = self._data.call("POST", path, body=menu.picture, headers={"Content-Type": menu.content_type})
        if not answer.is_success:
            self._ask("DELETE", f"/v2/bot/richmenu/{quote(menu_id, safe='')}")
            raise refusal(answer).without((self._token,))
        pointer = {"richMenuId": menu_id}
        if is_new_alias:
            self._ask("POST", "/v2/bot/richmenu/alias", {**pointer, "richMenuAliasId": menu.name})
        else:
            self._ask("POST", f"/v2/bot/richmenu/alias/{menu.name}", pointer)
        return menu_id

    def _tidy(
        self, there: dict[str, str], aliases: dict[str, str], kept: Sequence[str], names: Sequence[str]
    ) -> Iterator[str]:
        for menu_id, mark in there.items():
            if menu_id in kept or not _OURS.fullmatch(mark):
                continue
            name = mark.partition(" ")[0]
            if name not in names and aliases.get(name) == menu_id:
                self._ask("DELETE", f"/v2/bot/richmenu/alias/{name}")
            self._ask("DELETE", f"/v2/bot/richmenu/{quote(menu_id, safe='')}")
            yield f"{name}: the old one is deleted"

    def _menus(self) -> dict[str, str]:
        """The names of all menus, by id."""
        found = objects((self._ask("GET", "/v2/bot/richmenu/list").content or {}).get("richmenus"))
        return {text(menu, "richMenuId"): text(menu, "name") for menu in found}

    def _aliases(self) -> dict[str, str]:
        found = objects((self._ask("GET", "/v2/bot/richmenu/alias/list").content or {}).get("aliases"))
        return {text(alias, "richMenuAliasId"): text(alias, "richMenuId") for alias in found}

    def _default(self) -> str:
        """The id of the menu that everybody sees; empty where there is none, which LINE says with 404."""
        answer = self._api.call("GET", "/v2/bot/user/all/richmenu")
        if answer.status == _NOT_FOUND:
            return ""
        if not answer.is_success:
            raise refusal(answer).without((self._token,))
        return text(answer.content, "richMenuId")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        answer = self._api.call(method, path, body=body)
        if not answer.is_success:
            raise refusal(answer).without((self._token,))
        return answer
