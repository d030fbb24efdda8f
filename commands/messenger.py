"""`flask messenger`: what is set up once with the Facebook Page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from bot.channels.delivery import DeliveryError
from bot.channels.messenger import profile_file
from bot.channels.setup_file import SetupError
from commands.running import fail, settings

group = AppGroup("messenger", help="Messenger: the Page's Get Started button, greeting, ice breakers and menu.")


@group.group()
def profile() -> None:
    """The Page's Messenger profile."""


@profile.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only check FILE. Asks nobody and changes nothing.")
def apply_file(file: Path, *, check: bool) -> None:
    """Make the Page's profile what a YAML FILE says. Applying the same file again changes nothing."""
    try:
        wanted = profile_file.read(file)
    except SetupError as error:
        fail("\n".join([*(f"{file}: {mistake}" for mistake in error.mistakes), "Nothing was changed."]))
    if check:
        click.echo(f"{file}: good.")
        return
    if not settings().messenger_page_token:
        fail("MESSENGER_PAGE_TOKEN is not set, so Messenger cannot be asked.")
    try:
        for line in _applied(wanted):
            click.echo(line)
    except DeliveryError as error:
        fail(f"{file}: Messenger refuses it or cannot be asked ({error.reason}): {error.detail}")
    except ValueError as error:
        fail(str(error))


def _applied(wanted: dict[str, Any]) -> Iterator[str]:
    from bot.channels.messenger.profile import PageProfile  # noqa: PLC0415 (requests is loaded by who asks)

    given = settings()
    page = PageProfile(
        given.messenger_api_url,
        given.messenger_page_token,
        given.messenger_app_secret,
        given.messenger_api_version,
    )
    is_changed = False
    for line in page.apply(wanted):
        is_changed = True
        yield line
    if not is_changed:
        yield "Nothing to change."
