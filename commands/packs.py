"""`flask packs`: serials for a campaign, from a file, generated or one fixed code; and its packs."""

from pathlib import Path

import click
from flask.cli import AppGroup

from commands import pack_imports
from commands.campaigns import unknown
from commands.running import database, fail
from core import campaigns, clock, serials, stock_levels
from core.imports import generating, uploads
from core.imports.encodings import GUESSED
from core.imports.generating import Pattern
from core.refusal import Refused
from db.tables import Pack

group = AppGroup("packs", help="Serial packs: import or generate unique serials, or add a fixed one.")


@group.command("import")
@click.argument("campaign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--good", is_flag=True, help="Import the good rows where others cannot be used; else all rows or none.")
@click.option("--header/--no-header", default=None, help="The first row names the column, or is a serial itself.")
@click.option("--encoding", type=click.Choice(["utf-8", *GUESSED]), help="What the file is, where it is not UTF-8.")
def import_file(campaign: str, file: Path, good: bool, header: bool | None, encoding: str | None) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Import the one-time serials of a CSV FILE of one column."""
    wish = uploads.Wish(file.name, has_header=header, takes_good=good)
    _say(pack_imports.of_file(campaign, file, wish, encoding))


@group.command()
@click.argument("campaign")
@click.argument("quantity", type=int)
@click.option("--pattern", default="########", show_default=True, help="# is a random character; the rest stays.")
@click.option("--alphabet", type=click.Choice(list(generating.ALPHABETS)), default="letters", show_default=True)
@click.option("--check", is_flag=True, help="A check character behind it, which finds mistyped codes.")
def generate(campaign: str, quantity: int, pattern: str, alphabet: str, check: bool) -> None:  # noqa: FBT001 (as above)
    """Add QUANTITY codes that nobody can guess, such as TEA-K7WP-2QXM for --pattern TEA-####-####."""
    _say(pack_imports.of_pattern(campaign, Pattern(pattern, alphabet, check), quantity))


@group.command()
@click.argument("campaign")
@click.argument("code")
@click.argument("quantity", type=int)
def fixed(campaign: str, code: str, quantity: int) -> None:
    """Add QUANTITY serials that are all the same CODE, such as FNA@5841."""
    with database().write() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        try:
            pack = serials.add_fixed(session, found.id, code, quantity, clock.now())
        except serials.PackError as error:
            fail(str(error))
    _say(pack)


@group.command("list")
@click.argument("campaign")
def list_packs(campaign: str) -> None:
    """The packs of CAMPAIGN in the order in which they are given out."""
    with database().read() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        rows = serials.packs(session, found.id)
        levels = [f"{level.level:,}" for level in stock_levels.levels(session, found.id)]
    if not rows:
        click.echo(f"{campaign} has no serials yet. Add some with: flask packs import {campaign} FILE")
        return
    click.echo(f"{'pack':>6}  {'size':>10} {'given':>10} {'left':>10}  name")
    for pack, returned in rows:
        left = 0 if pack.withdrawn_at else pack.size - pack.taken + returned
        mark = " (withdrawn)" if pack.withdrawn_at else ""
        click.echo(f"{pack.id:>6}  {pack.size:>10,} {pack.taken - returned:>10,} {left:>10,}  {pack.name}{mark}")
    if levels:
        click.echo(f"The marketer is warned at {', '.join(levels)} left.")


@group.command()
@click.argument("pack", type=int)
def withdraw(pack: int) -> None:
    """Give out no more serials of PACK (a number from `flask packs list`); those that were given stay good."""
    _set_withdrawn(pack, is_withdrawn=True)


@group.command()
@click.argument("pack", type=int)
def restore(pack: int) -> None:
    """Give out the serials of a withdrawn PACK again."""
    _set_withdrawn(pack, is_withdrawn=False)


@group.command()
@click.argument("campaign")
@click.argument("levels", nargs=-1)
def warn(campaign: str, levels: tuple[str, ...]) -> None:
    """Warn the marketer when CAMPAIGN has so many serials left, such as 1000 100; without LEVELS, never."""
    wanted = stock_levels.read(" ".join(levels))
    if isinstance(wanted, Refused):
        fail(f"The levels are {wanted.detail!r}; expected up to {stock_levels.MOST} whole numbers, such as 1000 100.")
    with database().write() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        stock_levels.put(session, found.id, wanted, serials.COMMAND_LINE, clock.now())
    told = ", ".join(f"{level:,}" for level in wanted)
    click.echo(f"{campaign}: the marketer is warned at {told} left." if told else f"{campaign}: nobody is warned.")


def _set_withdrawn(pack_id: int, *, is_withdrawn: bool) -> None:
    with database().write() as session:
        act = serials.withdraw if is_withdrawn else serials.restore
        pack = act(session, pack_id, clock.now())
        if isinstance(pack, Refused):
            fail(f"There is no pack {pack_id}. `flask packs list CAMPAIGN` shows a campaign's.")
        left = serials.stock(session, pack.campaign_id)
    done = "is withdrawn" if is_withdrawn else "is given out again"
    click.echo(f"Pack {pack_id} ({pack.name}) {done}; the campaign has {left:,} serials left.")


def _say(pack: Pack) -> None:
    with database().read() as session:
        left = serials.stock(session, pack.campaign_id)
    click.echo(f"Added {pack.size:,} serials as pack {pack.id} ({pack.name}); the campaign has {left:,} left.")
