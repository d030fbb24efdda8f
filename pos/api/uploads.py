"""What POS machines did without a network, told later."""

from sqlalchemy import select

from core import offline, spelling
from core.offline import Told
from db.tables import Coupon
from pos.api.operations import Call
from pos.api.shapes import Upload, Uploaded, UploadResult

NOBODYS = 0  # the id of no coupon


def upload(call: Call, body: Upload) -> Uploaded:
    """Keep all of it: it happened. A nonce that was told before is answered as it was then."""
    references = {spelling.reference(one.reference) for one in body.verifications if one.reference}
    rows = call.db.execute(select(Coupon.reference, Coupon.id).where(Coupon.reference.in_(references)))
    ids: dict[str, int] = {one.reference: one.id for one in rows}
    told = [
        Told(
            nonce=one.nonce,
            entered=one.entered,
            coupon_id=ids.get(spelling.reference(one.reference), NOBODYS) if one.reference else None,
            at=one.device_at,
            user_id=None,
        )
        for one in body.verifications
    ]
    taken = offline.take(call.db, told, call.actor, call.now)
    known = {one.coupon_id for one in taken if one.coupon_id is not None}
    named = call.db.execute(select(Coupon.id, Coupon.reference).where(Coupon.id.in_(known)))
    names: dict[int, str] = {one.id: one.reference for one in named}
    return Uploaded(
        results=[
            UploadResult(
                nonce=one.nonce,
                outcome=one.outcome,
                reference=names.get(one.coupon_id) if one.coupon_id is not None else None,
                is_conflict=one.is_conflict,
                first_at=one.first_at,
                first_store=one.first_store,
                first_by=one.first_by,
            )
            for one in taken
        ]
    )
