"""Finding the customer who stands at a counter: by whatever they show, say or are called.

In this order, and the first that brings somebody counts: the link of a coupon's page (its QR), a coupon's reference, a
serial, a phone number or e-mail address that the shop knows, a contact's account id, the beginning of a name or of a
word of it. Each is a look into an index.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.orm import Session

from core import names, spelling
from core.reasons import Reason
from core.refusal import Refused
from db.tables import Contact, ContactAttribute, Coupon, Pack, Redemption, Serial
from db.tables.contacts import PLAIN_VALUE

SHOWN = 20  # customers in a list to choose from
PHONE = re.compile(r"\+?\d{6,15}")
HOME_CODE = "886"  # Taiwan: 0912345678 at home is +886912345678 from elsewhere


@dataclass(frozen=True)
class Customer:
    """Somebody who was found, by one of their accounts: what tells them from others of the same name."""

    contact_id: int
    name: str
    channel: str
    picture_url: str
    since: datetime


@dataclass(frozen=True)
class Found:
    """Who fits, a person once. `is_cut`: there may be more; longer words find fewer."""

    customers: Sequence[Customer]
    is_cut: bool = False


def find(session: Session, entered: str, home: str) -> Found | Refused:
    """Who `entered` stands for, if anybody.

    `home` is the address that the shop's own links begin with. Refused: WRONG_SHOP (another shop's link),
    UNKNOWN_COUPON (a link of ours without a coupon), NOT_REDEEMED (a serial that nobody has yet).
    """
    if link := spelling.link(entered):
        return _by_link(session, link, home)
    if not spelling.normal(entered):
        return Found(())
    for ids in _ways(session, entered):
        if ids:
            return _found(session, ids)
    is_serial = session.scalar(select(Serial.position).where(Serial.code.in_(spelling.variants(entered))).limit(1))
    return Refused(Reason.NOT_REDEEMED) if is_serial is not None else Found(())


def _by_link(session: Session, link: spelling.Link, home: str) -> Found | Refused:
    ours = spelling.link(home)
    if ours is None or link.host != ours.host:
        return Refused(Reason.WRONG_SHOP, link.host)
    contact_id = session.scalar(select(Coupon.contact_id).where(Coupon.token == link.token))
    return _found(session, [contact_id]) if contact_id else Refused(Reason.UNKNOWN_COUPON)


def _ways(session: Session, entered: str) -> Iterator[Sequence[int]]:
    """The contacts that each way brings, one after the other."""
    yield session.scalars(select(Coupon.contact_id).where(Coupon.reference == spelling.reference(entered))).all()
    yield _by_serial(session, entered)
    yield _by_attribute(session, entered)
    yield names.called(session, entered, SHOWN + 1)


def _by_serial(session: Session, entered: str) -> Sequence[int]:
    """Of a fixed serial those who got it last."""
    spellings = spelling.variants(entered)
    is_its = and_(Redemption.pack_id == Serial.pack_id, Redemption.position == Serial.position)
    of_serial = select(Coupon.contact_id).join(Redemption, Redemption.coupon_id == Coupon.id)
    own = session.scalars(of_serial.join(Serial, is_its).where(Serial.code.in_(spellings)).limit(SHOWN + 1)).all()
    if own:
        return own
    found: list[int] = []
    for pack_id in session.scalars(select(Pack.id).where(Pack.fixed_code.in_(spellings)).order_by(Pack.id.desc())):
        newest = of_serial.where(Redemption.pack_id == pack_id).order_by(Redemption.position.desc())
        found += session.scalars(newest.limit(SHOWN + 1)).all()
    return found[: SHOWN + 1]


def _by_attribute(session: Session, entered: str) -> Sequence[int]:
    spellings = numbers(entered)
    if not spellings:
        return ()
    value: ColumnElement[str] = literal_column(PLAIN_VALUE)
    return session.scalars(
        select(ContactAttribute.contact_id).where(value.in_(spellings)).distinct().limit(SHOWN + 1)
    ).all()


def numbers(entered: str) -> list[str]:
    """What a phone number or an e-mail address may be kept as, without blanks and signs; empty where it is neither.

    A number from home is the same with and without the country's code.
    """
    typed = re.sub(r"[ ()-]", "", spelling.normal(entered).lower())
    if "@" in typed:
        return [typed]
    if not PHONE.fullmatch(typed):
        return []
    digits = typed.removeprefix("+")
    local = f"0{digits.removeprefix(HOME_CODE)}" if digits.startswith(HOME_CODE) else digits
    wide = f"{HOME_CODE}{local[1:]}" if local.startswith("0") else digits
    return sorted({typed, digits, local, wide, f"+{wide}"})


def _found(session: Session, contact_ids: Sequence[int]) -> Found:
    """A person with several accounts once, with the one that was found first."""
    rows = {row.id: row for row in session.scalars(select(Contact).where(Contact.id.in_(contact_ids)))}
    persons: dict[int, Contact] = {}
    for contact_id in contact_ids:
        persons.setdefault(rows[contact_id].person_id, rows[contact_id])
    customers = [Customer(one.id, one.name, one.channel, one.picture_url, one.created_at) for one in persons.values()]
    return Found(customers[:SHOWN], is_cut=len(contact_ids) > SHOWN)
