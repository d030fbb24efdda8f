"""`flask records`: the redemption records of a campaign."""

import csv
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from commands.campaigns import unknown
from commands.running import database, fail, settings
from core import campaigns, records

COLUMNS = (
    "reference",
    "status",
    "channel",
    "contact",
    "flow",
    "sent_at",
    "opened_at",
    "redeemed_at",
    "verified_at",
    "serial",
    "store",
    "staff",
)
# A cell that begins like this is a formula to a spreadsheet: a contact may call itself =HYPERLINK(...).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@click.command("records")
@click.argument("campaign")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, for a spreadsheet or a program.")
@with_appcontext
def command(campaign: str, as_csv: bool) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Every coupon of CAMPAIGN with its four times (in the shop's time zone), serial, contact, store and staff."""
    zone = settings().shop_timezone
    with database().read() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        rows = (_cells(record, zone) for record in records.of_campaign(session, found.id))
        if as_csv:
            writer = csv.writer(sys.stdout)
            writer.writerow(COLUMNS)
            writer.writerows([safe(cell) for cell in row] for row in rows)
        else:
            for row in rows:
                click.echo("  ".join(cell or "-" for cell in row))


def _cells(record: records.Record, zone: ZoneInfo) -> list[str]:
    return [_text(getattr(record, column), zone) for column in COLUMNS]


def _text(value: object, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="milliseconds")
    return "" if value is None else str(value)


def safe(cell: str) -> str:
    """The cell as a spreadsheet takes it for text, never for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
