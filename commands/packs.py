"""`flask packs`: serials for a campaign, from a file or one fixed code."""

from pathlib import Path

import click
from flask.cli import AppGroup

from commands.campaigns import unknown
from commands.running import database, fail
from core import campaigns, clock, serials
from core.refusal import Refused
from db.tables import Pack

SHOWN_ROWS = 20

group = AppGroup("packs", help="Serial packs: import unique serials or add a fixed one.")


@group.command("import")
@click.argument("campaign")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(campaign: str, file: Path) -> None:
    """Import the one-time serials of a CSV FILE: one column, whose first row names it. All rows or none."""
    with database().write() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        try:
            pack = serials.import_csv(session, found.id, file.read_bytes(), clock.now())
        except serials.PackError as error:
            rows = [f"  row {bad.row}: {bad.refusal.detail} ({bad.refusal.reason})" for bad in error.rows[:SHOWN_ROWS]]
            more = [f"  and {len(error.rows) - SHOWN_ROWS:,} more rows"] if len(error.rows) > SHOWN_ROWS else []
            fail("\n".join([f"{file}: {error}", *rows, *more]))
        _say(pack, serials.stock(session, found.id))


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
        _say(pack, serials.stock(session, found.id))


@group.command("list")
@click.argument("campaign")
def list_packs(campaign: str) -> None:
    """The packs of CAMPAIGN in the order in which they are given out."""
    with database().read() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        rows = serials.packs(session, found.id)
    if not rows:
        click.echo(f"{campaign} has no serials yet. Add some with: flask packs import {campaign} FILE")
        return
    click.echo(f"{'pack':>6}  {'size':>10} {'given':>10} {'left':>10}  name")
    for pack, returned in rows:
        left = 0 if pack.withdrawn_at else pack.size - pack.taken + returned
        mark = " (withdrawn)" if pack.withdrawn_at else ""
        click.echo(f"{pack.id:>6}  {pack.size:>10,} {pack.taken - returned:>10,} {left:>10,}  {pack.name}{mark}")


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


def _set_withdrawn(pack_id: int, *, is_withdrawn: bool) -> None:
    with database().write() as session:
        pack = serials.withdraw(session, pack_id, clock.now()) if is_withdrawn else serials.restore(session, pack_id)
        if isinstance(pack, Refused):
            fail(f"There is no pack {pack_id}. `flask packs list CAMPAIGN` shows a campaign's.")
        left = serials.stock(session, pack.campaign_id)
    done = "is withdrawn" if is_withdrawn else "is given out again"
    click.echo(f"Pack {pack_id} ({pack.name}) {done}; the campaign has {left:,} serials left.")


def _say(pack: Pack, left: int) -> None:
    click.echo(f"Added {pack.size:,} serials as pack {pack.id} ({pack.name}); the campaign has {left:,} left.")
