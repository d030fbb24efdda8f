"""`flask undo`: take a redemption or a verification back, by the coupon's reference, with a reason that is kept."""

from collections.abc import Callable
from datetime import datetime

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from commands.running import database, fail
from core import clock, coupons, undo, users
from core.reasons import Reason
from core.refusal import Refused
from core.undo import Undone

SENTENCES = {
    Reason.NOT_REDEEMED: "has not been redeemed; there is nothing to undo.",
    Reason.NOT_VERIFIED: "has not been verified; there is nothing to undo.",
    Reason.ALREADY_VERIFIED: "has been verified. Undo that first: flask undo verification",
    Reason.REASON_MISSING: "needs a reason: --reason 'the cashier scanned the wrong phone'",
}

group = AppGroup("undo", help="Take a redemption or a verification back, with a reason that is kept.")
because = click.option("--reason", required=True, help="Why; kept with the coupon.")
by_whom = click.option("--by", "username", help="The user in whose name it is done.")


@group.command()
@click.argument("reference")
@because
@by_whom
def redemption(reference: str, reason: str, username: str | None) -> None:
    """Take back the serial of the coupon REFERENCE: it is given out again, and the person's limit is as before."""
    _undo(undo.undo_redemption, reference, reason, username)
    click.echo(f"The redemption of {reference} is undone; its serial is the next one to be given out.")


@group.command()
@click.argument("reference")
@because
@by_whom
def verification(reference: str, reason: str, username: str | None) -> None:
    """Make the verified coupon REFERENCE redeemed again."""
    _undo(undo.undo_verification, reference, reason, username)
    click.echo(f"The verification of {reference} is undone; it can be verified again.")


Work = Callable[[Session, int, str, int | None, datetime], Undone | Refused]


def _undo(work: Work, reference: str, reason: str, username: str | None) -> None:
    with database().write() as session:
        coupon_id = coupons.by_reference(session, reference) or fail(f"There is no coupon {reference!r}.")
        user_id = users.id_of(session, username) if username else None
        if username and user_id is None:
            fail(f"There is no user {username!r}.")
        outcome = work(session, coupon_id, reason, user_id, clock.now())
        if isinstance(outcome, Refused):
            fail(f"{reference} {SENTENCES[outcome.reason]} ({outcome.reason})")
