"""Places in lists as links carry them: a time and whole numbers, `2026-12-01T04:00:00+00:00~1~55`."""

from datetime import UTC, datetime

from flask import abort

from core import contact_search, records_list, transcript
from db.base import LARGEST_ID


def of_bubble(place: transcript.Place | None) -> str | None:
    """A place in a conversation as a link carries it."""
    return f"{place.at.isoformat()}~{place.source}~{place.row_id}" if place else None


def of_contact(place: contact_search.Place | None) -> str | None:
    """A place in the list of contacts as a link carries it."""
    return f"{place.acted_at.isoformat()}~{place.contact_id}" if place else None


def of_record(place: records_list.Place | None) -> str | None:
    """A place in a list of records as a link carries it."""
    return f"{place.at.isoformat()}~{place.coupon_id}" if place else None


def record(written: str) -> records_list.Place | None:
    """What `of_record` gave; 400 for what it never gives."""
    if not written:
        return None
    at, (coupon_id,) = _parts(written, 1)
    return records_list.Place(at, coupon_id)


def bubble(written: str) -> transcript.Place | None:
    """What `of_bubble` gave; 400 for what it never gives."""
    if not written:
        return None
    at, (source, row_id) = _parts(written, 2)
    return transcript.Place(at, source, row_id)


def contact(written: str) -> contact_search.Place | None:
    """What `of_contact` gave; 400 for what it never gives."""
    if not written:
        return None
    at, (contact_id,) = _parts(written, 1)
    return contact_search.Place(at, contact_id)


def _parts(written: str, count: int) -> tuple[datetime, list[int]]:
    first, *rest = written.split("~")
    try:
        at, numbers = datetime.fromisoformat(first), [int(number) for number in rest]
        at = at.astimezone(UTC) if at.tzinfo else abort(400)
    except (ValueError, OverflowError):  # of a time at the calendar's ends another zone's may not exist
        abort(400)
    if len(numbers) != count or not all(0 <= number <= LARGEST_ID for number in numbers):
        abort(400)
    return at, numbers
