"""Who talks to the shop: accounts in a channel, and the persons behind them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Person(Base):
    """One human being, who may have several accounts. Limits count by person."""

    __tablename__ = "persons"

    id: Mapped[identity]
    created_at: Mapped[datetime]


class PersonMerge(Base):
    """Two persons found to be one: `gone_id`'s contacts and redemptions are `kept_id`'s from then on."""

    __tablename__ = "person_merges"
    __table_args__ = (CheckConstraint("kept_id <> gone_id", name="two_persons"),)

    id: Mapped[identity]
    kept_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    gone_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), unique=True)
    merged_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(String(200))


class Contact(Base):
    """One account in one channel.

    `first_person_id` is set by the first merge that brings the contact to another person: the one it was made with.
    Campaigns limited by contact count under that one, which no other contact has.
    `window_opened_at` is the person's last act that lets a bot write (Messenger's 24 hours count from it).
    `unreachable_since` is set when they block the shop and cleared when they come back.
    `profile_asked_at` is when the platform was last asked for name, picture and language, answered or not.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("channel", "account_id"),
        Index(
            "uq_contacts_first_person_id",
            "first_person_id",
            unique=True,
            sqlite_where=text("first_person_id IS NOT NULL"),
            postgresql_where=text("first_person_id IS NOT NULL"),
        ),
    )

    id: Mapped[identity]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    first_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    channel: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    picture_url: Mapped[str] = mapped_column(String(2000))
    language: Mapped[str] = mapped_column(String(35))
    created_at: Mapped[datetime]
    profile_asked_at: Mapped[datetime | None]
    window_opened_at: Mapped[datetime | None]
    unreachable_since: Mapped[datetime | None]


class ContactName(Base):
    """A contact's name from one of its words on, as it is looked for (`core/names.py`)."""

    __tablename__ = "contact_names"
    # In the order of bytes on both databases, which an index needs to find a beginning.
    __table_args__ = (Index(None, "part", "contact_id"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(
        String(64).with_variant(String(64, collation="C"), "postgresql"), primary_key=True
    )


class ContactTag(Base):
    """A marketer's word for a contact, set by a flow."""

    __tablename__ = "contact_tags"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    tag: Mapped[str] = mapped_column(String(64), primary_key=True)
    tagged_at: Mapped[datetime]


# A phone number or e-mail address by which somebody is found, however it was written: literally so in every statement,
# since SQLite finds an index by its words.
PLAIN_VALUE = "lower(replace(replace(replace(replace(value, ' ', ''), '-', ''), '(', ''), ')', ''))"


class ContactAttribute(Base):
    """What a shop knows of a contact under a name of its own, set by a flow or a person; the newest value stands."""

    __tablename__ = "contact_attributes"
    __table_args__ = (Index("ix_contact_attributes_plain_value", text(PLAIN_VALUE)),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(500))
    set_at: Mapped[datetime]
