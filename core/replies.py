"""What a person of the shop does in a contact's chat: write, send a coupon, take over from the bot, give back.

A form that is sent twice is one act: the key of its first outbox row comes from the form's own key and from what it
says, and the second time returns what the first did. Gone back to and filled in otherwise it is another act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import audit, contact_card, conversations, coupons, outgoing
from core.audit import Action, Deed, Doer
from core.reasons import Reason
from core.refusal import Refused
from core.shop import Shop
from core.speech import Chats, Offer
from db import locks
from db.tables import Contact, OutboxMessage

LONGEST = 2000  # characters of a message; a longer one is several


@dataclass(frozen=True)
class Writer:
    """Who acts, by which form, and what they act with."""

    user_id: int
    form: UUID
    chats: Chats
    shop: Shop


@dataclass(frozen=True)
class Written:
    """It is in the outbox. `is_held`: it goes out once the contact acts again. `is_coupon`: it carries a coupon."""

    is_held: bool
    is_coupon: bool


def write(
    session: Session, contact_id: int, text: str, writer: Writer, now: datetime, *, may_hold: bool
) -> Written | Refused:
    """Write to the contact. Outside the channel's window it is held where `may_hold`: where the writer was told so.

    Refused: MESSAGE_EMPTY, MESSAGE_TOO_LONG, UNREACHABLE, WINDOW_CLOSED. Nothing is stored then.
    """
    contact = locks.contact(session, contact_id)
    key = uuid5(writer.form, f"{contact_id} says {text}")
    if done := _done(session, key):
        return done
    if reason := _why_not(contact, text):
        return Refused(reason)
    is_held = _is_closed(contact, writer, now)
    if is_held and not may_hold:
        return Refused(Reason.WINDOW_CLOSED)
    payloads = writer.chats.written(contact.channel, text.strip())
    rows = [row | {"user_id": writer.user_id} for row in outgoing.rows(contact_id, payloads, now, key)]
    if is_held:
        rows = [row | {"status": "held", "reason": Reason.WINDOW_CLOSED} for row in rows]
    outgoing.store(session, rows)
    _record(session, contact_id, "contact.written", writer, {"held": is_held}, now)
    return Written(is_held=is_held, is_coupon=False)


def send_coupon(
    session: Session, contact_id: int, slug: str, text: str, button: str, writer: Writer, now: datetime
) -> Written | Refused:
    """Send a coupon of the campaign `slug` with `text` above it.

    Never outside the window: its time would run while it is held. Refused: MESSAGE_EMPTY, MESSAGE_TOO_LONG,
    UNREACHABLE, WINDOW_CLOSED, and what `coupons.send` refuses, which keeps it as a row.
    """
    contact = locks.contact(session, contact_id)
    key = uuid5(writer.form, f"{contact_id} is sent {slug} {text}")
    if done := _done(session, key):
        return done
    if reason := _why_not(contact, text):
        return Refused(reason)
    if _is_closed(contact, writer, now):
        return Refused(Reason.WINDOW_CLOSED)
    sent = coupons.send(session, slug, contact, now, user_id=writer.user_id)
    if isinstance(sent, Refused):
        return sent
    image_url = writer.shop.image_url(sent.image_id) if sent.image_id else ""
    offer = Offer(text.strip(), sent.campaign_name, image_url, button, writer.shop.coupon_url(sent.token))
    payloads = writer.chats.offered(contact.channel, offer)
    theirs = {"user_id": writer.user_id, "coupon_id": sent.coupon_id}
    outgoing.store(session, [row | theirs for row in outgoing.rows(contact_id, payloads, now, key)])
    _record(session, contact_id, "contact.coupon_sent", writer, {"campaign": slug}, now)
    return Written(is_held=False, is_coupon=True)


def _record(
    session: Session, contact_id: int, action: Action, writer: Writer, detail: Mapping[str, object], now: datetime
) -> None:
    """Not what was written: nothing of a customer's chat stands where it could not be taken away again."""
    doer = audit.somebody(session, writer.user_id)
    audit.record(session, doer, Deed(action, "contact", str(contact_id), detail), now)


def take_over(session: Session, contact_id: int, doer: Doer, now: datetime) -> None:
    """A person answers from now on. Where one does already, it stays as it was."""
    locks.contact(session, contact_id)
    conversation = conversations.load(session, contact_id)
    if conversation is None:
        conversations.save(session, None, contact_id, (None, {}), now)
        session.flush()
    elif conversation.handed_over_at:
        return
    conversations.hand_over(session, contact_id, doer.name, now)
    audit.record(session, doer, Deed("contact.taken_over", "contact", str(contact_id), {}), now)


def give_back(session: Session, contact_id: int, doer: Doer, now: datetime) -> None:
    """The bot answers again; where it does already, nothing changes."""
    locks.contact(session, contact_id)
    conversation = conversations.load(session, contact_id)
    if conversation and conversation.handed_over_at:
        conversations.give_back(session, contact_id)
        audit.record(session, doer, Deed("contact.given_back", "contact", str(contact_id), {}), now)


def _why_not(contact: Contact, text: str) -> Reason | None:
    if contact.unreachable_since:
        return Reason.UNREACHABLE
    if not text.strip():
        return Reason.MESSAGE_EMPTY
    return Reason.MESSAGE_TOO_LONG if len(text) > LONGEST else None


def _is_closed(contact: Contact, writer: Writer, now: datetime) -> bool:
    window = contact_card.window(contact, writer.chats, now)
    return window is not None and not window.is_open


def _done(session: Session, key: UUID) -> Written | None:
    """What this very form did before; this transaction has waited for the other's lock on the contact."""
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
    return Written(is_held=row.status == "held", is_coupon=row.coupon_id is not None) if row else None
