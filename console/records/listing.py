"""/console/campaigns/SLUG/records: every coupon of a campaign; filtered, sorted, searched, page by page."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for

from console import places
from console.fields import plain
from console.records import asked
from console.records.door import blueprint, campaign_of
from core import clock, records_changes, records_list, records_search
from web.services import services

LONGEST_SEARCH = 100  # characters


@blueprint.get("/records")
def listing(slug: str) -> str:
    """The list, or what was searched for: that is looked for in all records, whatever is filtered."""
    words = plain(request.args.get("q", "")).strip()[:LONGEST_SEARCH]
    after, before = (places.record(request.args.get(name, "")) for name in ("after", "before"))
    with services().database.read() as db:
        campaign = campaign_of(db, slug)
        filters = asked.filters(campaign.id)
        found = records_search.find(db, campaign.id, words) if words else None
        page = None if found else records_list.page(db, filters, after, before)
        scope = {
            "as_of": records_changes.as_of(db, clock.now()),
            "choices": records_list.choices(db, campaign.id),
            "count": None if found else records_list.count(db, filters),
        }
    query = asked.query()
    return render_template(
        "console/records/list.html",
        campaign=campaign,
        filters=filters,
        asked=query,
        words=words,
        found=found,
        records=found.records if found else page.records if page else [],
        newer=_link(slug, query, before=places.of_record(page.before)) if page and page.before else "",
        older=_link(slug, query, after=places.of_record(page.after)) if page and page.after else "",
        most=records_search.MOST,
        **scope,
    )


def _link(slug: str, query: Mapping[str, Any], **place: str | None) -> str:
    return url_for("console.records.listing", slug=slug, **{**query, **place})
