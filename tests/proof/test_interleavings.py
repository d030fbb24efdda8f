"""Every critical statement with a rival before and after it: whatever the order, what must hold holds."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import campaigns, claims, contacts, coupons, invariants, persons, serials, undo, verification
from core.claims import Tap
from core.verification import Actor
from db import database as database_module
from db import locks
from db.database import Database
from db.tables import Campaign, Coupon
from tests import cast
from tests.proof.interleaving import Race, Work, race

MOST_STATEMENTS = 40
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Stage:
    """A campaign with two serials and limit 1. Mei has two coupons, one claimed; Alex has one; Eve redeemed hers."""

    mei: str
    mei_again: str
    alex: str
    eve: str
    eve_id: int
    campaign: Campaign
    pack_id: int
    accounts: tuple[tuple[str, str], ...]
    now: datetime


def tap(token: str) -> Callable[[Stage], Work]:
    return lambda stage: lambda session: claims.answer_taps(session, [Tap(getattr(stage, token), stage.now)], stage.now)


def claim(token: str) -> Callable[[Stage], Work]:
    return lambda stage: lambda session: claims.claim(session, getattr(stage, token), stage.now)


def answer(stage: Stage) -> Work:
    return lambda session: claims.answer_batch(session, stage.campaign.id, stage.now)


def undo_eves(stage: Stage) -> Work:
    return lambda session: undo.undo_redemption(session, stage.eve_id, "a mistake", None, stage.now)


def verify_eves(stage: Stage) -> Work:
    return lambda session: verification.verify(session, stage.eve_id, "TEA-0001", Actor("pos"), stage.now)


def open_meis(stage: Stage) -> Work:
    return lambda session: coupons.open_page(session, stage.mei, "Safari", stage.now + MINUTE)


def withdraw(stage: Stage) -> Work:
    return lambda session: serials.withdraw(session, stage.pack_id, stage.now)


def end(stage: Stage) -> Work:
    return lambda session: campaigns.end(session, stage.campaign.slug, stage.now)


def merge_mei_into_alex(stage: Stage) -> Work:
    def work(session: Session) -> object:
        mei, alex = (contacts.person_of(session, *account) for account in stage.accounts[:2])
        assert mei is not None and alex is not None
        return persons.merge(session, alex, mei, "same number", None, stage.now)

    return work


def raise_limit(stage: Stage) -> Work:
    spec = replace(cast.TEA, slug=stage.campaign.slug, redemption_limit=2)
    return lambda session: campaigns.apply(session, spec, stage.now)


PAIRS: Mapping[str, tuple[Callable[[Stage], Work], Callable[[Stage], Work]]] = {
    "one coupon tapped twice": (tap("mei"), tap("mei")),
    "one person's two coupons": (tap("mei"), tap("mei_again")),
    "two persons and the last serial": (tap("mei"), tap("alex")),
    "a tap and a claim of one coupon": (tap("mei"), claim("mei")),
    "a claim and a tap of one coupon": (claim("mei"), tap("mei")),
    "an answer and a tap of one person": (answer, tap("mei")),
    "a tap and an answer of one person": (tap("mei"), answer),
    "two answers": (answer, answer),
    "a tap and its page's beacon": (tap("mei"), open_meis),
    "a beacon and a tap": (open_meis, tap("mei")),
    "a tap and an undo": (tap("mei"), undo_eves),
    "an undo and a tap": (undo_eves, tap("mei")),
    "an undo and a verification": (undo_eves, verify_eves),
    "a verification and an undo": (verify_eves, undo_eves),
    "two verifications": (verify_eves, verify_eves),
    "two undos": (undo_eves, undo_eves),
    "a tap and a withdrawn pack": (tap("mei"), withdraw),
    "a withdrawn pack and a tap": (withdraw, tap("mei")),
    "a tap and the campaign's end": (tap("mei"), end),
    "the campaign's end and a tap": (end, tap("mei")),
    "a tap and a merge": (tap("mei"), merge_mei_into_alex),
    "a merge and a tap": (merge_mei_into_alex, tap("mei")),
    "two merges": (merge_mei_into_alex, merge_mei_into_alex),
    "a tap and a higher limit": (tap("mei"), raise_limit),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_a_rival_before_any_statement_changes_nothing_that_must_hold(
    database: Database, now: datetime, pair: str
) -> None:
    for done in _races(database, now, pair):
        assert done.failures == []
        _holds(database)


def test_without_its_locks_a_rival_gets_in_between(
    database_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same races, unguarded, must fail somewhere; the constraints are then what says so."""
    unlocked = select(Campaign).join(Coupon)
    monkeypatch.setattr(
        locks, "campaigns_of", lambda session, tokens: session.scalars(unlocked.where(Coupon.token == tokens[0])).all()
    )
    monkeypatch.setattr(database_module, "_begin_sqlite", lambda _: None)  # each statement for itself
    database = Database(database_url)
    pairs = ("one person's two coupons", "two persons and the last serial")
    failures = [failure for pair in pairs for done in _races(database, now, pair) for failure in done.failures]
    database.dispose()
    assert failures, "no rival ever got in between: the races above prove nothing"


def _races(database: Database, now: datetime, pair: str) -> Iterator[Race]:
    subject, rival = PAIRS[pair]
    for at in range(MOST_STATEMENTS):
        stage = _set(database, now)
        done = race(database, subject(stage), rival(stage), at)
        with database.write() as session:
            claims.answer_batch(session, stage.campaign.id, now)
        yield done
        if at > done.statements:
            return
    raise AssertionError(f"more than {MOST_STATEMENTS} statements")


def _set(database: Database, now: datetime) -> Stage:
    """A stage of its own for each race: other races' rows are in the same tables."""
    slug = f"tea-{uuid.uuid4().hex[:8]}"
    accounts = tuple(("line", f"{name}-{slug}") for name in ("mei", "alex", "eve"))
    mei, alex, eve = accounts
    with database.write() as session:
        campaign, _ = campaigns.apply(session, replace(cast.TEA, slug=slug), now)
        pack = serials.import_csv(session, campaign.id, b"serial\nTEA-0001\nTEA-0002", now)
        tokens = [cast.sent(session, who, now, slug) for who in (mei, mei, alex, eve)]
        eve_id = session.scalars(select(Coupon.id).where(Coupon.token == tokens[3])).one()
    cast.redeem(database, tokens[3], now)
    with database.write() as session:
        claims.claim(session, tokens[1], now)
    return Stage(tokens[0], tokens[1], tokens[2], tokens[3], eve_id, campaign, pack.id, accounts, now)


def _holds(database: Database) -> None:
    with database.snapshot() as session:
        broken = {one.invariant.name: one.examples for one in invariants.check(session) if one.examples}
    assert broken == {}
