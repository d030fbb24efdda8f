"""What must always hold of events, messages and flows; of coupons `invariants` says it, and runs all."""

from sqlalchemy import and_, func, or_, select

from core.invariant import Invariant, twice
from db.live import is_live
from db.tables import Conversation, InboxEvent, OutboxMessage, TimedStart, TimedStartContact, Wait

_timed = (
    select(func.count())
    .select_from(TimedStartContact)
    .where(TimedStartContact.start_id == TimedStart.id)
    .correlate(TimedStart)
    .scalar_subquery()
)

_is_sent = OutboxMessage.status == "sent"
_requests = func.count(OutboxMessage.request_key.distinct())
_needs_reason = OutboxMessage.status.in_(("failed", "unknown", "held"))

INVARIANTS: tuple[Invariant, ...] = (
    Invariant("event_once", "No event is twice in the inbox.", twice(InboxEvent.channel, InboxEvent.event_id)),
    Invariant(
        "failure_is_handled",
        "Every event that could not be handled has the time at which it was given up.",
        select(InboxEvent.id, InboxEvent.failure).where(
            InboxEvent.handled_at.is_(None), InboxEvent.failure.is_not(None)
        ),
    ),
    Invariant(
        "outbox_lawful",
        "Every message is in a lawful state: sent with its time, stopped with its reason, under way with its worker"
        " and since when.",
        select(
            OutboxMessage.id, OutboxMessage.status, OutboxMessage.reason, OutboxMessage.sent_at, OutboxMessage.worker
        ).where(
            or_(
                OutboxMessage.status.not_in(("pending", "sending", "sent", "failed", "unknown", "held")),
                _is_sent != OutboxMessage.sent_at.is_not(None),
                and_(_needs_reason, OutboxMessage.reason.is_(None)),
                and_(
                    OutboxMessage.status == "sending",
                    or_(OutboxMessage.worker.is_(None), OutboxMessage.attempted_at.is_(None)),
                ),
            )
        ),
    ),
    Invariant(
        "waits_in_a_flow",
        "Whoever waits stands in the flow that waits.",
        select(Wait.contact_id, Wait.flow_version_id, Conversation.flow_version_id)
        .outerjoin(Conversation, Conversation.contact_id == Wait.contact_id)
        .where(Wait.flow_version_id.is_distinct_from(Conversation.flow_version_id)),
    ),
    Invariant(
        "waits_kept",
        "Whoever stands at a wait of a flow has what it waits for kept.",
        select(Conversation.contact_id, Conversation.flow_version_id)
        .outerjoin(Wait, Wait.contact_id == Conversation.contact_id)
        .where(
            is_live(Conversation.state),
            Conversation.state["waits_for"].as_string() == "wait",
            Conversation.stopped_at.is_(None),
            Wait.contact_id.is_(None),
        ),
    ),
    Invariant(
        "one_request_a_contact",
        "Of a contact's messages only those of one request are under way.",
        select(OutboxMessage.contact_id, _requests.label("requests"))
        .where(OutboxMessage.status == "sending")
        .group_by(OutboxMessage.contact_id)
        .having(_requests > 1),
    ),
    Invariant(
        "timed_starts_whole",
        "A flow that begins at a time has all the contacts for whom it came.",
        select(TimedStart.id, TimedStart.audience, _timed.label("timed_start_contacts")).where(
            TimedStart.audience != _timed
        ),
    ),
    Invariant(
        "timed_starts_finished",
        "Who waits for its turn waits in a start that is under way.",
        select(TimedStartContact.start_id, TimedStartContact.contact_id)
        .outerjoin(TimedStart, TimedStart.id == TimedStartContact.start_id)
        .where(TimedStartContact.done_at.is_(None), or_(TimedStart.id.is_(None), TimedStart.finished_at.is_not(None))),
    ),
)
