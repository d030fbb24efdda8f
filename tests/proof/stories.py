"""All that a shop can do, as rules for hypothesis: each does one thing on every side and in the model, and compares."""

from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import campaigns, claims, contacts, coupons, persons, serials, statistics, undo, verification
from core.audit import Doer
from core.campaigns import Changed
from core.claims import Tap
from core.coupons import Sent
from core.refusal import Refused
from core.verification import Actor
from db.database import Database
from db.tables import Claim, Pack
from tests import cast
from tests.proof import model, sides, sizes, verdict
from tests.proof.sides import CONTACTS, Side

START = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
CAMPAIGNS = 2
PAGES_EVERY = 1 if sizes.IS_PROOF else 5  # steps
TAPS_APART = timedelta(milliseconds=1)

which_contact = st.integers(0, CONTACTS - 1)
which_campaign = st.integers(0, CAMPAIGNS - 1)
which = st.integers(0, 1_000)  # of those there are, whatever their number
some = st.lists(which_contact, min_size=1, max_size=4)  # the same ones as well
then = st.sampled_from(["nothing", "claim", "tap"])  # what is done with a coupon at once
beginning = st.one_of(
    st.tuples(st.just("send"), which_campaign, some, then), st.tuples(st.just("merge"), which_contact, which_contact)
)
limit = st.integers(1, 3)
total = st.one_of(st.none(), st.integers(1, 4))


