"""The stand-in for LINE's rich menus: kept, pointed to by aliases, shown to everybody, refused as LINE refuses them."""

import secrets
from typing import Any

from flask import Blueprint, Response, request

from simulator import pictures
from simulator.context import Context
from simulator.line_answers import Refused, answer, json_body
from simulator.menu_rules import menu_faults

MOST_MENUS = 1000
MOST_PICTURE = 1_000_000  # bytes

blueprint = Blueprint("line_menus", __name__, url_prefix="/line/v2/bot")


@blueprint.post("/richmenu")
def create() -> Response:
    """Keep a menu; it is seen once it has a picture."""

    def work(context: Context) -> dict[str, Any]:
        menu = _judged()
        if len(context.state.kept("menu")) >= MOST_MENUS:
            raise Refused(400, "The maximum number of rich menus has been reached")
        menu_id = "richmenu-" + secrets.token_hex(16)
        context.state.keep("menu", menu_id, menu)
        return {"richMenuId": menu_id}

    return answer("richmenu", work)


@blueprint.post("/richmenu/validate")
def validate() -> Response:
    """Judge a menu without keeping it."""

    def work(_: Context) -> dict[str, Any]:
        _judged()
        return {}

    return answer("richmenu", work)


def _judged() -> dict[str, Any]:
    menu = json_body()
    found = menu_faults(menu)
    if found:
        raise Refused(400, f"The request body has {len(found)} error(s)", found)
    return menu


@blueprint.get("/richmenu/list")
def list_all() -> Response:
    """Every menu."""
    return answer(
        "richmenu",
        lambda context: {
            "richmenus": [{"richMenuId": menu_id, **menu} for menu_id, menu in context.state.kept("menu").items()]
        },
    )


@blueprint.get("/richmenu/<menu_id>")
def one(menu_id: str) -> Response:
    """One menu."""
    return answer("richmenu", lambda context: {"richMenuId": menu_id, **_known(context, menu_id)})


@blueprint.delete("/richmenu/<menu_id>")
def delete(menu_id: str) -> Response:
    """Delete a menu, and with it that everybody sees it."""

    def work(context: Context) -> dict[str, Any]:
        _known(context, menu_id)
        context.state.drop("menu", menu_id)
        context.state.drop_picture(menu_id)
        if context.state.kept("default menu").get("all") == menu_id:
            context.state.drop("default menu", "all")
        return {}

    return answer("richmenu", work)


@blueprint.post("/richmenu/<menu_id>/content")
def upload(menu_id: str) -> Response:
    """A menu's picture, once: of the menu's own size, JPEG or PNG, at most 1 MB."""

    def work(context: Context) -> dict[str, Any]:
        menu, content = _known(context, menu_id), request.get_data()
        if context.state.has_picture(menu_id):
            raise Refused(400, "An image has already been uploaded to the richmenu")
        if len(content) > MOST_PICTURE:
            raise Refused(413, "The image is too large")
        size = pictures.size(content)
        if request.content_type not in {"image/png", "image/jpeg"} or size is None:
            raise Refused(415, "Unsupported media type")
        if size != (menu["size"]["width"], menu["size"]["height"]):
            raise Refused(400, "The image size does not match the size of the rich menu")
        context.state.keep_picture(menu_id, request.content_type, content)
        return {}

    return answer("richmenu picture", work)


@blueprint.get("/richmenu/alias/list")
def aliases() -> Response:
    """Every alias."""
    return answer(
        "richmenu",
        lambda context: {
            "aliases": [
                {"richMenuAliasId": alias, "richMenuId": menu_id}
                for alias, menu_id in context.state.kept("menu alias").items()
            ]
        },
    )


@blueprint.post("/richmenu/alias")
def create_alias() -> Response:
    """A name that points to a menu; refused where there is one."""

    def work(context: Context) -> dict[str, Any]:
        body = json_body()
        _seen(context, str(body.get("richMenuId")))
        if body.get("richMenuAliasId") in context.state.kept("menu alias"):
            raise Refused(400, "conflict richmenu alias id")
        context.state.keep("menu alias", str(body["richMenuAliasId"]), str(body["richMenuId"]))
        return {}

    return answer("richmenu alias", work)


@blueprint.post("/richmenu/alias/<alias>")
def change_alias(alias: str) -> Response:
    """Let a name point to another menu."""

    def work(context: Context) -> dict[str, Any]:
        menu_id = str(json_body().get("richMenuId"))
        _seen(context, menu_id)
        if alias not in context.state.kept("menu alias"):
            raise Refused(404, "richmenu alias not found")
        context.state.keep("menu alias", alias, menu_id)
        return {}

    return answer("richmenu alias", work)


@blueprint.delete("/richmenu/alias/<alias>")
def delete_alias(alias: str) -> Response:
    """Forget a name."""

    def work(context: Context) -> dict[str, Any]:
        if not context.state.drop("menu alias", alias):
            raise Refused(404, "richmenu alias not found")
        return {}

    return answer("richmenu alias", work)


@blueprint.get("/user/all/richmenu")
def default() -> Response:
    """The menu that everybody sees."""

    def work(context: Context) -> dict[str, Any]:
        found = context.state.kept("default menu").get("all")
        if found is None:
            raise Refused(404, "no default richmenu")
        return {"richMenuId": found}

    return answer("richmenu", work)


@blueprint.post("/user/all/richmenu/<menu_id>")
def set_default(menu_id: str) -> Response:
    """Show a menu to everybody; refused as long as it has no picture."""

    def work(context: Context) -> dict[str, Any]:
        _seen(context, menu_id)
        context.state.keep("default menu", "all", menu_id)
        return {}

    return answer("richmenu", work)


@blueprint.delete("/user/all/richmenu")
def cancel_default() -> Response:
    """Show no menu to everybody."""

    def work(context: Context) -> dict[str, Any]:
        context.state.drop("default menu", "all")
        return {}

    return answer("richmenu", work)


def _known(context: Context, menu_id: str) -> dict[str, Any]:
    found: dict[str, Any] | None = context.state.one("menu", menu_id)
    if found is None:
        raise Refused(404, "richmenu not found")
    return found


def _seen(context: Context, menu_id: str) -> None:
    _known(context, menu_id)
    if not context.state.has_picture(menu_id):
        raise Refused(400, "must upload richmenu image before applying it to user")
