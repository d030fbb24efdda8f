"""Finding contacts: by words, by what is the matter with them, the newest act first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core.reasons import Reason
from db.tables import Contact, ContactTag, Conversation, Flow, FlowVersion

PAGE = 50  # contacts

Show = Literal["all", "handed_over", "stopped", "unreachable"]
SHOWS: tuple[Show, ...] = get_args(Show)


@dataclass(frozen=True)
class Place:
    """Where a contact stands in the list."""

    acted_at: datetime
    contact_id: int


@dataclass(frozen=True)
class Row:
    """A contact in the list. `flow` is the title or name of its last flow; a time is None where it is not so."""

    place: Place
    name: str
    channel: str
    account_id: str
    flow: str
    tags: Sequence[str]
    handed_over_at: datetime | None
    hand_over_reason: str
    stopped_at: datetime | None
    stopped_reason: Reason | str
    stopped_detail: str
    unreachable_since: datetime | None


@dataclass(frozen=True)
class Page:
    """Some contacts, and the place after which further ones are; None where there are none."""

    rows: Sequence[Row]
    further: Place | None


# The last act that lets the shop write; of an account that has done nothing such, when it was first seen.
_acted_at = func.coalesce(Contact.window_opened_at, Contact.created_at)


def find(session: Session, words: str, show: Show, after: Place | None = None, size: int = PAGE) -> Page:
    """The contacts that `words` fit (part of a name or an account id, or a whole tag), the newest act first."""
    newest_first = _acted_at.desc(), Contact.id.desc()
    of_page = select(Contact.id).where(*_conditions(words.strip(), show)).order_by(*newest_first).limit(size + 1)
    if after:
        is_same_moment = and_(_acted_at == after.acted_at, Contact.id < after.contact_id)
        of_page = of_page.where(or_(_acted_at < after.acted_at, is_same_moment))
    # Joined to the page's contacts alone: 100,000 contacts sorted with theirs take five times as long.
    statement = (
        select(Contact, Conversation, FlowVersion.document, Flow.name)
        .outerjoin(Conversation, Conversation.contact_id == Contact.id)
        .outerjoin(FlowVersion, FlowVersion.id == Conversation.flow_version_id)
        .outerjoin(Flow, Flow.id == FlowVersion.flow_id)
        .where(Contact.id.in_(session.scalars(of_page).all()))
        .order_by(*newest_first)
    )
    found = session.execute(statement).all()
    tags = _tags(session, [contact.id for contact, *_ in found])
    rows = [
        _row(contact, conversation, document, flow, tags.get(contact.id, ()))
        for contact, conversation, document, flow in found[:size]
    ]
    return Page(rows, rows[-1].place if len(found) > size else None)


def _conditions(words: str, show: Show) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if words:
        tagged = select(ContactTag.contact_id).where(ContactTag.tag == words.lower())
        named = Contact.name.icontains(words, autoescape=True)
        has_account = Contact.account_id.icontains(words, autoescape=True)
        conditions.append(or_(named, has_account, Contact.id.in_(tagged)))
    if show == "handed_over":
        conditions.append(_in_conversation(Conversation.handed_over_at.is_not(None)))
    elif show == "stopped":
        conditions.append(_in_conversation(Conversation.stopped_at.is_not(None)))
    elif show == "unreachable":
        conditions.append(Contact.unreachable_since.is_not(None))
    return conditions


def _in_conversation(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Contact.id.in_(select(Conversation.contact_id).where(condition))


def _tags(session: Session, contact_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    statement = (
        select(ContactTag.contact_id, ContactTag.tag)
        .where(ContactTag.contact_id.in_(contact_ids))
        .order_by(ContactTag.tag)
    )
    for contact_id, tag in session.execute(statement):
        found.setdefault(contact_id, []).append(tag)
    return found


def _row(
    contact: Contact,
    conversation: Conversation | None,
    document: dict[str, object] | None,
    flow: str | None,
    tags: Sequence[str],
) -> Row:
    return Row(
        Place(contact.window_opened_at or contact.created_at, contact.id),
        name=contact.name,
        channel=contact.channel,
        account_id=contact.account_id,
        flow=str((document or {}).get("title") or flow or ""),
        tags=tags,
        handed_over_at=conversation.handed_over_at if conversation else None,
        hand_over_reason=(conversation and conversation.hand_over_reason) or "",
        stopped_at=conversation.stopped_at if conversation else None,
        stopped_reason=(conversation and conversation.stopped_reason) or "",
        stopped_detail=(conversation and conversation.stopped_detail) or "",
        unreachable_since=contact.unreachable_since,
    )
