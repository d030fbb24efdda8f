"""Every critical statement with a rival before and after it: both come to what one after the other would have.

By default on SQLite a rival comes before a transaction, just after its beginning, here and there amid it, and after it.

Writers of SQLite also stand in a line of their own; here nobody does, so that what excludes others is BEGIN IMMEDIATE.
"""

import io
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from core import campaigns, claims, contacts, coupons, persons, serials, symbologies, undo, verification
from core.audit import Doer
from core.claims import Tap
from core.imports import encodings, files, loading, uploads
from core.imports.uploads import Wish
from core.refusal import Refused
from core.verification import Actor
from db import database as database_module
from db import locks
from db.database import Database
from db.tables import BadRow, Campaign, Contact, Coupon, Pack, Redemption, Serial
from tests import cast
from tests.databases import Sqlite
from tests.proof import order, sizes, verdict
from tests.proof.interleaving import Work, one_after_the_other, race
from tests.proof.order import Stage, Words
from tests.system.test_redemption_race import drop_constraints

MOST_STEPS = 40
STEPS = range(MOST_STEPS)
# Who comes amid a transaction waits for its end, wherever; the control shows that these moments are enough.
SQLITE_STEPS = STEPS if sizes.IS_PROOF else [at for at in STEPS if at % 5 < 2]
SENDING = range(7)  # steps of a coupon's sending
LOADING = range(14)  # steps of an import's last chunk
IMPORTING = range(8, 28)  # steps of an import: from before its pack is there until its codes are
MINUTE = timedelta(minutes=1)


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


def limit_to_one(stage: Stage) -> Work:
    spec = replace(cast.TEA, slug=stage.campaign.slug, total_limit=1)
    return lambda session: campaigns.change(session, spec.slug, spec, None, Doer(), "console", stage.now)


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
    "two persons and the last of a total limit": (tap("mei"), tap("alex")),
    "a tap and an undo under a total limit": (tap("mei"), undo_eves),
    "an undo and a tap under a total limit": (undo_eves, tap("mei")),
    "a tap and a new total limit": (tap("mei"), limit_to_one),
    "a new total limit and a tap": (limit_to_one, tap("mei")),
}
TOTALS = {name: 2 for name in PAIRS if name.endswith("a total limit")}  # one of the two is Eve's


# Each lock of db/locks.py as a plain SELECT, and the races that it is there for.
UNLOCKED: Mapping[str, tuple[Callable[..., object], tuple[str, ...]]] = {
    "campaigns_of": (
        lambda session, tokens: session.scalars(
            select(Campaign).where(Campaign.id.in_(select(Coupon.campaign_id).where(Coupon.token.in_(tokens))))
        ).all(),
        ("one person's two coupons", "two persons and the last serial"),
    ),
    "campaign": (
        lambda session, campaign_id: session.get_one(Campaign, campaign_id, populate_existing=True),
        ("two answers", "an answer and a tap of one person"),
    ),
    "redemption": (
        lambda session, coupon_id: session.scalar(select(Redemption).where(Redemption.coupon_id == coupon_id)),
        ("an undo and a verification",),
    ),
    "redemption_kept": (
        lambda session, coupon_id: session.scalar(select(Redemption).where(Redemption.coupon_id == coupon_id)),
        ("a verification and an undo",),
    ),
    "contact": (
        lambda session, contact_id: session.get_one(Contact, contact_id, populate_existing=True),
        ("two merges",),
    ),
}


@pytest.fixture(autouse=True)
def nobody_stands_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "_turn", lambda _: nullcontext())


@pytest.mark.parametrize("pair", PAIRS)
def test_a_rival_before_any_statement_changes_nothing_that_must_hold(
    database: Database, now: datetime, pair: str
) -> None:
    steps = SQLITE_STEPS if database.is_sqlite else STEPS
    assert list(_wrong(database, now, pair, steps)) == []


