"""Contacts: the accounts that talk to the shop, what their platform tells of them, their tags and attributes."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import names
from db.insert import insert_unless_there
from db.tables import Contact, ContactAttribute, ContactTag, Person

LONGEST_VALUE = 500  # characters of an attribute

PROFILE_LASTS = timedelta(days=7)  # people change their name and picture, and the shop greets them by it


def ensure(session: Session, channel: str, account_id: str, now: datetime) -> Contact:
    """The contact of an account, made with a person of its own where it is new."""
    known = select(Contact).where(Contact.channel == channel, Contact.account_id == account_id)
    contact = session.scalar(known)
    if contact:
        return contact
    with session.begin_nested() as attempt:
        person = Person(created_at=now)
        session.add(person)
        session.flush()
        blank = {"name": "", "picture_url": "", "language": "", "created_at": now}
        values = {"person_id": person.id, "channel": channel, "account_id": account_id} | blank
        if insert_unless_there(session, Contact, values, ["channel", "account_id"]) is None:
            attempt.rollback()  # somebody else made it at the same moment; no person is left over
    return session.scalars(known).one()


def person_of(session: Session, channel: str, account_id: str) -> int | None:
    """The person behind an account, or None where the shop does not know it."""
    return session.scalar(select(Contact.person_id).where(Contact.channel == channel, Contact.account_id == account_id))


def by_id(session: Session, contact_id: int) -> Contact | None:
    """The contact, or None where there is none."""
    return session.get(Contact, contact_id)


def channel_of(session: Session, contact_id: int) -> str:
    """The channel that the contact's account is in."""
    return session.scalars(select(Contact.channel).where(Contact.id == contact_id)).one()


def has_old_profile(contact: Contact, now: datetime) -> bool:
    """Whether the platform was never asked who this is, or longer than a week ago."""
    return contact.profile_asked_at is None or now - contact.profile_asked_at > PROFILE_LASTS


def note_profile(contact: Contact, name: str, picture_url: str, language: str, now: datetime) -> None:
    """Keep what the platform told of the account; an empty answer leaves what was known."""
    contact.name = name[:200] or contact.name
    contact.picture_url = picture_url[:2000] or contact.picture_url
    contact.language = language[:35] or contact.language
    contact.profile_asked_at = now
    names.keep(contact)


def tags(session: Session, contact_id: int) -> frozenset[str]:
    """The contact's tags."""
    return frozenset(session.scalars(select(ContactTag.tag).where(ContactTag.contact_id == contact_id)))


def tag(session: Session, contact_id: int, name: str, now: datetime) -> bool:
    """Give the contact a tag; whether it had none of that name before."""
    values = {"contact_id": contact_id, "tag": name, "tagged_at": now}
    return insert_unless_there(session, ContactTag, values, ["contact_id", "tag"]) is not None


def untag(session: Session, contact_id: int, name: str) -> bool:
    """Take a tag away; whether it was there."""
    gone = delete(ContactTag).where(ContactTag.contact_id == contact_id, ContactTag.tag == name)
    return session.execute(gone.returning(ContactTag.tag)).scalar_one_or_none() is not None


def attributes(session: Session, contact_id: int) -> dict[str, str]:
    """The contact's attributes."""
    kept = select(ContactAttribute.name, ContactAttribute.value).where(ContactAttribute.contact_id == contact_id)
    return {name: value for name, value in session.execute(kept)}  # noqa: C416 (rows are no pairs to mypy)


def set_attribute(session: Session, contact_id: int, name: str, value: str, now: datetime) -> None:
    """Keep a value with the contact in the place of an earlier one; what is beyond LONGEST_VALUE is cut off."""
    key = {"contact_id": contact_id, "name": name}
    values = {"value": value[:LONGEST_VALUE], "set_at": now}
    if insert_unless_there(session, ContactAttribute, key | values, list(key)) is None:
        session.execute(
            update(ContactAttribute)
            .where(ContactAttribute.contact_id == contact_id, ContactAttribute.name == name)
            .values(values)
        )


def acted(contact: Contact, at: datetime, *, opens_window: bool) -> None:
    """The contact did something in its chat: it can be reached, and where the act opens a window, may be written to."""
    contact.unreachable_since = None
    if opens_window and (contact.window_opened_at is None or at > contact.window_opened_at):
        contact.window_opened_at = at


def left(contact: Contact, at: datetime, now: datetime) -> None:
    """The contact blocked the shop `at`; where it has acted since, the news comes late, and it is back already."""
    if contact.window_opened_at is None or at >= contact.window_opened_at:
        contact.unreachable_since = contact.unreachable_since or now
