"""The marketer's contacts: who talks to the shop, each one's conversation, and what a person can do in it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from console import places, wording
from console.fields import plain, typed
from console.sentences import delivery, done, sentence
from core import clock, contact_card, contact_search, coupons, replies, staff_notices, transcript
from core.contact_search import SHOWS, Show
from core.staff_notices import Notice
from db.base import LARGEST_ID
from web import login
from web.services import services
from web.words import say

LONGEST_SEARCH = 100  # characters
TOLD = "contact_told"  # what was just done to which contact, for the page that comes next
ID = f"<int(max={LARGEST_ID}):contact_id>"

blueprint = Blueprint("contacts", __name__, url_prefix="/console/contacts")
login.guard(blueprint, "marketer")
blueprint.app_template_global("reason_sentence")(sentence)
blueprint.app_template_global("delivery")(delivery)
blueprint.app_template_global("done_sentence")(done)
blueprint.app_template_global("time_left")(wording.time_left)
blueprint.app_template_global("picture_path")(wording.picture_path)
blueprint.app_template_global("quota")(wording.quota)


@blueprint.app_template_global("unseen_notices")
def unseen_notices() -> Sequence[Notice]:
    """What nobody has seen of what flows tell, of low stock and of webhooks: at the top of each page of the console."""
    with services().database.read() as db:
        found = staff_notices.unseen(db, is_owner=login.account().role == "owner")
    return [one if one.contact_id else replace(one, text=say(*staff_notices.told(one.text))) for one in found]


@blueprint.get("/")
def index() -> str:
    """Contacts, the newest act first; found by words and by what is the matter."""
    words = plain(request.args.get("q", "")).strip()[:LONGEST_SEARCH]
    show: Show = next((known for known in SHOWS if known == request.args.get("show")), "all")
    after = places.contact(request.args.get("after", ""))
    with services().database.read() as db:
        found = contact_search.find(db, words, show, after)
    return render_template(
        "console/contacts.html",
        page=found,
        words=words,
        show=show,
        is_first=after is None,
        further=places.of_contact(found.further),
    )


@blueprint.get(f"/{ID}")
def contact(contact_id: int) -> str:
    """One contact: the conversation as it was seen, and beside it what is known."""
    of, told = session.pop(TOLD, (0, ""))
    return page(contact_id, told=told if of == contact_id else "")


@blueprint.post(f"/notices/<int(max={LARGEST_ID}):notice_id>/seen")
def see(notice_id: int) -> Response:
    """A notice to the staff has been seen; back to the page of the console on which it stood."""
    with services().database.write() as db:
        if not staff_notices.see(db, notice_id, login.account().user_id, clock.now()):
            abort(404)
    back = typed("back")
    is_ours = back.startswith("/console/") and back.isprintable()
    return redirect(back if is_ours else url_for("contacts.index"), 303)


def page(contact_id: int, **more: object) -> str:
    """The contact's page; `more` is what was just done, or refused and typed. 404 where there is no such contact."""
    now, before = clock.now(), places.bubble(request.args.get("before", ""))
    with services().database.read() as db:
        card = contact_card.read(db, contact_id, services().chats, now) or abort(404)
        talk = transcript.read(db, card.contact, services().chats, before)
        offers = coupons.running(db, now)
    return render_template(
        "console/contact.html",
        card=card,
        page=talk,
        older=places.of_bubble(talk.older),
        is_newest=before is None,
        offers=offers,
        default_text=wording.coupon_text(card.contact.language),
        form=uuid.uuid4(),
        now=now,
        longest=replies.LONGEST,
        **more,
    )
