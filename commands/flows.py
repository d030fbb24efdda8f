"""`flask flows`: check flow files, and publish them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from bot import publishing, surroundings
from bot.language import schema as flow_schema
from bot.language.check import Known
from bot.publishing import Checked
from commands.running import database
from core import clock
from db.database import Database

FOLDER = Path("flows")

group = AppGroup("flows", help="Flows: check the files that marketers write, and publish them.")
files_argument = click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))


@group.command()
@files_argument
def check(files: tuple[Path, ...]) -> None:
    """Check FILES (flows/*.yaml where none are named). Ends with status 1 where there is an error."""
    checked = _checked(database(), files)
    _show_mistakes(checked)
    bad = [one for one in checked if not one.is_good]
    click.echo(f"{len(checked)} flows checked, {len(bad)} with errors.")
    if bad:
        raise SystemExit(1)


@group.command()
@files_argument
def publish(files: tuple[Path, ...]) -> None:
    """Publish FILES (flows/*.yaml where none are named): all of them, or none where one has an error."""
    for line in publish_files(database(), files):
        click.echo(line)


@group.command()
def schema() -> None:
    """Print the JSON Schema of flow files, which editors complete and check by (flows/flow.schema.json)."""
    click.echo(flow_schema.text(), nl=False)


def publish_files(where: Database, files: Sequence[Path]) -> Iterator[str]:
    """Publish the files and say what happened to each; ends the command where one has an error."""
    checked = _checked(where, files)
    _show_mistakes(checked)
    if not all(one.is_good for one in checked):
        raise click.ClickException("Nothing was published. Mend the errors above and try again.")
    with where.write() as session:
        results = [(one, publishing.publish(session, one, clock.now())) for one in checked]
    for one, (version, is_new) in results:
        name = one.flow.flow if one.flow else one.file.stem
        yield (
            f"Published {name}, version {version.number}."
            if is_new
            else f"{name} is published already ({version.number})."
        )


def _checked(where: Database, files: Sequence[Path]) -> list[Checked]:
    found = list(files) or sorted(FOLDER.glob("*.yaml"))
    if not found:
        raise click.ClickException("There is no flow file: name one, or put it into flows/.")
    try:
        with where.read() as session:
            known = surroundings.known(session, clock.now())
    except SQLAlchemyError:
        click.echo("The database cannot be asked, so campaigns are not checked.", err=True)
        known = Known()
    return publishing.check_files(found, known)


def _show_mistakes(checked: Sequence[Checked]) -> None:
    for one in checked:
        for mistake in one.mistakes:
            click.echo(str(mistake), err=True)
