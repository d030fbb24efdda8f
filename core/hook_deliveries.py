"""Deliveries of outgoing webhooks: whose turn it is, what came of it, and when it is tried again.

At least once: a delivery is taken by pushing its time off (`TAKEN_FOR`), sent outside of any transaction, and what came
of it is stored then. Whoever dies in between leaves a row whose time comes again by itself. So a delivery may arrive
twice, with the same event id; none is lost, over whatever restart.

In order where it matters: of one coupon an endpoint hears the next event only once the one before was tried. Where that
failed the next is sent all the same: `recorded_at` in each tells which was first.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from core import hook_signing, hooks
from core.audit import Doer
from db import locks
from db.tables import WebhookDelivery, WebhookEndpoint

# After each attempt that failed; then the delivery is given up. Standard Webhooks recommends this table: 3 days in all.
WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
LONGEST_WAIT = timedelta(days=1)  # that an endpoint may ask for by Retry-After
TAKEN_FOR = timedelta(seconds=60)  # longer than a request may last, with its turn among the process's threads
KEPT = timedelta(days=30)
FORGOTTEN = 1_000  # deliveries a round
PAGE = 50
COUNTED = 1_000  # of how many is said how many they are
GONE = 410

State = Literal["waiting", "delivered", "failed"]
STATES: tuple[State, ...] = ("waiting", "delivered", "failed")


@dataclass(frozen=True)
class Parcel:
    """A delivery as it leaves: to where, what, and by which salts it is signed."""

    delivery_id: int
    endpoint_id: int
    event_id: str
    url: str
    body: bytes
    salts: Sequence[str]
    attempt: int


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered, in a few words; no status where it did not. It may ask to wait (seconds)."""

    status: int | None
    detail: str
    retry_after: float | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has it."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 (HTTP's own)


@dataclass(frozen=True)
class Page:
    """Some deliveries, the newest first, and the ids before which and after which there are more."""

    deliveries: Sequence[WebhookDelivery]
    before: int | None
    after: int | None


def endpoints_due(session: Session, now: datetime) -> list[int]:
    """The endpoints for which something is due: one look into an index for each."""
    d = WebhookDelivery
    is_due = exists().where(d.endpoint_id == WebhookEndpoint.id, d.due_at.is_not(None), d.due_at <= now)
    here = select(WebhookEndpoint.id).where(WebhookEndpoint.disabled_at.is_(None), is_due.correlate(WebhookEndpoint))
    return list(session.scalars(here.order_by(WebhookEndpoint.id)))


def take(session: Session, endpoint_id: int, most: int, now: datetime) -> list[Parcel]:
    """Up to `most` deliveries whose time has come, taken by this process alone; commit before they are sent."""
    endpoint = hooks.one(session, endpoint_id, now)
    if endpoint is None or endpoint.disabled_at or most < 1:
        return []
    taken = locks.deliveries_free(session, _due(endpoint_id, most, now))
    for row in taken:
        row.due_at, row.attempts, row.attempted_at = now + TAKEN_FOR, row.attempts + 1, now
    return [
        Parcel(
            row.id,
            endpoint_id,
            row.event_id,
            endpoint.url,
            hook_signing.written(row.body),
            endpoint.salts,
            row.attempts,
        )
        for row in taken
    ]


def _due(endpoint_id: int, most: int, now: datetime) -> Select[WebhookDelivery]:
    d, earlier = WebhookDelivery, aliased(WebhookDelivery)
    is_next = ~exists().where(
        earlier.coupon_id == d.coupon_id,
        earlier.endpoint_id == d.endpoint_id,
        earlier.id < d.id,
        earlier.due_at.is_not(None),
        earlier.status.is_(None),
        earlier.detail == "",
    )
    here = select(d).where(d.endpoint_id == endpoint_id, d.due_at.is_not(None), d.due_at <= now, is_next)
    return here.order_by(d.due_at, d.id).limit(most)


def settle(session: Session, parcel: Parcel, answer: Answer, now: datetime) -> None:
    """Keep what came of it: delivered, to be tried again, or given up. One that is gone is disabled."""
    d = WebhookDelivery
    detail = _kept(answer)
    told = {"status": answer.status, "detail": detail}
    here = update(d).where(d.id == parcel.delivery_id)
    if answer.is_taken:  # whoever else has it meanwhile: it is there
        session.execute(here.values(**told, delivered_at=now, due_at=None))
        return
    if answer.status == GONE:
        hooks.is_gone(session, parcel.endpoint_id, detail, now)
    due_at = None if answer.status == GONE else _again(parcel.attempt, answer, now)
    is_ours = and_(d.attempts == parcel.attempt, d.due_at.is_not(None))  # else it was taken again, or replayed
    session.execute(here.where(is_ours).values(**told, due_at=due_at))


