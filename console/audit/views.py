"""/console/audit: who did what when; to read, and to take away as a file."""

import json

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from console import files, periods
from console.audit.wording import action_word, lines
from console.fields import plain
from core import audit_log, clock
from core.audit_log import Sought
from core.spreadsheets import safe
from db.base import LARGEST_ID
from db.tables import AuditEntry
from web.services import services

COLUMNS = ("at", "who", "deed", "kind", "subject", "detail")
NAMES = ("who", "deed", "subject", "from", "to")

blueprint = Blueprint("audit", __name__, url_prefix="/audit")
blueprint.app_template_global("audit_lines")(lines)
blueprint.app_template_global("audit_action")(action_word)


@blueprint.get("/")
def listing() -> str:
    """The entries that are asked for, the newest first."""
    after, before = (_number(name) for name in ("after", "before"))
    with services().database.read() as db:
        page = audit_log.page(db, _sought(), after, before)
        actors = [(name, name) for name in audit_log.actors(db)]
        actions = [(name, action_word(name)) for name in audit_log.actions(db)]
    asked = {name: value for name in NAMES if (value := request.args.get(name))}
    return render_template("console/audit/list.html", page=page, actors=actors, actions=actions, asked=asked)


@blueprint.get("/audit.csv")
def export() -> Response:
    """The same as a file, all of it."""
    database, zone, sought = services().database, services().shop.timezone, _sought()

    def some(db: Session, place: int | None) -> tuple[list[list[str]], int | None]:
        page = audit_log.page(db, sought, after=place, size=audit_log.EXPORTED)
        return [_cells(entry) for entry in page.entries], page.after

    def _cells(entry: AuditEntry) -> list[str]:
        at = entry.at.astimezone(zone).isoformat(timespec="milliseconds")
        detail = json.dumps(entry.detail, ensure_ascii=False)
        return [safe(cell) for cell in (at, entry.actor, entry.action, entry.subject_kind, entry.subject, detail)]

    day = clock.now().astimezone(zone).date()
    return files.csv(f"audit-{day}.csv", COLUMNS, files.in_parts(database, some))


def _sought() -> Sought:
    days, zone = periods.asked(), services().shop.timezone
    actor, action, subject = (plain(request.args.get(name, "")).strip() for name in ("who", "deed", "subject"))
    return Sought(actor, action, subject, days.since(zone), days.until(zone))


def _number(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found <= LARGEST_ID else None
