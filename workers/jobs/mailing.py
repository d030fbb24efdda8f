"""Sending a mail to somebody who works here."""

import structlog

from core import clock, mail
from workers import context

log = structlog.get_logger(__name__)


def send(mail_id: str) -> None:
    """Send one mail, unless another worker has, or it is not its time. No transaction is open meanwhile."""
    work = context.current()
    work.bell.begin("mails", mail_id)
    if work.post is None:
        return  # there was a mail server when it was asked for; the row waits for one
    with work.database.write() as session:
        letter = mail.begin(session, int(mail_id), work.shop, clock.now())
    if letter is None:
        return
    failed = work.post.send(letter)
    with work.database.write() as session:
        mail.settle(session, letter, failed, clock.now())
    if failed:
        log.warning("mail_not_sent", mail_id=letter.mail_id, reason=mail.why(failed), detail=failed.detail)
    else:
        log.info("mail_sent", mail_id=letter.mail_id)
