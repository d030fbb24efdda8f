"""`flask records`: the redemption records of a campaign; `flask recount`: what the console lists, counted anew."""

import csv
import sys

import click
from flask.cli import with_appcontext

from commands.campaigns import unknown
from commands.running import database, fail, settings
from core import campaigns, records, records_counting


@click.command("records")
@click.argument("campaign")
@click.option("--csv", "as_csv", is_flag=True, help="Comma-separated values, for a spreadsheet or a program.")
@with_appcontext
def command(campaign: str, as_csv: bool) -> None:  # noqa: FBT001 (click hands flags over like this)
    """Every coupon of CAMPAIGN with its four times (in the shop's time zone), serial, contact, store and staff."""
    zone = settings().shop_timezone
    with database().read() as session:
        found = campaigns.by_slug(session, campaign) or fail(unknown(campaign, campaigns.slugs(session)))
        rows = (records.cells(record, zone) for record in records.of_campaign(session, found.id))
        if as_csv:
            writer = csv.writer(sys.stdout)
            writer.writerow(records.COLUMNS)
            writer.writerows(rows)
        else:
            for row in rows:
                click.echo("  ".join(cell or "-" for cell in row))


@click.command("recount")
@with_appcontext
def recount() -> None:
    """Count all records anew: the console's lists and figures begin empty and fill up again while the shop is open."""
    with database().write() as session:
        records_counting.forget(session)
    click.echo("Everything is forgotten that was counted; the periodic process counts it anew, all coupons in turn.")
