"""What goes in and comes out of the POS API: the one place for its shapes, of which the document and checks are made.

Requests are strict: a field that is not here is refused by name. Answers may get more fields within v1.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from core.api_keys import Scope
from core.spelling import CONTROL
from core.undo import REASON_KEPT
from db.base import LARGEST_ID

MOST_AT_ONCE = 100  # verifications in one upload
YEARS = (2000, 2100)  # a device's clock may be wrong; outside of these it is no time at all

Entered = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500),
    Field(
        description="What was scanned or typed: a serial, a coupon's reference, or the address in the QR code of its "
        "page. Full-width characters and spaces around it do not matter.",
        examples=["TEA-0001"],
    ),
]
Reference = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    Field(description="A coupon's reference, with or without its hyphen.", examples=["7K3M-9QXA"]),
]
StoreId = Annotated[
    int,
    Field(ge=1, le=LARGEST_ID, description="The store; only with a key that is bound to none. See `GET /stores`."),
]
Nonce = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$"),
    Field(
        description="Made by the device for this verification and never again, such as a UUID.",
        examples=["5b1f0a52-8a43-4b7e-9d0e-6f2d8f4f3c11"],
    ),
]


def _sensible(at: datetime) -> datetime:
    first, last = YEARS
    if not first <= at.year < last:
        msg = f"must lie between the years {first} and {last}"
        raise ValueError(msg)
    return at.astimezone(UTC)


def _plain(words: str) -> str:
    return CONTROL.sub(" ", words).strip()


DeviceTime = Annotated[
    AwareDatetime,
    AfterValidator(_sensible),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(
        description="When it happened by the device's own clock, with an offset. This time is final; the server's is "
        "kept beside it.",
        examples=["2026-12-01T12:05:00+08:00"],
    ),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _InStore(_Request):
    store_id: StoreId | None = None


class LookUp(_InStore):
    """Which coupon is it?"""

    entered: Entered


class Verify(_InStore):
    """Honour a redeemed coupon."""

    entered: Entered
    reference: Reference | None = Field(
        default=None, description="Which of the coupons, where `entered` is a serial that many of them have."
    )
    device_at: DeviceTime | None = Field(default=None, description="Left out: the server's time counts.")


class Use(Verify):
    """Redeem the coupon for the customer where nobody has, and honour it."""


class Undo(_InStore):
    """Take a verification back."""

    reference: Reference
    reason: Annotated[str, StringConstraints(min_length=1, max_length=REASON_KEPT), AfterValidator(_plain)] = Field(
        description="Why; the owner reads it.", examples=["wrong customer"]
    )


class Offline(_Request):
    """One verification that the device did without a network."""

    nonce: Nonce
    entered: Entered
    reference: Reference | None = Field(default=None, description="Which coupon, where the device knew it.")
    device_at: DeviceTime


class Upload(_InStore):
    """What a device did without a network."""

    verifications: list[Offline] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Coupon(BaseModel):
    """A coupon as a counter sees it. Times are in UTC."""

    reference: str = Field(description="Names this coupon and opens nothing.")
    serial: str
    campaign: str
    instructions: str = Field(description="What the shop wants staff to know; may have several lines.")
    contact: str = Field(description="The customer's name as far as it is known; may be empty.")
    stores: list[str] = Field(description="Where it is honoured; empty: in every store.")
    redeemed_at: datetime
    used_from: datetime | None = Field(description="Not honoured before.")
    expires_at: datetime | None
    verified_at: datetime | None
    verified_by: str | None = Field(description="A person's user name, or the name of a key.")
    verified_in: str | None
    undo_until: datetime | None = Field(description="Until then this store may undo it; null: it may not.")
    refusal: str | None = Field(description="The code of why it cannot be verified now; null: it can.")


class FoundCoupons(BaseModel):
    """The coupons that what was entered stands for; more than one for a serial that many have."""

    outcome: Literal["found"] = "found"
    coupons: list[Coupon]


class VerifiedCoupon(BaseModel):
    """It was verified just now."""

    outcome: Literal["verified"] = "verified"
    verified_at: datetime = Field(description="The time that counts: the device's, where it told one.")
    recorded_at: datetime = Field(description="The server's time.")
    is_redeemed_now: bool = Field(description="Whether it was redeemed for the customer by this very request.")
    coupon: Coupon


class UndoneVerification(BaseModel):
    """The coupon is redeemed as before, and can be verified again."""

    outcome: Literal["undone"] = "undone"
    coupon: Coupon


class UploadResult(BaseModel):
    """What came of one verification that was told later."""

    nonce: str
    outcome: str = Field(description="`verified`, or the code of why the shop would have refused it.")
    reference: str | None = Field(description="The coupon's; null where none was found.")
    is_conflict: bool = Field(description="Whether the shop's owner is told of it.")
    first_at: datetime | None = Field(description="When the coupon is verified, if it is.")
    first_store: str | None
    first_by: str | None


class Uploaded(BaseModel):
    """A result for each verification, in the order in which they were told."""

    outcome: Literal["taken"] = "taken"
    results: list[UploadResult]


class Store(BaseModel):
    """A store of the shop."""

    store_id: int
    name: str
    is_closed: bool


class Stores(BaseModel):
    """Those in which the key may act."""

    stores: list[Store]


class KeyShown(BaseModel):
    """The key that asked."""

    name: str
    prefix: str
    scopes: list[Scope]
    store: Store | None = Field(description="null: each request names its store.")
    previous_until: datetime | None = Field(description="Until then the secret before this one counts, too.")


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Its name, with a path to it: `verifications.0.nonce`.")
    detail: str


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it, with a stable `code`."""

    type: str = Field(description="Where the code is explained.")
    title: str
    status: int
    code: str
    detail: str = Field(description="A sentence for people, in the language of `Accept-Language` (zh-Hant or en).")
    errors: list[FieldError] | None = Field(default=None, description="With `fields_wrong`.")
    coupon: Coupon | None = Field(default=None, description="Where it is known which one was refused.")
    coupons: list[Coupon] | None = Field(default=None, description="With `ambiguous`: choose by `reference`.")
