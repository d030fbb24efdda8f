"""`flask doctor`: whether all that must always hold does hold in the database."""

import click
from flask.cli import with_appcontext

from bot.channels import warnings
from commands.running import database, fail, settings
from core import clock, invariants


@click.command("doctor")
@with_appcontext
def command() -> None:
    """Check the database for what must always hold, and the channels' settings. Reads only; safe in an open shop."""
    for sentence in warnings(settings(), clock.now().date()):
        click.echo(f"warning {sentence}")
    report("Keep a copy (`flask backup`) before anything is changed.")


def report(advice: str) -> None:
    """Say what holds and what does not; ends the command, with `advice`, where something does not."""
    with database().snapshot() as session:
        findings = invariants.check(session)
    broken = [finding for finding in findings if finding.examples]
    for finding in findings:
        click.echo(
            f"{'BROKEN' if finding.examples else 'ok':<7} {finding.invariant.name}: {finding.invariant.sentence}"
        )
        for example in finding.examples:
            click.echo(f"          {example}")
    if broken:
        fail(f"{len(broken)} of {len(findings)} do not hold. {advice} What each means: docs/doctor.md.")
    click.echo(f"All {len(findings)} hold.")
