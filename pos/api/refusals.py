"""Why a coupon is refused, as the POS API tells it: one table of codes, statuses, titles and what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from core.reasons import Reason
from web.problems import KINDS, Kind

REFUSALS: Mapping[Reason, Kind] = MappingProxyType(
    {
        Reason.UNKNOWN_COUPON: Kind(404, "No such coupon", "Check what was typed, or scan once more."),
        Reason.WRONG_SHOP: Kind(404, "Another shop's coupon", "It cannot be honoured here."),
        Reason.NOT_REDEEMED: Kind(409, "Not redeemed yet", "The customer redeems it on their page, or `use` it."),
        Reason.ALREADY_VERIFIED: Kind(409, "Verified before", "It counts once: `coupon` says when, where and by whom."),
        Reason.EXPIRED: Kind(409, "Expired", "`coupon.expires_at` says since when."),
        Reason.NOT_YET_VALID: Kind(409, "Not valid yet", "`coupon.used_from` says from when."),
        Reason.OTHER_STORE_ONLY: Kind(409, "Honoured in other stores only", "`coupon.stores` says in which."),
        Reason.ONLINE_STORE_ONLY: Kind(409, "For the online store only", "It is used there."),
        Reason.WITHDRAWN: Kind(409, "Withdrawn", "The shop took the serial back; the coupon may have another."),
        Reason.STORE_CLOSED: Kind(409, "The store is closed", "Nothing is verified there any more."),
        Reason.AMBIGUOUS: Kind(
            409, "Several coupons have this serial", "Choose one of `coupons`, and send its `reference` along."
        ),
        Reason.NOT_STARTED: Kind(409, "Not to be redeemed yet", "The campaign has not begun."),
        Reason.ENDED: Kind(409, "The campaign was ended", "Nothing of it is redeemed any more."),
        Reason.LIMIT_REACHED: Kind(409, "The customer has had all of theirs", "Each may redeem so many."),
        Reason.SOLD_OUT: Kind(409, "Sold out", "No serial is left; the shop may add some."),
        Reason.NOT_VERIFIED: Kind(409, "Not verified", "There is nothing to undo."),
        Reason.UNDO_TOO_LATE: Kind(409, "Too late to undo", "A marketer of the shop still can, in the console."),
        Reason.REASON_MISSING: Kind(422, "A reason is missing", "Say why it is undone."),
    }
)
ALL: Mapping[Reason, Kind] = MappingProxyType({**REFUSALS, **KINDS})

# What each operation may answer, besides what any may.
OF_FINDING = (Reason.UNKNOWN_COUPON, Reason.WRONG_SHOP, Reason.NOT_REDEEMED, Reason.WITHDRAWN)
OF_VERIFYING = (
    *OF_FINDING,
    Reason.ALREADY_VERIFIED,
    Reason.EXPIRED,
    Reason.NOT_YET_VALID,
    Reason.OTHER_STORE_ONLY,
    Reason.ONLINE_STORE_ONLY,
    Reason.STORE_CLOSED,
    Reason.AMBIGUOUS,
)
OF_USING = (
    *OF_VERIFYING,
    Reason.NOT_STARTED,
    Reason.ENDED,
    Reason.LIMIT_REACHED,
    Reason.SOLD_OUT,
)
OF_UNDOING = (
    Reason.UNKNOWN_COUPON,
    Reason.NOT_REDEEMED,
    Reason.WITHDRAWN,
    Reason.NOT_VERIFIED,
    Reason.OTHER_STORE_ONLY,
    Reason.UNDO_TOO_LATE,
    Reason.REASON_MISSING,
)
