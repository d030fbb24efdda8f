"""The operations of the POS API, in the order in which they are described."""

from pos.api import coupons, house, shapes, uploads
from pos.api.operations import LARGE, Operation
from pos.api.refusals import OF_FINDING, OF_UNDOING, OF_USING, OF_VERIFYING

OPERATIONS = (
    Operation(
        name="key",
        path="/key",
        summary="Which key is this?",
        description="What the key may do, and in which store. Ask it first, to see that the way is open.",
        do=house.key,
        answer=shapes.KeyShown,
    ),
    Operation(
        name="stores",
        path="/stores",
        summary="In which stores?",
        description="The stores in which the key may act, with the ids that requests name them by.",
        do=house.stores,
        answer=shapes.Stores,
    ),
    Operation(
        name="look_up",
        path="/coupons/lookup",
        summary="Look a coupon up",
        description="Nothing is verified. `refusal` says why a coupon could not be verified in this store just now. "
        "Posted, so that serials stand in no address and no log.",
        do=coupons.look_up,
        answer=shapes.FoundCoupons,
        body=shapes.LookUp,
        scope="lookup",
        refusals=OF_FINDING,
    ),
    Operation(
        name="verify",
        path="/coupons/verify",
        summary="Verify a coupon",
        description="A redeemed coupon is honoured, once. Of many that ask at the same moment one is told `verified`, "
        "all others `already_verified`, with when, where and by whom.",
        do=coupons.verify,
        answer=shapes.VerifiedCoupon,
        body=shapes.Verify,
        scope="verify",
        refusals=OF_VERIFYING,
    ),
    Operation(
        name="use",
        path="/coupons/use",
        summary="Redeem and verify in one",
        description="For a customer at the counter: the coupon of this reference, or of the QR code on its page, gets "
        "its serial where it has none, and is verified. Where this store may not honour it, it is not redeemed either.",
        do=coupons.use,
        answer=shapes.VerifiedCoupon,
        body=shapes.Use,
        scope="use",
        refusals=OF_USING,
    ),
    Operation(
        name="undo",
        path="/coupons/undo",
        summary="Undo a verification",
        description="In the store where it was verified, within the time that the owner has set for it. The coupon can "
        "be verified again; the reason is kept.",
        do=coupons.undo,
        answer=shapes.UndoneVerification,
        body=shapes.Undo,
        scope="undo",
        refusals=OF_UNDOING,
    ),
    Operation(
        name="upload",
        path="/verifications/batch",
        summary="Tell what was verified without a network",
        description="It happened, so it is kept, also where the shop would have refused it: then it is a conflict that "
        "the owner sees. Send an upload again as often as you like: each `nonce` counts once, and is answered as "
        "it was the first time.",
        do=uploads.upload,
        answer=shapes.Uploaded,
        body=shapes.Upload,
        scope="upload",
        largest=LARGE,
    ),
)
