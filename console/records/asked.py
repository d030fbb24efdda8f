"""What a link or form asks of the list of records, and the link that asks it again."""

from collections.abc import Mapping
from typing import Any

from flask import request

from console import periods
from core.records_list import SORTS, STATUSES, Filters, Sort
from db.base import LARGEST_ID
from web.services import services

NAMES = ("status", "channel", "flow", "store", "from", "to", "sort", "order")


def filters(campaign_id: int) -> Filters:
    """The filters; what is not known asks for all."""
    days, zone = periods.asked(), services().shop.timezone
    status, channel = request.args.get("status"), request.args.get("channel", "")
    sort: Sort = next((known for known in SORTS if known == request.args.get("sort")), "sent")
    return Filters(
        campaign_id,
        status if status in STATUSES else None,
        channel if channel in ("line", "messenger") else None,
        _number("flow"),
        _number("store"),
        days.since(zone),
        days.until(zone),
        sort,
        is_oldest_first=request.args.get("order") == "oldest",
    )


def query() -> Mapping[str, Any]:
    """What of the address asks for the same again, without the place in the list."""
    return {name: value for name in NAMES if (value := request.args.get(name))}


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 <= found <= LARGEST_ID else None
