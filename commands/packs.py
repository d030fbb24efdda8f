"""`flask packs`: serials for a campaign, from a file or one fixed code."""

from pathlib import Path

import click
from flask.cli import AppGroup

from commands.campaigns import unknown
from commands.running import database, fail
from core import campaigns, clock, serials
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


def _say(pack: Pack, left: int) -> None:
    click.echo(f"Added {pack.size:,} serials as pack {pack.id} ({pack.name}); the campaign has {left:,} left.")
