"""`flask flows test`, `chat` and `graph`: flows tried and drawn from their files, without database or account."""

import sys
from pathlib import Path
from time import perf_counter

import click
from flask.cli import with_appcontext

from bot import publishing
from bot.drawing.mermaid import mermaid
from bot.drawing.svg import svg
from bot.language import moments
from bot.language.graph import graph
from bot.language.model import Flow
from bot.publishing import Checked
from bot.rehearsal.chat import Chat
from bot.rehearsal.items import items
from bot.rehearsal.telling import difference
from bot.rehearsal.trial import Trial, trials
from bot.rehearsal.updating import NotWritable, updated
from bot.rehearsal.world import World
from commands import flow_files, words
from commands.running import settings
from core import clock

flow_argument = click.argument("flow")


@click.command()
@flow_files.files_argument
@click.option("--update", is_flag=True, help="Write what now happens into the files; look at what changed.")
@words.language_option
@with_appcontext
def test(files: tuple[Path, ...], *, update: bool) -> None:
    """Run the conversations of FILES (flows/*.yaml where none are named); status 1 where one goes otherwise."""
    begun, bad, broken, count = perf_counter(), 0, 0, 0
    checked = [publishing.check_file(file) for file in flow_files.named(files)]
    for one in checked:
        if one.flow is None or not one.is_good:
            flow_files.show_mistakes([one])
            broken += 1
            continue
        tried = trials(one.flow, flow_files.beside(one.file))
        count += len(tried)
        bad += _update(one, tried) if update else _tell(one, tried)
    took = (perf_counter() - begun) * 1000
    zh = [f"{len(checked)} 個檔案、{count} 段對話", f"{bad} 段和寫的不一樣" if bad else "都和寫的一樣"]
    en = [
        f"{count} conversations in {len(checked)} files",
        f"{bad} otherwise than written" if bad else "all as written",
    ]
    cannot = words.say(f"；{broken} 個檔案不能試", f"; {broken} cannot be tried") if broken else ""
    click.echo(words.say(f"{'，'.join(zh)}{cannot}（{took:.0f} ms）。", f"{', '.join(en)}{cannot} ({took:.0f} ms)."))
    if bad or broken:
        raise SystemExit(1)


@click.command()
@flow_argument
@click.option("--channel", type=click.Choice(["line", "messenger"]), default="line", help="As whose contact.")
@click.option("--language", default="", help="What the contact reads, such as en; without it, the flow's first.")
@click.option("--name", default="小美", help="The contact's name.")
@click.option("--luck", default=0, help="Another number draws other lots.")
@with_appcontext
def chat(flow: str, channel: str, language: str, name: str, luck: int) -> None:
    """Talk to FLOW, a file or the name of one in flows/: no server, no account, and nothing is sent to anybody."""
    file = flow_files.one(flow)
    read = _flow(file)
    world = World(
        now=clock.now().astimezone(settings().shop_timezone).replace(second=0, microsecond=0),
        timezone=settings().shop_timezone.key,
        luck=luck,
        channel="messenger" if channel == "messenger" else "line",
        language=language or read.languages[0],
        name=name,
        shop=settings().shop_name,
        tags=moments.tags_of(read),
    )
    talk = Chat([read, *flow_files.beside(file)], world)
    _show(talk.greeting())
    while not talk.is_over:
        click.echo("> ", nl=False)
        line = sys.stdin.readline()
        if not line:
            click.echo()
            break
        if not sys.stdin.isatty():
            click.echo(line.rstrip("\n"))  # a terminal shows what is typed; a pipe does not
        _show(talk.reply(line))


@click.command("graph")
@flow_argument
@click.option("--mermaid", "kind", flag_value="mermaid", default=True, help="A Mermaid flowchart, as text.")
@click.option("--svg", "kind", flag_value="svg", help="A picture.")
@with_appcontext
def draw(flow: str, kind: str) -> None:
    """Draw FLOW, a file or the name of one in flows/: its steps, and the ways between them."""
    drawn = graph(_flow(flow_files.one(flow), although_bad=True))
    click.echo(svg(drawn) if kind == "svg" else mermaid(drawn), nl=False)


def _flow(file: Path, *, although_bad: bool = False) -> Flow:
    """The flow of a file; ends the command where it cannot be read, or has an error in it."""
    checked = publishing.check_file(file)
    if checked.flow is None or not (checked.is_good or although_bad):
        flow_files.show_mistakes([checked])
        raise click.ClickException(words.say("請先改好上面的錯誤再試一次。", "Mend the errors above and try again."))
    return checked.flow


def _show(lines: list[str]) -> None:
    for line in lines:
        click.echo(line)


def _tell(checked: Checked, tried: list[Trial]) -> int:
    """Tell of every conversation that goes otherwise, and how many do."""
    bad = [trial for trial in tried if not trial.is_good]
    for trial in bad:
        line = items(checked.source, trial.number)[0].start + 1
        click.echo(f"{checked.file}:{line}: {trial.conversation.name}")
        _show([*difference(checked.source, trial, words.language()), ""])
    return len(bad)


def _update(checked: Checked, tried: list[Trial]) -> int:
    """Write the file anew where a conversation goes otherwise; how many could not be written."""
    bad = [trial for trial in tried if not trial.is_good]
    try:
        text = updated(checked.file.read_bytes().decode(), tried)  # as it is, with the line breaks that it has
    except NotWritable as error:
        click.echo(f"{checked.file}: {error.words.of(words.language())}", err=True)
        return len(bad)
    if bad:
        checked.file.write_bytes(text.encode())
        click.echo(
            words.say(
                f"{checked.file}：改寫了 {len(bad)} 段對話。", f"{checked.file}: {len(bad)} conversations written anew."
            )
        )
    return 0
