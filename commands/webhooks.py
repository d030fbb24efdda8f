"""`flask webhooks`: which other systems hear of what happens to coupons, and sending again what they did not take."""

from datetime import datetime

import click
from flask.cli import AppGroup

from commands.running import database, fail, refuse, settings
from core import clock, hook_deliveries, hook_signing, hooks
from core.audit import Doer
from core.hooks import KINDS, Wanted
from core.reasons import Reason
from core.refusal import Refused

group = AppGroup("webhooks", help="Other systems that hear of what happens to coupons.")
DOER = Doer()
SENTENCES = {
    Reason.WEBHOOK_NAME_MALFORMED: "A name has 1 to 64 characters.",
    Reason.WEBHOOK_URL_MALFORMED: "The address must be whole, as https://pos.example/hooks is; no # and no password.",
    Reason.WEBHOOK_URL_NOT_HTTPS: "The address must begin with https (or set WEBHOOKS_INSIDE=1).",
    Reason.WEBHOOK_URL_INSIDE: "The address is within a private network (WEBHOOKS_INSIDE=1 allows that).",
}


@group.command("list")
def listing() -> None:
    """Show every endpoint, with what waits for it and what was given up."""
    with database().read() as session:
        for one in hooks.all_of(session, clock.now()):
            waiting = hook_deliveries.count(session, one.endpoint_id, "waiting")
            failed = hook_deliveries.count(session, one.endpoint_id, "failed")
            state = f"  disabled {one.detail}".rstrip() if one.disabled_at else ""
            told = f"{one.endpoint_id}  {one.name}  {one.url}  {','.join(one.kinds)}"
            click.echo(f"{told}  waiting {waiting}  given up {failed}{state}")


@group.command()
@click.argument("name")
@click.argument("url")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="What it hears of; all where left out.")
def add(name: str, url: str, kinds: tuple[str, ...]) -> None:
    """Add an endpoint, which hears of what happens from now on."""
    now, wanted = clock.now(), Wanted(name, url, kinds or KINDS)
    with database().write() as session:
        made = hooks.add(session, DOER, wanted, now, is_inside_allowed=settings().webhooks_inside)
        if isinstance(made, Refused):
            refuse(made, SENTENCES)
        found = hooks.one(session, made, now)
    if found:
        secret = hook_signing.secret(settings().secret_key, found.salts[0])
        click.echo(f"Added endpoint {made}. Its secret, by which the receiver verifies: {secret}")


@group.command()
@click.argument("endpoint_id", type=int)
@click.option("--since", type=click.DateTime(), required=True, help="Those made since then, by the shop's clock.")
def replay(endpoint_id: int, since: datetime) -> None:
    """Send all again that the endpoint ENDPOINT_ID did not take and that were given up."""
    now, begins = clock.now(), since.replace(tzinfo=settings().shop_timezone)
    with database().write() as session:
        if hooks.one(session, endpoint_id, now) is None:
            fail(f"There is no endpoint {endpoint_id}. `flask webhooks list` shows all.")
        count = hook_deliveries.replay_failed(session, DOER, endpoint_id, begins, now)
    click.echo(f"{count} are sent again.")
