"""Filling a pack from the command line: what a job does, done here; where this ends early, a job goes on with it."""

from pathlib import Path
from typing import NoReturn

import click

from commands.campaigns import unknown
from commands.running import database, fail, settings
from core import campaigns, clock, serials
from core.imports import files, loading, uploads
from core.imports.generating import Pattern
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Import, Pack

SHOWN_ROWS = 20


def of_file(campaign: str, path: Path, wish: uploads.Wish, encoding: str | None) -> Pack:
    """The pack that the file became; ends the command with what is wrong where it became none."""
    with path.open("rb") as file:
        looked = files.look(file, settings().serials_file_mb * 1_000_000, encoding)
        if isinstance(looked, Refused):
            fail(f"{path}: {looked.detail} Nothing was imported. ({looked.reason})")
        if looked.encoding is None:
            options = " or ".join(f"--encoding {name}" for name in looked.encodings)
            fail(f"{path}: this is not UTF-8. Say what it is ({options}), or save it as CSV UTF-8.")
        with database().write() as session:
            found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
            if wish.has_header is None and files.has_header(looked.first_row, looked.second_row, found.barcode) is None:
                fail(
                    f"{path}: is the first row, {looked.first_row!r}, a serial (--no-header) or the name of the column"
                    " (--header)?"
                )
            made = uploads.accept(session, found.id, file, looked, wish, serials.COMMAND_LINE, clock.now())
    return _followed(made, str(path))


def of_pattern(campaign: str, pattern: Pattern, quantity: int) -> Pack:
    """The pack of generated codes; ends the command with what is wrong where there can be none."""
    with database().write() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        made = uploads.generate(session, found.id, pattern, quantity, serials.COMMAND_LINE, clock.now())
    if isinstance(made, Refused):
        fail(f"{made.detail[:1].upper()}{made.detail[1:]}. Nothing was made. ({made.reason})")
    return _followed(made, pattern.text)


def _followed(made: Import, name: str) -> Pack:
    """Do the campaign's imports in their order until this one has come to its end."""
    with click.progressbar(length=made.rows_total, label=name) as bar:
        while made.state in loading.WORKING:
            made = _step(made)
            bar.update(made.rows_done - bar.pos)
    if made.state == "done" and made.pack_id:
        with database().read() as session:
            return session.get_one(Pack, made.pack_id)
    return _complain(made, name)


def _step(made: Import) -> Import:
    with database().read() as session:
        import_id = loading.next_open(session, made.campaign_id) or made.id
    with database().write() as session:
        loading.step(session, import_id, clock.now())
    with database().read() as session:
        return session.get_one(Import, made.id)


def _complain(made: Import, name: str) -> NoReturn:
    with database().write() as session:
        rows = [
            f"  row {bad.row}: {bad.detail} ({bad.reason})" for bad in loading.bad_rows(session, made.id, SHOWN_ROWS)
        ]
        uploads.discard(session, made.id, Reason.IMPORT_CANCELLED, serials.COMMAND_LINE, clock.now())
    while made.state in {"choosing", *loading.WORKING}:
        made = _step(made)
    more = [f"  and {made.bad - len(rows):,} more rows"] if made.bad > len(rows) else []
    said = f"{made.bad:,} of {made.good + made.bad:,} rows cannot be used; nothing was imported."
    fail("\n".join([f"{name}: {said if made.bad else 'The file has no serials.'}", *rows, *more]))
