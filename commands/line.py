"""`flask line`: what is set up once with LINE."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from bot.channels.delivery import DeliveryError
from bot.channels.line import menu_file
from bot.channels.line.menu_file import RichMenu
from bot.channels.setup_file import SetupError
from commands.running import fail, settings

if TYPE_CHECKING:
    from bot.channels.line.menus import Menus

NO_TOKEN = "LINE_CHANNEL_ACCESS_TOKEN is not set, so LINE cannot be asked."  # noqa: S105 (a sentence)

group = AppGroup("line", help="LINE: the rich menu under the chat.")


@group.group()
def menu() -> None:
    """The rich menu: a picture whose parts can be tapped."""


@menu.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only check FILE; with a token also let LINE judge it. Changes nothing.")
def apply_file(file: Path, *, check: bool) -> None:
    """Show the menus of a YAML FILE to everybody. Applying the same file again changes nothing."""
    try:
        menus = menu_file.read(file)
    except SetupError as error:
        fail("\n".join([*(f"{file}: {mistake}" for mistake in error.mistakes), "Nothing was changed."]))
    given = settings()
    if check and not given.line_channel_access_token:
        click.echo(f"{file}: good. {NO_TOKEN}")
        return
    if not given.line_channel_access_token:
        fail(NO_TOKEN)
    try:
        for line in _checked(menus) if check else _applied(menus):
            click.echo(line)
    except DeliveryError as error:
        fail(f"{file}: LINE refuses it or cannot be asked ({error.reason}): {error.detail}")
    except ValueError as error:
        fail(str(error))


def _checked(menus: list[RichMenu]) -> Iterator[str]:
    _menus().check(menus)
    yield from (f"{menu.name}: good" for menu in menus)


def _applied(menus: list[RichMenu]) -> Iterator[str]:
    is_changed = False
    for line in _menus().apply(menus):
        is_changed = True
        yield line
    if not is_changed:
        yield "Nothing to change."


def _menus() -> "Menus":
    from bot.channels.line.menus import Menus  # noqa: PLC0415 (LINE's SDK takes 1.5 s to load)

    return Menus(settings().line_api_url, settings().line_channel_access_token)
