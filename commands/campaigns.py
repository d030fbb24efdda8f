"""`flask campaigns`: campaigns from YAML files and back, listed and shown, ended and archived."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from commands import campaign_export, campaign_file, campaign_plan, campaign_words
from commands.campaign_file import Entry
from commands.campaign_plan import Step
from commands.running import database, fail, settings
from commands.words import language, language_option, say
from core import campaign_search, campaigns, clock, limits, records_changes, statistics
from core.audit import Doer
from core.campaigns import stores
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Campaign

group = AppGroup("campaigns", help="Campaigns: create or change them from files, write them into files, list, show.")


@group.command("apply")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nobody is asked either.")
@click.option("--overwrite", is_flag=True, help="Put the file in the place of what was changed in the console.")
@language_option
def apply_files(files: Sequence[Path], *, dry_run: bool, yes: bool, overwrite: bool) -> None:
    """Create or change the campaigns of YAML FILES: all of them, or none where one cannot be as it says.

    What differs is shown first. Applying the same files again changes nothing.
    """
    entries = _read(files)
    steps = _looked_at(entries, over_console=overwrite)
    timezone = settings().shop_timezone
    changing = [step for step in steps if step.is_new or step.is_change]
    for step in changing if not dry_run else steps:
        click.echo("\n".join(campaign_plan.told(step, timezone)))
    names = " ".join(map(str, files))
    refused = [line for step in steps for line in campaign_plan.refused(step, names, timezone)]
    if refused:
        fail("\n".join([*refused, say("沒有改變任何東西。", "Nothing was changed.")]))
    if dry_run:
        return
    if changing and not yes and is_terminal():
        click.confirm(say(f"套用到 {len(changing)} 個活動？", f"Apply to {len(changing)} campaigns?"), abort=True)
    for line in _done(entries, steps):
        click.echo(line)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()


def _read(files: Sequence[Path]) -> list[Entry]:
    """Every campaign of the files, by name; ends the command with all that is wrong in them."""
    entries, wrong = list[Entry](), list[str]()
    with database().read() as session:
        known = stores.names(session)
    for file in files:
        try:
            entries += campaign_file.read(file, settings().shop_timezone, known)
        except campaign_file.FileError as error:
            wrong += [mistake.told(language()) for mistake in error.mistakes]
    names = [entry.spec.slug for entry in entries]
    wrong += [
        say(f"活動「{name}」出現了兩次。", f"The campaign {name!r} is there twice.")
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    if wrong:
        for line in wrong:
            click.echo(line, err=True)
        fail(say("沒有改變任何東西。", "Nothing was changed."))
    return sorted(entries, key=lambda entry: entry.spec.slug)


def _looked_at(entries: Sequence[Entry], *, over_console: bool) -> list[Step]:
    """What the files would come to."""
    with database().read() as session:
        return [campaign_plan.made(session, one, clock.now(), over_console=over_console) for one in entries]


def _done(entries: Sequence[Entry], steps: Sequence[Step]) -> list[str]:
    """Take the steps as they were shown; ends the command, with nothing changed, where somebody was faster."""
    lines = []
    with database().write() as session:
        for entry, seen in zip(entries, steps, strict=True):
            now = clock.now()
            spec = campaign_plan.stored(session, entry)
            done = (
                campaigns.create(session, spec, Doer(), "file", now)
                if seen.is_new
                else campaigns.change(session, spec.slug, spec, seen.revision, Doer(), "file", now)
            )
            if isinstance(done, Refused):
                fail(
                    say(
                        f"{spec.slug}：剛剛有別人改了它，沒有改變任何東西。請再執行一次（{done.reason}）。",
                        f"{spec.slug}: somebody changed it at this very moment. Nothing was changed. Run this once "
                        f"more ({done.reason}).",
                    )
                )
            what = "created" if seen.is_new else "changed" if done.differences else "unchanged"
            lines.append(f"{spec.slug}: {what}")
    return lines


@group.command()
@click.argument("slugs", nargs=-1)
@click.option(
    "--to",
    "folder",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to write into; it is made where it is not there.",
)
def export(slugs: Sequence[str], folder: Path) -> None:
    """Write the campaigns SLUGS, or all, into a folder: a YAML file each, over one that is there, and its picture.

    `flask campaigns apply` takes such a file as unchanged.
    """
    with database().read() as session:
        known = campaigns.slugs(session)
        chosen = [campaigns.by_slug(session, slug) or fail(unknown(slug, known)) for slug in slugs or known]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for campaign in chosen:
                for written in campaign_export.write(session, campaign, folder, settings().shop_timezone):
                    click.echo(written)
        except OSError as error:
            fail(f"{folder}: {error}")


@group.command("list")
def list_campaigns() -> None:
    """One line a campaign: its status, sent, opened, redeemed, verified, how many more can redeem it."""
    now = clock.now()
    with database().read() as session:
        every = campaigns.every(session)
        ids = [campaign.id for campaign in every]
        funnels, stocks = statistics.funnels(session, ids), campaign_search.stocks(session, ids)
        as_of = records_changes.as_of(session, now)
    if not every:
        click.echo("There is no campaign yet. Add one with: flask campaigns apply FILE")
        return
    click.echo(f"{'campaign':<24} {'status':<9} {'sent':>8} {'opened':>8} {'redeemed':>9} {'verified':>9} {'left':>9}")
    for campaign in every:
        far, left = funnels[campaign.id], limits.can_give(campaign, stocks[campaign.id])
        counts = f"{far.sent:>8} {far.opened:>8} {far.redeemed:>9} {far.verified:>9} {left:>9}"
        click.echo(f"{campaign.slug:<24} {campaigns.status(campaign, now):<9} {counts}")
    if as_of != now:
        click.echo(_behind(as_of))


def _behind(as_of: datetime | None) -> str:
    """That the numbers are not the newest: the periodic process counts, as for the console."""
    if as_of is None:
        return "Counting has not come through for the first time: the numbers still grow."
    at = as_of.astimezone(settings().shop_timezone)
    return f"Counted up to {at:%Y-%m-%d %H:%M:%S}: the periodic process counts what has happened since."


@group.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Everything that is set for a campaign, where it stands, and where it was last changed."""
    with database().read() as session:
        campaign = campaigns.by_slug(session, slug) or fail(unknown(slug, campaigns.slugs(session)))
        found = campaign_words.written(campaigns.spec_of(campaign), settings().shop_timezone)
        for name, value in found.items():
            click.echo(f"{name}: {campaign_words.plain(value)}")
        click.echo(f"status: {campaigns.status(campaign, clock.now())}")
        click.echo(f"revision: {campaign.revision} ({campaign.changed_in})")


