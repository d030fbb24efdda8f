"""/pos/customers/: the customer at the counter: found, their coupons, and what staff do with them."""

from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from core import clock, customers, profile, serving
from core.profile import Card, Profile
from core.reasons import Reason
from core.refusal import Refused
from core.serving import Chosen, NotUsed
from db.base import LARGEST_ID
from pos import customer_words as words
from pos import shell
from pos.actor import actor
from web import login
from web.services import services

ID = f"<int(max={LARGEST_ID}):contact_id>"
LONGEST = 300  # characters that are looked for: a link's
SHOWN_FOR = timedelta(minutes=15)  # after its use a code can be scanned for so long, by whoever used it
SENT_TWICE = timedelta(seconds=10)  # a form that was sent again over a bad line

blueprint = Blueprint("customers", __name__, url_prefix="/pos/customers", template_folder="templates")
login.guard(blueprint, "staff")
blueprint.after_request(shell.open_camera)
for name in ("kind", "channel", "waits", "products_host"):
    blueprint.app_template_global(f"coupon_{name}")(getattr(words, name))


@blueprint.get("/")
def search() -> str:
    """Whom to look for."""
    return render_template("pos/customers.html")


@blueprint.post("/find")
def find() -> Response | tuple[str, int]:
    """Look for a customer. Posted, so that no name or number stands in an address or a log; nothing is kept."""
    entered = request.form.get("entered", "")[:LONGEST]
    if not entered.strip():
        return redirect(url_for("customers.search"), 303)
    with services().database.read() as db:
        found = customers.find(db, entered, services().shop.public_url)
    if isinstance(found, Refused) or not found.customers:
        reason = found.reason if isinstance(found, Refused) else None
        page = render_template("pos/customers.html", entered=entered, nobody=words.nobody(reason), reason=reason)
        return page, HTTPStatus.OK
    if len(found.customers) == 1:
        return redirect(url_for("customers.one", contact_id=found.customers[0].contact_id), 303)
    return render_template("pos/customers.html", entered=entered, found=found), HTTPStatus.OK


@blueprint.get(f"/{ID}")
def one(contact_id: int) -> str:
    """A customer's profile: looked at, it leaves no trace."""
    return _page(contact_id, claimed=request.args.get("claimed", 0, type=int))


@blueprint.post(f"/{ID}/claim")
def claim(contact_id: int) -> Response | tuple[str, int]:
    """Claim a coupon for the customer; their own page shows it at once."""
    with services().database.write() as db:
        done = serving.claim(db, _chosen(contact_id), login.doer(), clock.now())
    if isinstance(done, Refused):
        return _page(contact_id, done.reason), HTTPStatus.CONFLICT
    return redirect(url_for("customers.one", contact_id=contact_id, claimed=done.coupon_id), 303)


@blueprint.get(f"/{ID}/use")
def ask(contact_id: int) -> str | tuple[str, int]:
    """The warning before a coupon is used: it cannot be restored."""
    campaign_id, coupon_id = request.args.get("campaign", 0, type=int), request.args.get("coupon", type=int)
    found = _profile(contact_id)
    card = next((one for one in found.cards if (one.campaign_id, one.coupon_id) == (campaign_id, coupon_id)), None)
    if card is None or card.act != "use":
        return _page(contact_id, card.refusal if card and card.refusal else Reason.UNKNOWN_COUPON), HTTPStatus.CONFLICT
    return render_template("pos/use.html", customer=found.accounts[0], card=card)


@blueprint.post(f"/{ID}/use")
def use(contact_id: int) -> Response | tuple[str, int]:
    """Use it. What was refused is not shown among the coupons until the profile is opened anew."""
    chosen, now = _chosen(contact_id), clock.now()
    with services().database.write() as db:
        done = serving.use(db, chosen, actor(), login.doer(), now)
    if isinstance(done, NotUsed):
        with services().database.read() as db:
            is_sent_twice = serving.code(db, contact_id, done.coupon_id, actor(), now - SENT_TWICE)
        if not is_sent_twice or "again" in request.form:  # what was shown as used is used once more, on purpose
            return _page(contact_id, done.reason, hidden=chosen), HTTPStatus.CONFLICT
    return redirect(url_for("customers.code", contact_id=contact_id, coupon_id=done.coupon_id), 303)


@blueprint.get(f"/{ID}/coupons/<int(max={LARGEST_ID}):coupon_id>")
def code(contact_id: int, coupon_id: int) -> str:
    """Code and barcode of a coupon that was just used, to be scanned at checkout."""
    found = _profile(contact_id)
    with services().database.read() as db:
        used = serving.code(db, contact_id, coupon_id, actor(), clock.now() - SHOWN_FOR) or abort(404)
    barcode = services().barcode(used.barcode, used.serial)
    return render_template("pos/used.html", customer=found.accounts[0], code=used, barcode=barcode)


def _page(contact_id: int, reason: Reason | None = None, hidden: Chosen | None = None, claimed: int = 0) -> str:
    found = _profile(contact_id)
    cards = [one for one in found.cards if not (hidden and _is(one, hidden))]
    return render_template(
        "pos/customer.html",
        customer=found.accounts[0],
        others=found.accounts[1:],
        cards=cards,
        claimed=next((one for one in cards if one.coupon_id == claimed), None) if claimed else None,
        reason=reason,
        refused=words.sentence(reason) if reason else "",
    )


def _profile(contact_id: int) -> Profile:
    with services().database.read() as db:
        return profile.read(db, contact_id, login.account().store_id, clock.now()) or abort(404)


def _is(card: Card, chosen: Chosen) -> bool:
    return (card.campaign_id, card.coupon_id) == (chosen.campaign_id, chosen.coupon_id)


def _chosen(contact_id: int) -> Chosen:
    form = request.form
    return Chosen(
        contact_id,
        _id(form.get("campaign_id", 0, type=int)),
        _id(form.get("coupon_id", type=int)) if form.get("coupon_id") else None,
        form.get("seen", 0, type=int),
    )


def _id(given: int | None) -> int:
    """An id that there may be: a form can hold any number."""
    return given if given and 0 < given <= LARGEST_ID else 0
