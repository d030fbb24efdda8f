"""The marketer's contacts: who talks to the shop, each one's conversation, and what a person can do in it."""

import uuid
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from console import places, wording
from console.sentences import delivery, done, sentence
from core import clock, contact_card, contact_search, contacts, coupons, replies, staff_notices, tags, transcript
from core.contact_search import SHOWS
from core.refusal import Refused
from core.replies import Writer
from db.tables import Contact
from web import login
from web.services import services

LONGEST_SEARCH = 100  # characters
TOLD = "contact_told"  # what was just done, for the page that comes next

blueprint = Blueprint("contacts", __name__, url_prefix="/console/contacts")
login.guard(blueprint, "marketer")
blueprint.app_template_global("reason_sentence")(sentence)
blueprint.app_template_global("delivery")(delivery)
blueprint.app_template_global("done_sentence")(done)
blueprint.app_template_global("time_left")(wording.time_left)
blueprint.app_template_global("picture_path")(wording.picture_path)
blueprint.app_template_global("quota")(wording.quota)


@blueprint.app_template_global("unseen_notices")
def unseen_notices() -> object:
    """What flows tell the staff and nobody has seen: at the top of each page of the console."""
    with services().database.read() as db:
        return staff_notices.unseen(db)


@blueprint.get("/")
def index() -> str:
    """Contacts, the newest act first; found by words and by what is the matter."""
    words = request.args.get("q", "").strip()[:LONGEST_SEARCH]
    show = next((known for known in SHOWS if known == request.args.get("show")), "all")
    after = places.contact(request.args.get("after", ""))
    with services().database.read() as db:
        page = contact_search.find(db, words, show, after)
    return render_template(
        "console/contacts.html",
        page=page,
        words=words,
        show=show,
        is_first=after is None,
        further=places.of_contact(page.further),
    )


@blueprint.get("/<int:contact_id>")
def contact(contact_id: int) -> str:
    """One contact: the conversation as it was seen, and beside it what is known."""
    told = session.pop(TOLD, None)
    return _page(contact_id, told=told if isinstance(told, str) else "")


@blueprint.post("/<int:contact_id>/messages")
def write(contact_id: int) -> Response | tuple[str, int]:
    """Write to the contact. Sent twice it is one message, and the first one's result."""
    text, may_hold = request.form.get("text", ""), "may_hold" in request.form
    with services().database.write() as db:
        _known(db, contact_id)
        result = replies.write(db, contact_id, text, _writer(), clock.now(), may_hold=may_hold)
    if isinstance(result, Refused):
        return _refused(contact_id, result, text=text)
    services().wake("outbox", str(contact_id))
    return _next(contact_id, "held" if result.is_held else "written")


@blueprint.post("/<int:contact_id>/coupons")
def send_coupon(contact_id: int) -> Response | tuple[str, int]:
    """Send a coupon. Sent twice it is one coupon, and the first one's result."""
    slug, text = request.form.get("campaign", ""), request.form.get("coupon_text", "")
    with services().database.write() as db:
        button = wording.coupon_button(_known(db, contact_id).language)
        result = replies.send_coupon(db, contact_id, slug, text, button, _writer(), clock.now())
    if isinstance(result, Refused):
        return _refused(contact_id, result, coupon_text=text, slug=slug)
    services().wake("outbox", str(contact_id))
    return _next(contact_id, "coupon")


@blueprint.post("/<int:contact_id>/tags")
def tag(contact_id: int) -> Response | tuple[str, int]:
    """Add the tag in `add`, or take away the one in `remove`."""
    added, removed = request.form.get("add"), request.form.get("remove")
    if (added is None) == (removed is None):
        abort(400)
    with services().database.write() as db:
        _known(db, contact_id)
        if removed is not None:
            tags.remove(db, contact_id, removed)
            return _next(contact_id, "untagged")
        result = tags.add(db, contact_id, added or "", clock.now())
    return _refused(contact_id, result, tag=added) if isinstance(result, Refused) else _next(contact_id, "tagged")


@blueprint.post("/<int:contact_id>/take-over")
def take_over(contact_id: int) -> Response:
    """The bot falls silent: a person answers."""
    with services().database.write() as db:
        _known(db, contact_id)
        replies.take_over(db, contact_id, login.account().username, clock.now())
    return _next(contact_id, "taken_over")


@blueprint.post("/<int:contact_id>/give-back")
def give_back(contact_id: int) -> Response:
    """The bot answers again."""
    with services().database.write() as db:
        _known(db, contact_id)
        replies.give_back(db, contact_id)
    return _next(contact_id, "given_back")


@blueprint.post("/notices/<int:notice_id>/seen")
def see(notice_id: int) -> Response:
    """A notice to the staff has been seen; back to the list of contacts."""
    with services().database.write() as db:
        if not staff_notices.see(db, notice_id, login.account().user_id, clock.now()):
            abort(404)
    return redirect(url_for("contacts.index"), 303)


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
    session[TOLD] = told
    return redirect(url_for("contacts.contact", contact_id=contact_id), 303)


def _refused(contact_id: int, refused: Refused, **typed: object) -> tuple[str, int]:
    """The contact's page once more, with the reason and what was typed."""
    return _page(contact_id, refused=refused, **typed), HTTPStatus.CONFLICT


def _page(contact_id: int, **more: object) -> str:
    now, before = clock.now(), places.bubble(request.args.get("before", ""))
    with services().database.read() as db:
        card = contact_card.read(db, contact_id, services().chats, now) or abort(404)
        page = transcript.read(db, card.contact, services().chats, before)
        offers = coupons.running(db, now)
    return render_template(
        "console/contact.html",
        card=card,
        page=page,
        older=places.of_bubble(page.older),
        is_newest=before is None,
        offers=offers,
        default_text=wording.coupon_text(card.contact.language),
        form=uuid.uuid4(),
        now=now,
        longest=replies.LONGEST,
        **more,
    )