class Story(RuleBasedStateMachine):
    """Every rule does one thing on every side and in the model, and compares their answers."""

    def __init__(self, databases: list[Database]) -> None:
        super().__init__()
        self.databases = databases
        self.sides: list[Side] = []
        self.now = START
        self.steps = 0

    @initialize(
        limits=st.tuples(limit, limit),
        counts_from_redemption=st.tuples(st.booleans(), st.booleans()),
        by_contact=st.tuples(st.booleans(), st.booleans()),
        totals=st.tuples(total, total),
        codes=st.tuples(st.integers(0, 4), st.integers(0, 4)),
        first=st.lists(beginning, min_size=3, max_size=6),
    )
    def open_shop(
        self,
        limits: tuple[int, int],
        counts_from_redemption: tuple[bool, bool],
        by_contact: tuple[bool, bool],
        totals: tuple[int | None, int | None],
        codes: tuple[int, int],
        first: list[tuple[Any, ...]],
    ) -> None:
        """And the first coupons: a story has but half of the rules, as hypothesis chooses, and most would have none."""
        lasts = [timedelta(days=1)] * CAMPAIGNS
        rules = zip(limits, lasts, counts_from_redemption, by_contact, totals, strict=True)
        self.model = model.Shop([model.Campaign(*each) for each in rules], list(range(CONTACTS)))
        self.sides = [sides.opened(database, self.model, self.now) for database in self.databases]
        for number, count in enumerate(codes):
            self.top_up(number, count or None)
        deeds = {"send": self.send, "merge": self.merge}
        for deed, *values in first:
            deeds[deed](*values)

    @rule(seconds=st.sampled_from([1, 3_600, 43_200, 86_400, 100_000]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(campaign=which_campaign, to=some, then=then)
    def send(self, campaign: int, to: list[int], then: str) -> None:
        """To several at once, so that limits are met and packs run out."""
        before = len(self.model.coupons)
        for contact in to:
            self.send_one(campaign, contact)
        sent = list(range(before, len(self.model.coupons)))
        if then == "claim":
            for number in sent:
                self.claim(number)
        elif then == "tap" and sent:
            self.tap(sent)

    def send_one(self, campaign: int, contact: int) -> None:
        expected = self.model.send(self.model.campaigns[campaign], contact, self.now)

        def work(side: Side, session: Session) -> object:
            account = contacts.ensure(session, *side.accounts[contact], self.now)
            sent = coupons.send(session, side.specs[campaign].slug, account, self.now)
            if isinstance(sent, Sent):
                side.tokens.append(sent.token)
                side.coupon_ids.append(sent.coupon_id)
            return sides.word(sent)

        self.does(work, expected)

    @precondition(lambda self: self.model.coupons)
    @rule(number=which)
    def open_page(self, number: int) -> None:
        coupon = self.coupon(number)
        self.model.open(self.model.coupons[coupon])
        self.does(
            lambda side, session: coupons.open_page(session, side.tokens[coupon], "Safari", self.now), expected=True
        )

    @precondition(lambda self: self.model.coupons)
    @rule(numbers=st.lists(which, min_size=1, max_size=6))
    def tap(self, numbers: list[int]) -> None:
        taps = [(self.coupon(number), self.now + place * TAPS_APART) for place, number in enumerate(numbers)]
        expected = self.model.tap(dict(reversed(taps)))

        def work(side: Side, session: Session) -> object:
            answers = claims.answer_taps(session, [Tap(side.tokens[coupon], at) for coupon, at in taps], self.now)
            return {
                coupon: (answers[side.tokens[coupon]].outcome, answers[side.tokens[coupon]].serial)
                for coupon, _ in taps
            }

        self.does(work, expected)
        self.now += len(taps) * TAPS_APART

    @precondition(lambda self: self.model.coupons)
    @rule(number=which)
    def claim(self, number: int) -> None:
        coupon = self.coupon(number)
        expected = self.model.claim(self.model.coupons[coupon])
        self.does(lambda side, session: sides.word(claims.claim(session, side.tokens[coupon], self.now)), expected)

    @precondition(lambda self: any(one.claimed for one in self.model.coupons))
    @rule(campaign=which_campaign)
    def answer(self, campaign: int) -> None:
        expected = self.model.answer(self.model.campaigns[campaign], self.now)
        self.does(
            lambda side, session: len(claims.answer_batch(session, side.campaign_ids[campaign], self.now)), expected
        )

    @precondition(lambda self: self.model.coupons)
    @rule(number=which)
    def verify(self, number: int) -> None:
        coupon = self.mostly_redeemed(number)
        expected = self.model.verify(self.model.coupons[coupon], self.now)

        def work(side: Side, session: Session) -> object:
            return sides.word(verification.verify(session, side.coupon_ids[coupon], "typed", Actor("pos"), self.now))

        self.does(work, expected)

    @precondition(lambda self: self.model.coupons)
    @rule(number=which)
    def undo_verification(self, number: int) -> None:
        coupon = self.mostly_redeemed(number)
        expected = self.model.undo_verification(self.model.coupons[coupon])
        self.does(
            lambda side, session: sides.word(
                undo.undo_verification(session, side.coupon_ids[coupon], "mistake", None, self.now)
            ),
            expected,
        )

    @precondition(lambda self: self.model.coupons)
    @rule(number=which, is_tapped_again=st.booleans())
    def undo_redemption(self, number: int, is_tapped_again: bool) -> None:  # noqa: FBT001 (Hypothesis names it)
        coupon = self.mostly_redeemed(number)
        expected = self.model.undo_redemption(self.model.coupons[coupon])
        self.does(
            lambda side, session: sides.word(
                undo.undo_redemption(session, side.coupon_ids[coupon], "mistake", None, self.now)
            ),
            expected,
        )
        if is_tapped_again:
            self.tap([coupon])

    @rule(campaign=which_campaign, count=st.one_of(st.none(), st.integers(1, 4)))
    def top_up(self, campaign: int, count: int | None) -> None:
        """A pack of `count` serials, or of two of the same."""
        packs = self.model.campaigns[campaign].packs
        pack = model.Pack([f"P{len(packs)}-{place}" for place in range(count)] if count else ["FIXED"] * 2)

        def work(side: Side, session: Session) -> None:
            if count:
                file = "\n".join(["serial", *pack.codes]).encode()
                added = serials.import_csv(session, side.campaign_ids[campaign], file, self.now)
            else:
                added = serials.add_fixed(session, side.campaign_ids[campaign], "FIXED", 2, self.now)
            side.pack_ids[campaign].append(added.id)

        packs.append(pack)
        self.does(work)

    @rule(campaign=which_campaign, number=which, word=st.sampled_from(["withdraw", "restore"]))
    def withdraw(self, campaign: int, number: int, word: str) -> None:
        packs = self.model.campaigns[campaign].packs
        pack = number % len(packs)
        packs[pack].is_withdrawn = is_withdrawn = word == "withdraw"

        def work(side: Side, session: Session) -> object:
            pack_id = side.pack_ids[campaign][pack]
            done = (
                serials.withdraw(session, pack_id, self.now)
                if is_withdrawn
                else serials.restore(session, pack_id, self.now)
            )
            return isinstance(done, Pack)

        self.does(work, expected=True)

    @rule(campaign=which_campaign, limit=limit)
    def set_limit(self, campaign: int, limit: int) -> None:
        if not self.model.campaigns[campaign].is_archived:
            self.model.campaigns[campaign].limit = limit
        self.changes(campaign, "changed", redemption_limit=limit)

    @rule(campaign=which_campaign, total=total)
    def set_total(self, campaign: int, total: int | None) -> None:
        changed = self.model.campaigns[campaign]
        is_enough = total is None or total >= self.model.redeemed(changed)
        if is_enough and not changed.is_archived:
            changed.total = total
        self.changes(campaign, "changed" if is_enough else "campaign_cannot_change_so", total_limit=total)

    @rule(campaign=which_campaign, hours=st.one_of(st.none(), st.integers(1, 30)))
    def show_until(self, campaign: int, hours: int | None) -> None:
        changed, at = self.model.campaigns[campaign], hours and self.now + timedelta(hours=hours)
        if not changed.is_archived:
            changed.shown_until = at or None
        self.changes(campaign, "changed", shown_until=at or None)

    @rule(campaign=which_campaign, is_draft=st.booleans())
    def publish(self, campaign: int, is_draft: bool) -> None:  # noqa: FBT001 (Hypothesis names it)
        changed = self.model.campaigns[campaign]
        is_refused = is_draft and self.model.sent(changed) > 0
        if not changed.is_archived and not is_refused:
            changed.is_draft = is_draft
        self.changes(campaign, "campaign_cannot_change_so" if is_refused else "changed", is_published=not is_draft)

    @rule(campaign=which_campaign, word=st.sampled_from(["archive", *["unarchive"] * 2]))  # else most would be shut
    def archive(self, campaign: int, word: str) -> None:
        changed = self.model.campaigns[campaign]
        is_over = changed.is_draft or changed.is_ended or changed.is_archived
        is_over = is_over or (changed.shown_until is not None and self.now >= changed.shown_until)
        if word == "unarchive" or is_over:
            changed.is_archived = word == "archive"
        expected = "done" if word == "unarchive" or is_over else "campaign_still_runs"

        def work(side: Side, session: Session) -> object:
            deed = campaigns.archive if word == "archive" else campaigns.unarchive
            done = deed(session, side.specs[campaign].slug, self.now)
            return done.reason if isinstance(done, Refused) else "done"

        self.does(work, expected)

    def changes(self, campaign: int, expected: str, **values: Any) -> None:  # noqa: ANN401 (fields of a Spec)
        """Every side makes the change; to be as it is already is never refused, and of what is archived the rest is."""

        def work(side: Side, session: Session) -> object:
            before = side.specs[campaign]
            spec = replace(before, **values)
            done = campaigns.change(session, spec.slug, spec, None, Doer(), "console", self.now)
            if isinstance(done, Changed):
                side.specs[campaign] = spec
            if spec == before:
                assert isinstance(done, Changed) and not done.differences
                return answer
            return done.reason if isinstance(done, Refused) else "changed"

        answer = "archived" if self.model.campaigns[campaign].is_archived else expected
        self.does(work, answer)

    @rule(campaign=which_campaign, word=st.sampled_from(["end", *["resume"] * 2]))
    def end(self, campaign: int, word: str) -> None:
        ends = word == "end"
        is_kept = self.model.campaigns[campaign].is_archived and not ends
        if not is_kept:
            self.model.campaigns[campaign].is_ended = ends

        def work(side: Side, session: Session) -> object:
            slug = side.specs[campaign].slug
            done = campaigns.end(session, slug, self.now) if ends else campaigns.resume(session, slug, self.now)
            return done.reason if isinstance(done, Refused) else "done"

        self.does(work, "archived" if is_kept else "done")

    @rule(kept=which_contact, gone=which_contact)
    def merge(self, kept: int, gone: int) -> None:
        expected = self.model.merge(kept, gone)

        def work(side: Side, session: Session) -> object:
            return sides.word(
                persons.merge(session, side.person_ids[kept], side.person_ids[gone], "same", None, self.now)
            )

        self.does(work, expected)

    @invariant()
    def now_and_then_every_page_shows_the_truth(self) -> None:
        self.steps += 1
        if self.steps % PAGES_EVERY == 0:
            self.every_page_shows_the_truth()

    def every_page_shows_the_truth(self) -> None:
        for side in self.sides:
            with side.database.snapshot() as session:
                shown = [sides.shown(session, token, self.now) for token in side.tokens]
            assert shown == [self.model.shows(coupon, self.now) for coupon in self.model.coupons], (
                side.database.engine.name
            )

    def teardown(self) -> None:
        """What must always hold, and the campaigns' figures."""
        self.every_page_shows_the_truth()
        for side in self.sides:
            cast.count(side.database, self.now)
            assert verdict.broken(side.database) == {}, side.database.engine.name
            with side.database.snapshot() as session:
                funnels = statistics.funnels(session, side.campaign_ids)
                for campaign_id, campaign in zip(side.campaign_ids, self.model.campaigns, strict=True):
                    waits = (Claim.campaign_id == campaign_id) & Claim.answered_at.is_(None)
                    waiting = session.scalars(select(func.count()).where(waits)).one()
                    found = (*astuple(funnels[campaign_id]), serials.stock(session, campaign_id), waiting)
                    assert found == self.model.figures(campaign)

    def coupon(self, number: int) -> int:
        return number % len(self.model.coupons)

    def mostly_redeemed(self, number: int) -> int:
        """A coupon with a serial, where there is one; now and then any."""
        held = [place for place, coupon in enumerate(self.model.coupons) if coupon.holds]
        which, rest = divmod(number, 4)
        return self.coupon(which) if rest == 0 or not held else held[which % len(held)]

    def does(self, work: Callable[[Side, Session], object], expected: object = None) -> None:
        for side in self.sides:
            with side.database.write() as session:
                found = work(side, session)
            assert found == expected, side.database.engine.name
