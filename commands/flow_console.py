"""`flask flows diff` and `export`: how files follow what was published in the console."""

import difflib
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from bot import following
from bot.language.mistakes import did_you_mean
from commands import flow_files
from commands.running import database, settings
from commands.words import say
from core import flows
from core.flows import Overtaken
from db.tables import Flow, FlowVersion


@click.command()
@click.argument("flow")
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Without it, flows/FLOW.yaml.")
@with_appcontext
def export(flow: str, path: Path | None) -> None:
    """Write the published text of FLOW into its file, so that the file follows a change made in the console."""
    version = _published(flow)
    file = path or flow_files.FOLDER / f"{flow}.yaml"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(following.joined(version.number, version.source).encode())
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{file} has the text of version {version.number}.")


@click.command("diff")
@click.argument("flow")
@click.option("--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="As of `export`.")
@with_appcontext
def differ(flow: str, path: Path | None) -> None:
    """Show what differs between the published text of FLOW (-) and its file (+)."""
    version, file = _published(flow), path or flow_files.one(flow)
    try:
        mine = following.split(file.read_bytes().decode())[1]
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file} cannot be read as UTF-8 text: {error}.") from None
    lines = difflib.unified_diff(
        version.source.splitlines(), mine.splitlines(), f"version {version.number}", str(file), lineterm=""
    )
    click.echo("\n".join(lines) or f"{file} has the text of version {version.number}.")


def told(found: Overtaken, file: Path) -> str:
    """The refusal to publish a file over a change made in the console, and what can be done, as an error message."""
    at = (
        found.published_at.astimezone(settings().shop_timezone).strftime("%Y-%m-%d %H:%M") if found.published_at else ""
    )
    name, by = found.detail, found.username or say("有人", "somebody")
    diff, export = f"flask flows diff {name} --file {file}", f"flask flows export {name} --file {file}"
    publish = f"flask flows publish --over-console {file}"
    return say(
        f"{file}: 錯誤: {by} 已在 {at} 從後台發布了 {name} 第 {found.number} 版，"
        f"這個檔案沒有那次修改（{found.reason}）。\n"
        f"  看差異：    {diff}\n  採用後台的：{export}\n  改用檔案的：{publish}",
        f"{file}: error: {by} published version {found.number} of {name} in the console at {at}, "
        f"and this file does not have that change ({found.reason}).\n"
        f"  See it:      {diff}\n  Take it in:  {export}\n  Replace it:  {publish}",
    )


def _published(flow: str) -> FlowVersion:
    with database().read() as session:
        version = flows.published(session, flow)
        if version is None:
            known = session.scalars(select(Flow.name).order_by(Flow.name)).all()
            raise click.ClickException(f"No flow {flow!r} is published; {did_you_mean(flow, known)}")
        return version
