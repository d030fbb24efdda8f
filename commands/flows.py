"""`flask flows`: check flow files, and publish them; with the commands that try and draw them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from bot import publishing, surroundings
from bot.language import formats
from bot.language import schema as flow_schema
from bot.language.check import Known
from bot.publishing import Checked
from commands import flow_files, flow_trials
from commands.flow_files import beside, files_argument, show_mistakes
from commands.running import database
from core import clock
from db.database import Database

group = AppGroup("flows", help="Flows: check, try, draw and publish the files that marketers write.")
for command in (flow_trials.test, flow_trials.chat, flow_trials.draw):
    group.add_command(command)


@group.command()
@files_argument
@click.option("--format", "shape", type=click.Choice(["text", "github", "json"]), default="text", help="For whom.")
def check(files: tuple[Path, ...], shape: str) -> None:
    """Check FILES (flows/*.yaml where none are named). Ends with status 1 where there is an error."""
    checked, _ = _checked(database(), files)
    mistakes = [mistake for one in checked for mistake in one.mistakes]
    if shape == "text":
        show_mistakes(checked)
    elif shape == "json" or mistakes:
        click.echo(formats.as_json(mistakes) if shape == "json" else formats.github(mistakes))
    bad = [one for one in checked if not one.is_good]
    click.echo(f"{len(checked)} flows checked, {len(bad)} with errors.", err=shape != "text")
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
    checked, known = _checked(where, files)
    show_mistakes(checked)
    if not all(one.is_good for one in checked):
        raise click.ClickException("Nothing was published. Mend the errors above and try again.")
    named = [one.flow for one in checked if one.flow]
    others = {one.file: [*named, *beside(one.file), *(known.flows or {}).values()] for one in checked}
    failing = [mistake for one in checked for mistake in publishing.tried(one, others[one.file])]
    if failing:
        for mistake in failing:
            click.echo(str(mistake), err=True)
        raise click.ClickException("Nothing was published. `flask flows test` shows how these conversations go.")
    with where.write() as session:
        results = [(one, publishing.publish(session, one, clock.now(), others[one.file])) for one in checked]
    for one, (version, is_new) in results:
        name = one.flow.flow if one.flow else one.file.stem
        yield (
            f"Published {name}, version {version.number}."
            if is_new
            else f"{name} is published already ({version.number})."
        )


def _checked(where: Database, files: Sequence[Path]) -> tuple[list[Checked], Known]:
    found = flow_files.named(files)
    try:
        with where.read() as session:
            known = surroundings.known(session, clock.now())
    except SQLAlchemyError:
        click.echo("The database cannot be asked, so campaigns are not checked.", err=True)
        known = Known()
    return publishing.check_files(found, known), known
