"""`flask undo`: take a redemption or a verification back, by the coupon's reference, with a reason that is kept."""

import click
from flask.cli import AppGroup

from commands.running import database, fail
from core import clock, coupons, users
from core.audit import Doer
from core.correcting import Correction, correct
from core.reasons import Reason
from core.refusal import Refused

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
@click.option("--burn", "is_burnt", is_flag=True, help="Nobody gets the serial any more, since it was seen.")
def redemption(reference: str, reason: str, username: str | None, *, is_burnt: bool) -> None:
    """Take back the serial of the coupon REFERENCE: it is given out again, and the person's limit is as before."""
    _undo(reference, Correction("redemption", reason, is_burnt), username)
    rest = "nobody gets its serial any more" if is_burnt else "its serial is the next one to be given out"
    click.echo(f"The redemption of {reference} is undone; {rest}.")


@group.command()
@click.argument("reference")
@because
@by_whom
def verification(reference: str, reason: str, username: str | None) -> None:
    """Make the verified coupon REFERENCE redeemed again."""
    _undo(reference, Correction("verification", reason), username)
    click.echo(f"The verification of {reference} is undone; it can be verified again.")


def _undo(reference: str, correction: Correction, username: str | None) -> None:
    with database().write() as session:
        coupon_id = coupons.by_reference(session, reference) or fail(f"There is no coupon {reference!r}.")
        user_id = users.id_of(session, username) if username else None
        if username and user_id is None:
            fail(f"There is no user {username!r}.")
        doer = Doer(user_id, username.strip()) if username else Doer()
        outcome = correct(session, coupon_id, correction, doer, clock.now())
        if isinstance(outcome, Refused):
            fail(f"{reference} {SENTENCES[outcome.reason]} ({outcome.reason})")
