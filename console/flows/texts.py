"""The text of a flow that a page is about, the draft's or else the published version's, and what it is checked with."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import abort
from sqlalchemy.orm import Session

from bot import drafting
from bot.drafting import Desk
from core import clock, drafts, flows
from core.drafts import Saved
from db.tables import FlowVersion
from web.services import services

NEW = "new"  # a page's name, and therefore no flow's in the console


@dataclass(frozen=True)
class Text:
    """A flow's draft and its published version; one of them at least is there."""

    name: str
    draft: Saved | None
    published: FlowVersion | None

    @property
    def source(self) -> str:
        """What one would go on writing at."""
        return self.draft.source if self.draft else self.published.source if self.published else ""

    @property
    def number(self) -> int:
        """The published version's number, 0 for none."""
        return self.published.number if self.published else 0

    @property
    def based_on(self) -> int:
        """The version that the draft began from; without a draft, the one that it would begin from."""
        return self.draft.based_on if self.draft else self.number

    @property
    def seen(self) -> str:
        """What tells this draft from a later one; empty without a draft."""
        return stamp(self.draft)


def of_flow(session: Session, name: str) -> Text:
    """The flow's texts; a page that says so where there is no such flow."""
    found = Text(name, drafts.load(session, name), flows.published(session, name))
    if not (found.draft or found.published):
        abort(404)
    return found


def desk(session: Session, name: str, number: int = 0) -> Desk:
    """What a text of this flow is checked with, as all is now; `number` is an older version that it comes from."""
    return drafting.desk(session, name, clock.now(), services().shop.timezone, number)


def stamp(draft: Saved | None) -> str:
    """When the draft was saved, as a form's field."""
    return draft.updated_at.isoformat() if draft else ""


def moment(stamped: str) -> datetime | None:
    """The time in such a field; a field that nobody's page has written is a bad request."""
    if not stamped:
        return None
    try:
        found = datetime.fromisoformat(stamped)
    except ValueError:
        abort(400)
    return found if found.utcoffset() == timedelta() else abort(400)  # `stamp` writes UTC, and a zone always


def typed(words: str) -> str:
    """What was typed into a form, with the line breaks that files have; what no text can hold becomes `?` or a mark."""
    whole = words.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return whole.replace("\r\n", "\n").replace("\r", "\n")
