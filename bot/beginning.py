"""Flows that begin at a time: finding a moment that has come, and beginning with a contact whose turn it is."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot import audience, conversation, engine
from bot.catalog import Catalog, Published
from bot.destination import Destination
from bot.engine import Started
from bot.language import moments
from bot.language.model import Audience
from bot.language.model.times import instant
from bot.turns import Desk
from core import flows, timed_starts
from core.dispatch import Letter
from core.outgoing import BULK
from core.reasons import Reason
from core.shop import Shop
from core.standings import Standing
from core.timed_starts import LATEST, Turn

# Why a flow fails for a contact; the staff is told of the first of a start, and sees the rest in the console.
FAILURES = (Reason.FLOW_STEP_LIMIT, Reason.FLOW_TEMPLATE, Reason.FLOW_BROKE, Reason.FLOW_UNKNOWN)


@dataclass(frozen=True)
class Come:
    """A moment of a flow that has come."""

    flow_id: int
    flow: str
    at: datetime
    audience: Audience


def come(session: Session, catalog: Catalog, shop: Shop, now: datetime) -> list[Come]:
    """The moments that have come and are not kept yet, however late.

    Only those that stood in the flow as it was published when they came: one that is over when it is published, for the
    first time or again, begins nothing.
    """
    return [
        found
        for published in catalog.published(session)
        for found in _over(session, published, shop, now)
        if not timed_starts.is_kept(session, found.flow_id, found.at) and _stood(session, catalog, shop, found)
    ]


def _over(session: Session, published: Published, shop: Shop, now: datetime) -> Iterator[Come]:
    for coming in moments.of_flow(published.flow):
        at = instant(coming.at, shop.timezone)
        if at <= now:
            flow_id = flows.version(session, published.version_id).flow_id
            yield Come(flow_id, published.flow.flow, at, coming.audience)


def _stood(session: Session, catalog: Catalog, shop: Shop, found: Come) -> bool:
    version_id = flows.in_force(session, found.flow_id, found.at)
    version = catalog.readable(session, version_id) if version_id is not None else None
    return version is not None and _has(version, found.at, shop)


def _has(version: Published, at: datetime, shop: Shop) -> bool:
    return any(instant(coming.at, shop.timezone) == at for coming in moments.of_flow(version.flow))


def keep(session: Session, found: Come, now: datetime) -> int | None:
    """Freeze the moment's contacts; how many, or None where another process has."""
    whom = audience.whom(session, found.audience)
    return timed_starts.keep(session, found.flow_id, found.at, whom, now)


def begin(desk: Desk, turn: Turn, standing: Standing) -> Letter | None:
    """Begin the flow with the contact, in the place of whatever flow it stands in, or settle why not.

    It begins with the version that is published now.

    Raises:
        Stopped: the flow cannot go on; the caller rolls back.
    """
    published = desk.catalog.published(desk.session)
    version = next((one for one in published if one.flow.flow == turn.flow_name), None)
    reason = _hindrance(desk, turn, standing, version)
    if version is None or reason:
        timed_starts.settle(turn, reason or Reason.START_WITHDRAWN, desk.now)
        return None
    timed_starts.settle(turn, version.version_id, desk.now)
    place = Destination(version.version_id, engine.begin(secrets.randbits(32)), Started())
    return conversation.enter(desk, turn.contact, standing, place, BULK)


def _hindrance(desk: Desk, turn: Turn, standing: Standing, version: Published | None) -> Reason | None:
    if desk.now - turn.start.at > LATEST:
        return Reason.START_MISSED
    if version is None or not _has(version, turn.start.at, desk.shop):
        return Reason.START_WITHDRAWN
    if turn.contact.unreachable_since:
        return Reason.UNREACHABLE
    is_taken_over = standing.conversation and standing.conversation.handed_over_at
    return Reason.TAKEN_OVER if is_taken_over else None
