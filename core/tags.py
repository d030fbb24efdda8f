"""Tags that people give and take by hand, beside those that flows set (`core.contacts`)."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from core import audit, contacts
from core.audit import Deed, Doer
from core.reasons import Reason
from core.refusal import Refused

TAG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")  # as flows write them, so that a flow can ask for it
LONGEST = 64  # the column's width


def add(session: Session, contact_id: int, words: str, doer: Doer, now: datetime) -> str | Refused:
    """Give the contact a tag; returns it as it is kept. A second time changes nothing. Refused: TAG_MALFORMED."""
    name = words.strip().lower()
    if not TAG.fullmatch(name) or len(name) > LONGEST:
        return Refused(Reason.TAG_MALFORMED, name)
    if contacts.tag(session, contact_id, name, now):
        audit.record(session, doer, Deed("contact.tagged", "contact", str(contact_id), {"tag": name}), now)
    return name


def remove(session: Session, contact_id: int, name: str, doer: Doer, now: datetime) -> None:
    """Take a tag away; one that is not there is no mistake."""
    if contacts.untag(session, contact_id, name):
        audit.record(session, doer, Deed("contact.untagged", "contact", str(contact_id), {"tag": name}), now)
