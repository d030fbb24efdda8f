"""Flows: drafts, immutable published versions, which one runs, and which steps were run."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Json, identity


class Flow(Base):
    """A flow by name; `published_number` is the version that new conversations begin with.

    There is such a version once the transaction ends: the first one's row needs the flow's.
    """

    __tablename__ = "flows"
    __table_args__ = (
        ForeignKeyConstraint(
            ["id", "published_number"],
            ["flow_versions.flow_id", "flow_versions.number"],
            name="fk_flows_published_number_flow_versions",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,  # the two tables point at each other
        ),
    )

    id: Mapped[identity] = mapped_column(autoincrement=True)  # said, since a part of a foreign key does not by itself
    name: Mapped[str] = mapped_column(String(64), unique=True)
    published_number: Mapped[int]


class FlowVersion(Base):
    """One published version: the marketer's text and what it was read as. Never changed.

    `via` is where it came from: 'files', or 'console' where `user_id` published it.
    """

    __tablename__ = "flow_versions"
    __table_args__ = (UniqueConstraint("flow_id", "number"),)

    id: Mapped[identity]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id"))
    number: Mapped[int]
    source: Mapped[str]
    document: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    via: Mapped[str] = mapped_column(String(16), server_default="files")


class FlowDraft(Base):
    """A flow's text under way in the console; `based_on` is the version's number that it began from, 0 for none."""

    __tablename__ = "flow_drafts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str]
    based_on: Mapped[int]
    updated_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class FlowTurn(Base):
    """The steps of one version, by their places from 0, that one event led a contact through. Only counted."""

    __tablename__ = "flow_turns"
    __table_args__ = (Index(None, "flow_version_id", "at"),)

    id: Mapped[identity]
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    flow_version_id: Mapped[int] = mapped_column(ForeignKey("flow_versions.id"))
    steps: Mapped[list[int]] = mapped_column(Json)
    at: Mapped[datetime]
