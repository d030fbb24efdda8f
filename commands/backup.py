"""`flask backup` and `flask restore`: the whole database in one file, and back."""

from pathlib import Path

import click
from flask.cli import with_appcontext

import settings as environment
from commands import doctor
from commands.running import database, fail, settings
from db import backup as work
from db import schema
from db.backup_postgres import Programs
from db.backup_problem import BackupError, Problem

SENTENCES = {
    Problem.FILE_EXISTS: "{file} is there already. --force overwrites it.",
    Problem.FILE_FAILED: "That cannot be read or written: {detail}.",
    Problem.IS_THE_DATABASE: "{file} is the shop's database itself.",
    Problem.NOT_A_BACKUP: "{file} is not a backup of a shop.",
    Problem.OTHER_KIND: "{file} is a backup of {detail}, and this shop is on the other: see DATABASE_URL.",
    Problem.NEWER: "{file} was made by a newer version of Tessera (its schema is {detail}). Restore it with that one.",
    Problem.DAMAGED: "{file} is damaged: {detail}.",
    Problem.DATABASE_DAMAGED: "The database itself is damaged: {detail}. Restore an earlier backup.",
    Problem.NOT_EMPTY: "The database is not empty. --force replaces all that is in it.",
    Problem.UNREACHABLE: "The database cannot be reached: {detail}.",
    Problem.IN_USE: "Somebody uses the database. Stop the web server and the workers first.",
    Problem.SHOP_OPEN: "The shop is open ({detail}). Stop the web server and the workers first.",
    Problem.NO_SHOP: "There is no shop in {detail}: look at DATABASE_URL and VAR_DIR.",
    Problem.UPGRADE_FAILED: "{file} cannot be brought into this version's schema: {detail}.",
    Problem.PROGRAM_MISSING: "{detail}. Install PostgreSQL's client programs, or name their folder in POSTGRES_BIN.",
    Problem.PROGRAM_OLD: "{detail}. It must not be older: name the folder of newer programs in POSTGRES_BIN.",
    Problem.PROGRAM_FAILED: "PostgreSQL's program failed: {detail}.",
}

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@file_argument
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@with_appcontext
def backup(file: Path, *, force: bool) -> None:
    """Write the whole database, as it is at this moment, into FILE. Safe while the shop is open."""
    try:
        size = work.save(database(), file, _programs(), force=force)
    except BackupError as error:
        fail(f"{_sentence(error, file)} No backup was made.")
    click.echo(f"{file}: {size:,} bytes.")


@click.command()
@file_argument
@click.option("--force", is_flag=True, help="Replace all that is in the database.")
@with_appcontext
def restore(file: Path, *, force: bool) -> None:
    """Make the database what it was when FILE was written. Stop the web server and the workers first."""
    try:
        restored = work.restore(database(), file, _programs(), force=force)
    except BackupError as error:
        fail(f"{_sentence(error, file)} Nothing is changed.")
    if restored.set_aside:
        click.echo(f"The database that was there is damaged; it is kept in {restored.set_aside}.")
    click.echo(f"Restored from {file}.")
    if restored.revision != schema.newest():
        click.echo(f"Upgraded from {restored.revision} to {schema.newest()}.")
    doctor.report("All of FILE is restored; that is how it was when FILE was written.")


def _programs() -> Programs:
    return Programs(settings().postgres_bin, environment.with_environment)


def _sentence(error: BackupError, file: Path) -> str:
    return SENTENCES[error.problem].format(file=file, detail=error.detail)
