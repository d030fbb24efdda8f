"""Coupons at a POS machine: looked up, verified, used, and taken back."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from core import correcting, counter_search, spelling, using, verification
from core.audit import Doer
from core.counter_search import Found
from core.reasons import Reason
from core.refusal import Refused
from core.using import Sought
from pos.api.operations import Call, Refusal
from pos.api.shapes import Coupon, FoundCoupons, LookUp, Undo, UndoneVerification, Use, VerifiedCoupon, Verify
from pos.sentences import sentence, undo_sentence
from web.services import services


def look_up(call: Call, body: LookUp) -> BaseModel | Refusal:
    """The coupons that what was entered stands for. What cannot be verified is an attempt, and is kept."""
    found = verification.look_up(call.db, body.entered, call.actor, call.now, services().shop.public_url)
    return _refusal(found.reason) if isinstance(found, Refused) else FoundCoupons(coupons=_all_shown(found))


def verify(call: Call, body: Verify) -> BaseModel | Refusal:
    """Honour a redeemed coupon, once."""
    found = _found(call, body.reference or body.entered)
    return _refused(call, body, found.reason) if isinstance(found, Refused) else _verify(call, body, found)


def use(call: Call, body: Use) -> BaseModel | Refusal:
    """Redeem it for the customer where nobody has, and honour it."""
    found = _found(call, body.reference or body.entered)
    if not isinstance(found, Refused):
        return _verify(call, body, found)
    sought = using.unredeemed(call.db, body.reference or body.entered)
    if sought is None or found.reason not in (Reason.NOT_REDEEMED, Reason.WITHDRAWN):
        return _refused(call, body, found.reason)
    outcome = using.use(call.db, sought, call.actor, call.now, body.device_at)
    if isinstance(outcome, Refused):
        return _refusal(outcome.reason)
    return _verified(call, sought, outcome.verified_at, is_redeemed_now=True)


def undo(call: Call, body: Undo) -> BaseModel | Refusal:
    """Take a verification back in the store where it was made, while its time for it runs."""
    found = _found(call, body.reference)
    if isinstance(found, Refused):
        return _refusal(found.reason)
    asked = spelling.reference(body.reference)
    meant = next((one for one in found if one.reference == asked), None)
    if meant is None:  # a serial is no reference
        return _refusal(Reason.UNKNOWN_COUPON)
    doer = Doer(None, call.key.prefix)
    done = correcting.correct_at_counter(call.db, meant.coupon_id, body.reason, call.actor.store_id, doer, call.now)
    if isinstance(done, Refused):
        return Refusal(done.reason, undo_sentence(done.reason, meant), _shown(meant))
    return UndoneVerification(coupon=_shown(_again(call, meant)))


def _found(call: Call, entered: str) -> list[Found] | Refused:
    return counter_search.find(call.db, entered, call.now, call.actor.store_id, services().shop.public_url)


def _verify(call: Call, body: Verify, found: Sequence[Found]) -> BaseModel | Refusal:
    if len(found) > 1:
        return _refused(call, body, Reason.AMBIGUOUS, found)
    (meant,) = found
    outcome = verification.verify(call.db, meant.coupon_id, body.entered, call.actor, call.now, body.device_at)
    if isinstance(outcome, Refused):
        return _refusal(outcome.reason, _again(call, meant))
    return _verified(call, meant, outcome.verified_at, is_redeemed_now=False)


def _verified(call: Call, meant: Found | Sought, verified_at: datetime, *, is_redeemed_now: bool) -> VerifiedCoupon:
    coupon = _shown(_again(call, meant))
    return VerifiedCoupon(verified_at=verified_at, recorded_at=call.now, is_redeemed_now=is_redeemed_now, coupon=coupon)


def _refused(call: Call, body: Verify, reason: Reason, found: Sequence[Found] = ()) -> Refusal:
    """Nothing could be verified, since no one coupon was meant; the attempt is kept."""
    verification.refuse(call.db, None, body.entered, reason, call.actor, call.now, body.device_at)
    return Refusal(reason, sentence(reason), coupons=_all_shown(found))


def _refusal(reason: Reason, found: Found | None = None) -> Refusal:
    return Refusal(reason, sentence(reason, found), _shown(found) if found else None)


def _again(call: Call, meant: Found | Sought) -> Found:
    """The coupon as it is after what was done to it, or by whom it had been done before."""
    found = counter_search.of(call.db, meant.coupon_id, meant.reference, call.actor.store_id, call.now)
    assert found is not None  # noqa: S101 (its redemption is locked)
    return found


def _all_shown(found: Sequence[Found]) -> list[Coupon]:
    return [_shown(one) for one in found]


def _shown(found: Found) -> Coupon:
    return Coupon(
        reference=found.reference,
        serial=found.serial,
        campaign=found.campaign_name,
        instructions=found.instructions,
        contact=found.contact_name,
        stores=list(found.stores),
        redeemed_at=found.redeemed_at,
        used_from=found.used_from,
        expires_at=found.expires_at,
        verified_at=found.verified_at,
        verified_by=found.verified_by,
        verified_in=found.verified_in,
        undo_until=found.undo_until,
        refusal=found.refusal and str(found.refusal),
    )
