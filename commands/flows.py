"""`flask flows`: check flow files, and publish them; with the commands that try and draw them."""

from collections.abc import Sequence
from pathlib import Path

import click
from flask.cli import AppGroup

from bot.language import formats
from bot.language import schema as flow_schema
from commands import flow_console, flow_moving, flow_publishing, flow_trials
from commands.flow_files import files_argument, show_mistakes
from commands.running import database
from commands.words import language, language_option, say
from db.database import Database

group = AppGroup("flows", help="Flows: check, try, draw and publish the files that marketers write.")
for command in (
    flow_trials.test,
    flow_trials.chat,
    flow_trials.draw,
    flow_console.export,
    flow_console.differ,
    flow_moving.move,
):
    group.add_command(command)


@group.command()
@files_argument
@click.option("--format", "shape", type=click.Choice(["text", "github", "json"]), default="text", help="For whom.")
@language_option
def check(files: tuple[Path, ...], shape: str) -> None:
    """Check FILES (flows/*.yaml where none are named). Ends with status 1 where there is an error."""
    checked, _ = flow_publishing.checked_files(database(), files)
    mistakes = [mistake for one in checked for mistake in one.mistakes]
    if shape == "text":
        show_mistakes(checked)
    elif shape == "json" or mistakes:
        click.echo((formats.as_json if shape == "json" else formats.github)(mistakes, language()))
    bad = [one for one in checked if not one.is_good]
    flows = "1 flow" if len(checked) == 1 else f"{len(checked)} flows"
    summary = say(f"檢查了 {len(checked)} 個流程，{len(bad)} 個有錯誤。", f"{flows} checked, {len(bad)} with errors.")
    click.echo(summary, err=shape != "text")
    if bad:
        raise SystemExit(1)


@group.command()
@files_argument
@click.option("--over-console", is_flag=True, help="Also replace what was published in the console since.")
@click.option("--move", is_flag=True, help="Then move people in older versions to the new ones, where they can be.")
@flow_moving.yes_option
@language_option
def publish(files: tuple[Path, ...], *, over_console: bool, move: bool, yes: bool) -> None:
    """Publish FILES (flows/*.yaml where none are named): all of them, or none where one has an error.

    With --move, says first how many people would be moved, and who would not and why, and asks.
    """
    where = database()
    movable = _told_ahead(where, files) if move else {}
    if movable and not yes:
        count = sum(movable.values())
        click.confirm(say(f"發布，並移動 {count} 人？", f"Publish, and move {count} people?"), abort=True)
    for line in flow_publishing.publish_files(where, files, over_console=over_console):
        click.echo(line)
    for name in movable:
        click.echo(flow_moving.moved(where, name))


def _told_ahead(where: Database, files: Sequence[Path]) -> dict[str, int]:
    """What would happen to people, said; how many would move, by the names of their flows."""
    checked, _ = flow_publishing.checked_files(where, files)
    return flow_moving.told_ahead(where, [one for one in checked if one.is_good])


@group.command()
def schema() -> None:
    """Print the JSON Schema of flow files, which editors complete and check by (flows/flow.schema.json)."""
    click.echo(flow_schema.text(), nl=False)
