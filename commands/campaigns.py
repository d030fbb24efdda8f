"""`flask campaigns`: campaigns from YAML files, listed and shown."""

from pathlib import Path

import click
from flask.cli import AppGroup

from commands import campaign_file
from commands.running import database, fail, settings
from core import campaigns, clock, images
from core.refusal import Refused

group = AppGroup("campaigns", help="Campaigns: create or change them from a file, list and show them.")


@group.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def apply_file(file: Path) -> None:
    """Create or change the campaigns of a YAML FILE. Applying the same file again changes nothing."""
    now = clock.now()
    try:
        entries = campaign_file.read(file, settings().shop_timezone)
        with database().write() as session:
            for entry in entries:
                image_id = images.store(session, entry.image.read_bytes(), entry.image.name) if entry.image else None
                campaign, what = campaigns.apply(session, entry.spec(image_id), now)
                click.echo(f"{campaign.slug}: {what}")
    except (campaign_file.FileError, campaigns.CampaignError, images.ImageError, OSError) as error:
        fail(f"{file}: {error} Nothing was changed.")


@group.command("list")
def list_campaigns() -> None:
    """One line a campaign: sent, opened, redeemed, verified, serials left."""
    with database().read() as session:
        rows = campaigns.figures(session)
    if not rows:
        click.echo("There is no campaign yet. Add one with: flask campaigns apply FILE")
        return
    click.echo(f"{'campaign':<24} {'sent':>8} {'opened':>8} {'redeemed':>9} {'verified':>9} {'left':>9}")
    for row in rows:
        click.echo(
            f"{row.campaign.slug:<24} {row.sent:>8} {row.opened:>8} {row.redeemed:>9} {row.verified:>9} {row.stock:>9}",
        )


@group.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Everything that is set for a campaign."""
    with database().read() as session:
        campaign = campaigns.by_slug(session, slug) or fail(unknown(slug, campaigns.slugs(session)))
        for name, value in campaign_file.described(campaign, settings().shop_timezone).items():
            click.echo(f"{name}: {value}")


@group.command()
@click.argument("slug")
def end(slug: str) -> None:
    """Send and redeem nothing more of a campaign, at once. What was redeemed can still be verified."""
    with database().write() as session:
        if isinstance(campaigns.end(session, slug, clock.now()), Refused):
            fail(unknown(slug, campaigns.slugs(session)))
    click.echo(f"{slug} has ended. `flask campaigns resume {slug}` takes that back.")


@group.command()
@click.argument("slug")
def resume(slug: str) -> None:
    """Take the end of a campaign back."""
    with database().write() as session:
        if isinstance(campaigns.resume(session, slug, clock.now()), Refused):
            fail(unknown(slug, campaigns.slugs(session)))
    click.echo(f"{slug} goes on.")


def unknown(slug: str, known: list[str]) -> str:
    """The sentence for a campaign that is not there."""
    return f"There is no campaign {slug!r}. There are: {', '.join(known) or 'none yet'}."
