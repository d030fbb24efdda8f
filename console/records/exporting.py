"""/console/campaigns/SLUG/records.csv: all records that the filters leave, as a file that begins to come at once.

Read a thousand at a time, each in a transaction of its own: however slowly somebody takes the file, no transaction
stays open for it. Each coupon stands in it once, as it was when it was read.
"""

from flask import Response
from sqlalchemy.orm import Session

from console import files
from console.records import asked
from console.records.door import blueprint, campaign_of
from core import clock, records, records_list
from core.records_list import Place
from web.services import services


@blueprint.get("/records.csv")
def export(slug: str) -> Response:
    """The file, with the columns of `flask records --csv`; the times so that a spreadsheet knows them."""
    database, zone = services().database, services().shop.timezone
    with database.read() as db:
        filters = asked.filters(campaign_of(db, slug).id)

    def some(db: Session, place: Place | None) -> tuple[list[list[str]], Place | None]:
        found, further = records_list.export(db, filters, place)
        return [records.cells(one, zone, has_offsets=False) for one in found], further

    day = clock.now().astimezone(zone).date()
    columns = [f"{name} ({zone.key})" if name.endswith("_at") else name for name in records.COLUMNS]
    return files.csv(f"{slug}-records-{day}.csv", columns, files.in_parts(database, some))
