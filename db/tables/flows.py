"""Published flows: immutable versions, and which one runs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, identity


class Flow(Base):
    """A flow by name; `published_number` is the version that new conversations begin with."""

    __tablename__ = "flows"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    published_number: Mapped[int]


class FlowVersion(Base):
    """One published version: the marketer's text and what it was read as. Never changed."""

    __tablename__ = "flow_versions"
    __table_args__ = (UniqueConstraint("flow_id", "number"),)

    id: Mapped[identity]
    flow_id: Mapped[int] = mapped_column(ForeignKey("flows.id"))
    number: Mapped[int]
    source: Mapped[str]
    document: Mapped[dict[str, Any]]
    pictures: Mapped[dict[str, Any]]
    published_at: Mapped[datetime]