@group.command()
@click.argument("slug")
def end(slug: str) -> None:
    """Send and redeem nothing more of a campaign, at once. What was redeemed can still be verified."""
    _do(campaigns.end, slug)
    click.echo(f"{slug} has ended. `flask campaigns resume {slug}` takes that back.")


@group.command()
@click.argument("slug")
def resume(slug: str) -> None:
    """Take the end of a campaign back."""
    _do(campaigns.resume, slug)
    click.echo(f"{slug} goes on.")


@group.command()
@click.argument("slug")
def archive(slug: str) -> None:
    """Put a draft or an ended campaign out of the way. Coupons that are out stay as good as they were."""
    _do(campaigns.archive, slug)
    click.echo(f"{slug} is in the archive. `flask campaigns unarchive {slug}` takes it out.")


@group.command()
@click.argument("slug")
def unarchive(slug: str) -> None:
    """Take a campaign out of the archive."""
    _do(campaigns.unarchive, slug)
    click.echo(f"{slug} is out of the archive.")


REFUSALS = {
    Reason.ARCHIVED: "{0} is in the archive. Take it out first: flask campaigns unarchive {0}",
    Reason.CAMPAIGN_STILL_RUNS: "{0} is not over. End it first: flask campaigns end {0}",
}


def _do(work: Callable[[Session, str, datetime], Campaign | Refused], slug: str) -> None:
    with database().write() as session:
        done = work(session, slug, clock.now())
        if isinstance(done, Refused):
            fail(REFUSALS.get(done.reason, unknown(slug, campaigns.slugs(session))).format(slug))


def unknown(slug: str, known: list[str]) -> str:
    """The sentence for a campaign that is not there."""
    return f"There is no campaign {slug!r}. There are: {', '.join(known) or 'none yet'}."
