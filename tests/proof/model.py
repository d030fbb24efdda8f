"""A shop as plain lists: what every action must answer, and what every coupon must show afterwards.

Written from what customers are promised, without the product's code and without a database. One clock, never set back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Pack:
    """Codes in their order; `given` counts how many have ever left it, `back` are the places that came back."""

    codes: list[str]
    given: int = 0
    back: list[int] = field(default_factory=list)
    is_withdrawn: bool = False


@dataclass
class Campaign:
    """`lasts` counts from the redemption or from the sending. A limit by contact is for each, whoever they are."""

    limit: int
    lasts: timedelta
    counts_from_redemption: bool
    is_by_contact: bool = False
    total: int | None = None
    shown_until: datetime | None = None
    is_draft: bool = False
    is_archived: bool = False
    is_ended: bool = False
    packs: list[Pack] = field(default_factory=list)

    def free(self) -> list[tuple[Pack, int]]:
        """Every place that can be given out, the next one first: what came back goes before what never left."""
        used = [pack for pack in self.packs if not pack.is_withdrawn]
        again = [(pack, place) for pack in used for place in sorted(pack.back)]
        return again + [(pack, place) for pack in used for place in range(pack.given, len(pack.codes))]


@dataclass
class Coupon:
    """A coupon of a contact. `holds` is its serial's place, once redeemed, and `keeps_until` what ends then."""

    campaign: Campaign
    contact: int
    ends: datetime | None
    keeps_until: datetime | None = None
    is_opened: bool = False
    claimed: int = 0  # which claim it is, counted from 1; 0 where none waits
    holds: tuple[Pack, int] | None = None
    held: Pack | None = None  # where the serial went back to that was undone last
    is_verified: bool = False