@pytest.mark.parametrize("lock", UNLOCKED)
def test_without_one_lock_a_rival_gets_in_between(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    """The control on PostgreSQL: for each lock, some race that it is there for goes wrong without it."""
    plain, pairs = UNLOCKED[lock]
    monkeypatch.setattr(locks, lock, plain)
    wrong = [one for pair in pairs for one in _wrong(unguarded, now, pair)]
    assert wrong, f"no rival ever got in between without locks.{lock}: its races prove nothing"


@pytest.mark.parametrize("pair", ["one person's two coupons", "two persons and the last serial", "two undos"])
def test_without_its_transaction_on_sqlite_a_rival_gets_in_between(
    sqlite: Sqlite, tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch, pair: str
) -> None:
    """The control on SQLite, where BEGIN IMMEDIATE is every lock: each statement for itself."""
    monkeypatch.setattr(database_module, "_begin_sqlite", lambda _: None)
    database = Database(sqlite.fresh(tmp_path))
    wrong = list(_wrong(database, now, pair, SQLITE_STEPS))
    database.dispose()
    assert wrong, "no rival ever got in between: the races above prove nothing"


def test_without_lock_and_constraints_a_total_limit_is_passed(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control on PostgreSQL."""
    monkeypatch.setattr(locks, "campaigns_of", UNLOCKED["campaigns_of"][0])
    drop_constraints(unguarded)
    with unguarded.write() as session:
        session.execute(text("ALTER TABLE campaigns DROP CONSTRAINT ck_campaigns_total_left_within_total_limit"))
    wrong = list(_wrong(unguarded, now, "two persons and the last of a total limit"))
    assert [one for one in wrong if "total_limit_counts" in one or "2, -1)" in one], wrong


def test_a_campaign_does_not_become_a_draft_while_its_coupon_is_sent(database: Database, now: datetime) -> None:
    assert [_draft_sent(database, now, at) for at in SENDING] == [{} for _ in SENDING]


def test_without_the_campaign_kept_a_draft_is_sent(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    by_slug = select(Campaign).execution_options(populate_existing=True)
    monkeypatch.setattr(
        locks, "campaign_sent", lambda session, slug: session.scalar(by_slug.where(Campaign.slug == slug))
    )
    assert any("drafts_are_unsent" in _draft_sent(unguarded, now, at) for at in SENDING)


def _draft_sent(database: Database, now: datetime, at: int) -> Mapping[str, object]:
    """What is broken, when a campaign becomes a draft before step `at` of a coupon's sending."""
    slug = f"tea-{uuid.uuid4().hex[:8]}"
    with database.write() as session:
        campaign = campaigns.apply(session, replace(cast.TEA, slug=slug), now)[0]
        serials.import_csv(session, campaign.id, b"serial\nTEA-0001", now)
        cast.contact(session, cast.MEI, now)
    done = race(
        database,
        lambda session: coupons.send(session, slug, cast.contact(session, cast.MEI, now), now),
        lambda session: campaigns.unpublish(session, slug, Doer(), "console", now),
        at,
    )
    assert done.failures == []
    return verdict.broken(database)


def test_serials_are_checked_against_the_barcode_that_the_campaign_has(database: Database, now: datetime) -> None:
    assert [_unfit(database, now, at) for at in IMPORTING] == [[] for _ in IMPORTING]


def test_without_the_campaign_alone_its_barcode_changes_under_an_import(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control. What the import holds against it, its rows' foreign keys hold as well."""
    by_slug = select(Campaign).execution_options(populate_existing=True)
    monkeypatch.setattr(
        locks, "campaign_alone", lambda session, slug: session.scalar(by_slug.where(Campaign.slug == slug))
    )
    unfit = [code for at in IMPORTING for code in _unfit(unguarded, now, at)]
    assert unfit, "no barcode ever changed under an import: the race above proves nothing"


def _unfit(database: Database, now: datetime, at: int) -> list[str]:
    """The serials that their campaign's barcode cannot carry, when it is changed before step `at` of an import."""
    spec = replace(cast.TEA, slug=f"tea-{uuid.uuid4().hex[:8]}", barcode="qr")
    with database.write() as session:
        campaign_id = campaigns.apply(session, spec, now)[0].id
    done = race(
        database,
        lambda session: serials.import_csv(session, campaign_id, b"serial\nlower-case", now),
        lambda session: campaigns.apply(session, replace(spec, barcode="code39"), now),
        at,
    )
    assert [one for one in done.failures if not isinstance(one, serials.PackError | campaigns.CampaignError)] == []
    with database.read() as session:
        barcode = session.get_one(Campaign, campaign_id).barcode
        codes = session.scalars(select(Serial.code).where(Serial.campaign_id == campaign_id)).all()
    return [code for code in codes if symbologies.refusal(barcode, code)]


def test_a_code_is_fixed_or_unique_whoever_adds_it_while_a_file_is_loaded(database: Database, now: datetime) -> None:
    assert [_both(database, now, at) for at in LOADING] == [False for _ in LOADING]


def test_without_the_campaign_kept_a_code_becomes_fixed_and_unique(
    unguarded: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(locks, "campaign_kept", lambda session, campaign_id: session.get_one(Campaign, campaign_id))
    assert any(_both(unguarded, now, at) for at in LOADING), "nobody ever got in between"


def _both(database: Database, now: datetime, at: int) -> bool:
    """Whether a code is both, when it is added as a fixed one before step `at` of an import's second chunk."""
    content = b"serial\n" + b"".join(b"%d\n" % number for number in range(40)) + b"FREE\n"
    with pytest.MonkeyPatch.context() as small, database.write() as session:
        small.setattr(encodings, "PIECE", 100)
        campaign_id = campaigns.apply(session, replace(cast.TEA, slug=f"tea-{uuid.uuid4().hex[:8]}"), now)[0].id
        file = io.BytesIO(content)
        looked = files.look(file, len(content) + 1, "utf-8")
        assert not isinstance(looked, Refused)
        made = uploads.accept(session, campaign_id, file, looked, Wish("", has_header=True), Doer(), now)
        loading.step(session, made.id, now)
        assert (made.state, made.good > 20) == ("loading", True)
    done = race(
        database,
        lambda session: loading.step(session, made.id, now),
        lambda session: serials.add_fixed(session, campaign_id, "FREE", 5, now),
        at,
    )
    assert [one for one in done.failures if not isinstance(one, serials.PackError)] == []
    with database.read() as session:
        is_unique = session.scalar(select(Serial.code).where(Serial.campaign_id == campaign_id, Serial.code == "FREE"))
        fixed = session.scalar(select(Pack.id).where(Pack.campaign_id == campaign_id, Pack.fixed_code == "FREE"))
        bad = session.scalar(select(BadRow.reason).where(BadRow.import_id == made.id))
    assert (is_unique is not None or fixed is not None) and (bad is None) == (is_unique is not None)
    return is_unique is not None and fixed is not None


def _wrong(database: Database, now: datetime, pair: str, steps: Iterable[int] = STEPS) -> Iterator[str]:
    """What goes wrong, the rival beginning before each of `steps` or after the last that there is.

    Failures, what neither order of the two would have come to, and what must always hold and does not.
    """
    subject, rival = PAIRS[pair]
    lawful = [_in_order(database, now, pair, is_rival_first=first) for first in (False, True)]
    for at in steps:
        stage = _set(database, now, TOTALS.get(pair))
        done = race(database, subject(stage), rival(stage), at)
        _answer_the_rest(database, stage)
        found = order.outcome(database, stage, done)
        if done.failures:
            yield f"before step {at}: {done.failures}"
        elif found not in lawful:
            yield f"before step {at}: {found}, not one of {lawful}"
        if at > done.steps:
            break
    else:
        raise AssertionError(f"more than {MOST_STEPS} steps")
    if broken := verdict.broken(database):
        yield f"after all: {broken}"


def _in_order(database: Database, now: datetime, pair: str, *, is_rival_first: bool) -> Words:
    stage = _set(database, now, TOTALS.get(pair))
    subject, rival = PAIRS[pair]
    done = one_after_the_other(database, subject(stage), rival(stage), is_rival_first=is_rival_first)
    assert done.failures == []
    _answer_the_rest(database, stage)
    return order.outcome(database, stage, done)


def _answer_the_rest(database: Database, stage: Stage) -> None:
    with database.write() as session:
        claims.answer_batch(session, stage.campaign.id, stage.now)


def _set(database: Database, now: datetime, total: int | None) -> Stage:
    """A stage of its own for each race: other races' rows are in the same tables. With a total limit, more serials."""
    slug = f"tea-{uuid.uuid4().hex[:8]}"
    accounts = tuple(("line", f"{name}-{slug}") for name in ("mei", "alex", "eve"))
    mei, alex, eve = accounts
    with database.write() as session:
        campaign, _ = campaigns.apply(session, replace(cast.TEA, slug=slug, total_limit=total), now)
        pack_id = _pack(session, campaign.id, 3 if total else 2, now)
        tokens = [cast.sent(session, who, now, slug) for who in (mei, mei, alex, eve)]
        eve_id = session.scalars(select(Coupon.id).where(Coupon.token == tokens[3])).one()
    cast.redeem(database, tokens[3], now)
    with database.write() as session:
        claims.claim(session, tokens[1], now)
    return Stage(tokens[0], tokens[1], tokens[2], tokens[3], eve_id, campaign, pack_id, accounts, now)


def _pack(session: Session, campaign_id: int, size: int, now: datetime) -> int:
    """As redeeming sees one that was imported, in a third of the time: there are hundreds of stages."""
    pack = Pack(campaign_id=campaign_id, name="tea", size=size, taken=0, created_at=now)
    session.add(pack)
    session.flush()
    for position in range(1, size + 1):
        code = f"TEA-{position:04d}"
        session.add(Serial(pack_id=pack.id, position=position, campaign_id=campaign_id, code=code))
    return pack.id
