"""`flask db`: the schema of the database."""

import click
from flask.cli import AppGroup

from commands.running import database, fail
from db import schema
from db.locks import InUseError

group = AppGroup("db", help="The schema of the database.")


@group.command()
def upgrade() -> None:
    """Bring the database up to date. Safe to run at any time; does nothing where it is."""
    before = schema.current(database())
    try:
        schema.upgrade(database())
    except InUseError:
        fail("Somebody keeps a transaction open (a backup, an export?). Nothing is changed; try again once it is over.")
    after = schema.current(database())
    click.echo(
        f"The database is up to date ({after})."
        if before == after
        else f"Upgraded from {before or 'empty'} to {after}."
    )


@group.command()
@click.argument("message")
def revision(message: str) -> None:
    """Write a migration from the difference between the database and the tables."""
    schema.revision(database(), message)
