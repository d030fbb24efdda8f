"""`flask flows`: check flow files, and publish them; with the commands that try and draw them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from bot import publishing, surroundings
from bot.language import formats
from bot.language import schema as flow_schema
from bot.language.known import Known
from bot.publishing import Checked
from commands import flow_console, flow_files, flow_moving, flow_trials
from commands.flow_files import beside, files_argument, show_mistakes
from commands.running import database, settings
from commands.words import language, language_option, say
from core import clock
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
    checked, _ = _checked(database(), files)
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
    for line in publish_files(where, files, over_console=over_console):
        click.echo(line)
    for name in movable:
        click.echo(flow_moving.moved(where, name))


def _told_ahead(where: Database, files: Sequence[Path]) -> dict[str, int]:
    """What would happen to people, said; how many would move, by the names of their flows."""
    checked, _ = _checked(where, files)
    return flow_moving.told_ahead(where, [one for one in checked if one.is_good])


@group.command()
def schema() -> None:
    """Print the JSON Schema of flow files, which editors complete and check by (flows/flow.schema.json)."""
    click.echo(flow_schema.text(), nl=False)


def publish_files(
    where: Database, files: Sequence[Path], *, over_console: bool = False, keep_console: bool = False
) -> Iterator[str]:
    """Publish the files and say what happened to each; ends the command where one has an error.

    What was published in the console since, and the file does not have, is an error too; `over_console` replaces it,
    `keep_console` leaves it.
    """
    checked, known = _checked(where, files)
    show_mistakes(checked)
    if not all(one.is_good for one in checked):
        raise click.ClickException(
            say("沒有發布。請先改好上面的錯誤再試一次。", "Nothing was published. Mend the errors above and try again.")
        )
    named = [one.flow for one in checked if one.flow]
    others = {one.file: [*named, *beside(one.file), *(known.flows or {}).values()] for one in checked}
    failing = [mistake for one in checked for mistake in publishing.tried(one, others[one.file])]
    if failing:
        for mistake in failing:
            click.echo(mistake.told(language()), err=True)
        raise click.ClickException(
            say(
                "沒有發布。`flask flows test` 會列出這些對話實際怎麼進行。",
                "Nothing was published. `flask flows test` shows how these conversations go.",
            )
        )
    with where.write() as session:
        newer = {
            one.file: found
            for one in checked
            if (found := publishing.overtaken(session, one, over_console=over_console))
        }
        if newer and not keep_console:
            for file, found in newer.items():
                click.echo(flow_console.told(found, file), err=True)
            raise click.ClickException(
                say(
                    "沒有發布：在後台做的修改不會悄悄被蓋掉。",
                    "Nothing was published: a change made in the console is never lost silently.",
                )
            )
        results = [
            (one, publishing.publish(session, one, clock.now(), others[one.file], over_console=over_console))
            for one in checked
            if one.file not in newer
        ]
    for found in newer.values():
        yield say(
            f"{found.detail} 維持在後台發布的版本（{found.number}）。",
            f"{found.detail} stays as it was published in the console ({found.number}).",
        )
    for one, (version, is_new) in results:
        name = one.flow.flow if one.flow else one.file.stem
        yield (
            say(f"已發布 {name} 第 {version.number} 版。", f"Published {name}, version {version.number}.")
            if is_new
            else say(f"{name} 已經發布過（{version.number}）。", f"{name} is published already ({version.number}).")
        )


def _checked(where: Database, files: Sequence[Path]) -> tuple[list[Checked], Known]:
    found = flow_files.named(files)
    try:
        with where.read() as session:
            known = surroundings.known(session, clock.now(), settings().shop_timezone)
    except SQLAlchemyError:
        unasked = say(
            "連不上資料庫，沒有檢查活動。（`make demo` 會建立一個。）",
            "The database cannot be asked, so campaigns are not checked. (`make demo` sets one up.)",
        )
        click.echo(unasked, err=True)
        known = Known()
    return publishing.check_files(found, known), known
