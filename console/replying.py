"""What a person does in a contact's chat: each a form, safe to send twice, answered by the contact's page."""

import uuid
from http import HTTPStatus

from flask import Blueprint, abort, redirect, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from console import wording
from console.contacts import ID, TOLD, page
from console.fields import typed
from core import clock, contacts, replies, tags
from core.refusal import Refused
from core.replies import Writer
from db.tables import Contact
from web import login
from web.services import services

blueprint = Blueprint("replying", __name__, url_prefix="/console/contacts")
login.guard(blueprint, "marketer")


@blueprint.post(f"/{ID}/messages")
def write(contact_id: int) -> Response | tuple[str, int]:
    """Write to the contact. Sent twice it is one message, and the first one's result."""
    text, may_hold = typed("text"), "may_hold" in request.form
    with services().database.write() as db:
        _known(db, contact_id)
        result = replies.write(db, contact_id, text, _writer(), clock.now(), may_hold=may_hold)
    if isinstance(result, Refused):
        return _refused(contact_id, result, text=text)
    services().wake("outbox", str(contact_id))
    return _next(contact_id, "held" if result.is_held else "written")


@blueprint.post(f"/{ID}/coupons")
def send_coupon(contact_id: int) -> Response | tuple[str, int]:
    """Send a coupon. Sent twice it is one coupon, and the first one's result."""
    slug, text = typed("campaign"), typed("coupon_text")
    with services().database.write() as db:
        button = wording.coupon_button(_known(db, contact_id).language)
        result = replies.send_coupon(db, contact_id, slug, text, button, _writer(), clock.now())
    if isinstance(result, Refused):
        return _refused(contact_id, result, coupon_text=text, slug=slug)
    services().wake("outbox", str(contact_id))
    return _next(contact_id, "coupon")


@blueprint.post(f"/{ID}/tags")
def tag(contact_id: int) -> Response | tuple[str, int]:
    """Add the tag in `add`, or take away the one in `remove`."""
    is_removed = "remove" in request.form
    if is_removed == ("add" in request.form):
        abort(400)
    with services().database.write() as db:
        _known(db, contact_id)
        if is_removed:
            tags.remove(db, contact_id, typed("remove"), login.doer(), clock.now())
            return _next(contact_id, "untagged")
        result = tags.add(db, contact_id, typed("add"), login.doer(), clock.now())
    if isinstance(result, Refused):
        return _refused(contact_id, result, tag=typed("add"))
    return _next(contact_id, "tagged")


@blueprint.post(f"/{ID}/take-over")
def take_over(contact_id: int) -> Response:
    """The bot falls silent: a person answers."""
    with services().database.write() as db:
        _known(db, contact_id)
        replies.take_over(db, contact_id, login.doer(), clock.now())
    return _next(contact_id, "taken_over")


@blueprint.post(f"/{ID}/give-back")
def give_back(contact_id: int) -> Response:
    """The bot answers again."""
    with services().database.write() as db:
        _known(db, contact_id)
        replies.give_back(db, contact_id, login.doer(), clock.now())
    return _next(contact_id, "given_back")


def _known(db: Session, contact_id: int) -> Contact:
    """The contact; 404 where there is none."""
    return contacts.by_id(db, contact_id) or abort(404)


def _writer() -> Writer:
    """Who is logged in, with the key of the form that was sent; 400 without one."""
    try:
        form = uuid.UUID(request.form.get("form", ""))
    except ValueError:
        abort(400)
    return Writer(login.account().user_id, form, services().chats, services().shop)


def _next(contact_id: int, told: str) -> Response:
    session[TOLD] = (contact_id, told)
    return redirect(url_for("contacts.contact", contact_id=contact_id), 303)


def _refused(contact_id: int, refused: Refused, **entered: object) -> tuple[str, int]:
    """The contact's page once more, with the reason and what was typed."""
    return page(contact_id, refused=refused, **entered), HTTPStatus.CONFLICT