def _again(attempt: int, answer: Answer, now: datetime) -> datetime | None:
    if attempt > len(WAITS):
        return None
    asked = timedelta(seconds=answer.retry_after) if answer.retry_after else timedelta()
    return now + max(WAITS[attempt - 1], min(asked, LONGEST_WAIT))


def _kept(answer: Answer) -> str:
    detail = answer.detail[: hooks.DETAIL_KEPT]
    return detail if detail or answer.status else "no answer"


def page(
    session: Session,
    endpoint_id: int,
    state: State | None = None,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE,
) -> Page:
    """The deliveries after an id (older ones), or those just before one, or the newest."""
    d = WebhookDelivery
    statement = select(d).where(d.endpoint_id == endpoint_id, *([_is(state)] if state else []))
    if before:
        rows = session.scalars(statement.where(d.id > before).order_by(d.id).limit(size + 1)).all()
        found, is_before, is_after = rows[:size][::-1], len(rows) > size, True
    else:
        older = statement.where(d.id < after) if after else statement
        rows = session.scalars(older.order_by(d.id.desc()).limit(size + 1)).all()
        found, is_before, is_after = rows[:size], after is not None, len(rows) > size
    first, last = (found[0].id, found[-1].id) if found else (None, None)
    return Page(found, first if is_before else None, last if is_after else None)


def one(session: Session, endpoint_id: int, delivery_id: int) -> WebhookDelivery | None:
    """A delivery of the endpoint."""
    d = WebhookDelivery
    return session.scalar(select(d).where(d.id == delivery_id, d.endpoint_id == endpoint_id))


def count(session: Session, endpoint_id: int, state: State) -> int:
    """How many there are in this state, COUNTED at most."""
    here = select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint_id, _is(state)).limit(COUNTED)
    return session.scalar(select(func.count()).select_from(here.subquery())) or 0


def state_of(delivery: WebhookDelivery) -> State:
    """What became of it so far."""
    if delivery.due_at is not None:
        return "waiting"
    return "delivered" if delivery.delivered_at is not None else "failed"


def _is(state: State) -> ColumnElement[bool]:
    d = WebhookDelivery
    return {
        "waiting": d.due_at.is_not(None),
        "delivered": d.delivered_at.is_not(None),
        "failed": and_(d.due_at.is_(None), d.delivered_at.is_(None)),
    }[state]


def replay(session: Session, doer: Doer, endpoint_id: int, delivery_id: int, now: datetime) -> bool:
    """Send one again under its event id, whatever became of it. Whether there is such a one."""
    found = _replay(session, endpoint_id, WebhookDelivery.id == delivery_id, now)
    for event_id in found:
        hooks.record(session, doer, "webhook.replayed", endpoint_id, {"event": event_id}, now)
    return bool(found)


def replay_failed(session: Session, doer: Doer, endpoint_id: int, since: datetime, now: datetime) -> int:
    """Send all again that were given up and were made since then. How many."""
    found = _replay(session, endpoint_id, and_(_is("failed"), WebhookDelivery.created_at >= since), now)
    told = {"since": since.isoformat(), "count": len(found)}
    hooks.record(session, doer, "webhook.replayed", endpoint_id, told, now)
    return len(found)


def _replay(session: Session, endpoint_id: int, chosen: ColumnElement[bool], now: datetime) -> Sequence[str]:
    """The ids of their events."""
    anew: dict[str, Any] = {"due_at": now, "attempts": 0, "delivered_at": None, "status": None, "detail": ""}
    theirs = update(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id, chosen).values(anew)
    return session.scalars(theirs.returning(WebhookDelivery.event_id)).all()


def test(session: Session, endpoint_id: int, now: datetime) -> int:
    """An event that is about nothing, to see whether it arrives: the delivery's id."""
    made = WebhookDelivery(
        endpoint_id=endpoint_id,
        event_id=f"evt_{secrets.token_hex(16)}",
        kind="test",
        body={"type": "test", "timestamp": now.isoformat(timespec="milliseconds"), "data": {}},
        created_at=now,
        due_at=now,
    )
    session.add(made)
    session.flush()
    return made.id


def is_any_old(session: Session, now: datetime) -> bool:
    """Whether there is a delivery that is kept no longer: a look at the first."""
    lowest = select(func.min(WebhookDelivery.id)).scalar_subquery()
    first = session.scalar(select(WebhookDelivery.created_at).where(WebhookDelivery.id == lowest))
    return first is not None and first < now - KEPT


def forget(session: Session, now: datetime) -> None:
    """Remove some of those that are kept no longer, the first ones, whatever became of them."""
    d = WebhookDelivery
    first = select(d.id, d.created_at).order_by(d.id).limit(FORGOTTEN).subquery()
    session.execute(delete(d).where(d.id.in_(select(first.c.id).where(first.c.created_at < now - KEPT))))