@dataclass
class Shop:
    """Campaigns, coupons in the order they were sent, and which person each contact is."""

    campaigns: list[Campaign]
    persons: list[int]
    coupons: list[Coupon] = field(default_factory=list)
    claims: int = 0

    def send(self, campaign: Campaign, contact: int, now: datetime) -> str:
        """'sent', or why not."""
        if campaign.is_archived:
            return "archived"
        if campaign.is_draft:
            return "not_published"
        if campaign.shown_until and now >= campaign.shown_until:
            return "ended"
        reason = self._refusal(campaign, contact, None, now)
        if reason:
            return reason
        ends = None if campaign.counts_from_redemption else now + campaign.lasts
        self.coupons.append(Coupon(campaign, contact, ends))
        return "sent"

    def open(self, coupon: Coupon) -> None:
        """A person sees the page."""
        coupon.is_opened = True

    def claim(self, coupon: Coupon) -> str:
        """'claimed', or 'redeemed' where it was before."""
        if coupon.holds:
            return "redeemed"
        coupon.is_opened = True
        if not coupon.claimed:
            self.claims += 1
            coupon.claimed = self.claims
        return "claimed"

    def answer(self, campaign: Campaign, now: datetime) -> int:
        """How many were answered; whoever claimed first is answered first."""
        waiting = [one for one in self.coupons if one.campaign is campaign and one.claimed]
        for coupon in sorted(waiting, key=lambda one: one.claimed):
            self._redeem(coupon, now)
            coupon.claimed = 0
        return len(waiting)

    def tap(self, taps: Mapping[int, datetime]) -> dict[int, tuple[str, str | None]]:
        """The outcome of each tap by the coupon's number, with the serial that it brought."""
        answers = {}
        for number, at in sorted(taps.items(), key=lambda tap: tap[1]):
            coupon = self.coupons[number]
            coupon.is_opened = True
            was_redeemed = coupon.holds is not None
            outcome = self._redeem(coupon, at)
            answers[number] = (outcome, None if was_redeemed else self.code(coupon))
        return answers

    def verify(self, coupon: Coupon, now: datetime) -> str:
        """'verified', or why not."""
        if not coupon.holds:
            return "withdrawn" if coupon.held and coupon.held.is_withdrawn else "not_redeemed"
        if coupon.is_verified:
            return "already_verified"
        if coupon.keeps_until and now >= coupon.keeps_until:
            return "expired"
        coupon.is_verified = True
        return "verified"

    def undo_verification(self, coupon: Coupon) -> str:
        """'undone', or why not."""
        if not coupon.is_verified:
            return "not_verified"
        coupon.is_verified = False
        return "undone"

    def undo_redemption(self, coupon: Coupon) -> str:
        """'undone', or why not."""
        if not coupon.holds:
            return "not_redeemed"
        if coupon.is_verified:
            return "already_verified"
        pack, place = coupon.holds
        pack.back.append(place)
        coupon.holds, coupon.held = None, pack
        return "undone"

    def merge(self, kept: int, gone: int) -> str:
        """'merged', or why not: each of the two must still be somebody."""
        if kept == gone or not {kept, gone} <= set(self.persons):
            return "same_person"
        self.persons = [kept if person == gone else person for person in self.persons]
        return "merged"

    def shows(self, coupon: Coupon, now: datetime) -> tuple[str, str | None, str | None]:
        """The page: its state, the reason where refused, the serial where there is one."""
        if coupon.is_verified:
            return "verified", None, self.code(coupon)
        if coupon.holds:
            is_over = coupon.keeps_until is not None and now >= coupon.keeps_until
            return ("refused", "expired", self.code(coupon)) if is_over else ("redeemed", None, self.code(coupon))
        if coupon.claimed:
            return "waiting", None, None
        reason = self._refusal(coupon.campaign, coupon.contact, coupon.ends, now)
        return ("refused", reason, None) if reason else ("open", None, None)

    def figures(self, campaign: Campaign) -> Sequence[int]:
        """Sent, opened, redeemed, verified, stock, waiting."""
        of = [one for one in self.coupons if one.campaign is campaign]
        return (
            len(of),
            sum(one.is_opened for one in of),
            sum(one.holds is not None for one in of),
            sum(one.is_verified for one in of),
            len(campaign.free()),
            sum(one.claimed > 0 for one in of),
        )

    def code(self, coupon: Coupon) -> str | None:
        """Its serial."""
        return coupon.holds[0].codes[coupon.holds[1]] if coupon.holds else None

    def _redeem(self, coupon: Coupon, at: datetime) -> str:
        if coupon.holds:
            return "redeemed"
        campaign = coupon.campaign
        reason = self._refusal(campaign, coupon.contact, coupon.ends, at)
        if reason:
            return reason
        pack, place = campaign.free()[0]
        if place in pack.back:
            pack.back.remove(place)
        else:
            pack.given += 1
        coupon.holds = (pack, place)
        ends = at + campaign.lasts if campaign.counts_from_redemption else coupon.ends
        coupon.keeps_until = min([one for one in (ends, campaign.shown_until) if one], default=None)
        return "redeemed"

    def _refusal(self, campaign: Campaign, contact: int, ends: datetime | None, at: datetime) -> str | None:
        if any(one and at >= one for one in (ends, campaign.shown_until)):
            return "expired"
        if campaign.is_ended:
            return "ended"
        if len(list(self._redeemed(campaign, contact))) >= campaign.limit:
            return "limit_reached"
        is_used_up = campaign.total is not None and self.redeemed(campaign) >= campaign.total
        return "sold_out" if is_used_up or not campaign.free() else None

    def redeemed(self, campaign: Campaign) -> int:
        """How many of its coupons are."""
        return sum(one.campaign is campaign and one.holds is not None for one in self.coupons)

    def sent(self, campaign: Campaign) -> int:
        """How many of its coupons there are."""
        return sum(one.campaign is campaign for one in self.coupons)

    def _redeemed(self, campaign: Campaign, contact: int) -> Iterator[Coupon]:
        """What counts against the contact's limit: its own, or its person's through whatever contact."""
        for one in self.coupons:
            is_same = (
                one.contact == contact
                if campaign.is_by_contact
                else (self.persons[one.contact] == self.persons[contact])
            )
            if one.campaign is campaign and one.holds and is_same:
                yield one
