"""Anything a shop can do, in any order and as often as one likes: SQLite, PostgreSQL and a plain model agree.

What is done is drawn at random; where they differ, hypothesis prints the shortest story that shows it. What is answered
is compared at once, what every page shows after each fifth deed and at the end; with PROVE after each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import limits, persons, redemption, serials
from core.reasons import Reason
from core.redemption import Stock
from core.refusal import Refused
from db.database import Database
from db.tables import Campaign, Pack
from tests.databases import Postgres, Sqlite
from tests.proof import sizes
from tests.proof.conftest import Say
from tests.proof.stories import Story

MOST_EXAMPLES = 300
EXAMPLES, STEPS = (MOST_EXAMPLES, 60) if sizes.IS_PROOF else (14, 50)
ANY_SEED = 6


@pytest.fixture
def databases(sqlite: Sqlite, postgres: Postgres, tmp_path: Path) -> Iterator[list[Database]]:
    url = postgres.fresh()
    opened = [Database(sqlite.fresh(tmp_path)), Database(url)]
    yield opened
    for database in opened:
        database.dispose()
    postgres.drop(url)


def test_whatever_is_done_in_whatever_order_both_databases_and_the_model_agree(
    databases: list[Database], say: Say
) -> None:
    seed = sizes.seed()
    say(f"state machine: {EXAMPLES} stories of up to {STEPS} steps, seed {seed}")
    _run(databases, seed, EXAMPLES, tuple(Phase))


def _no_limit(campaign: Campaign, expires_at: datetime | None, _: int, left: int, now: datetime) -> Reason | None:
    return _refusal(campaign, expires_at, 0, left, now)


def _no_end(campaign: Campaign, _: datetime | None, redeemed: int, left: int, now: datetime) -> Reason | None:
    return _refusal(campaign, None, redeemed, left, now)


def _no_total(campaign: Campaign, left: int) -> int:  # noqa: ARG001 (the rule's)
    return left


def _nothing_back(packs: Sequence[Stock]) -> Iterator[tuple[int, int]]:
    return _positions([replace(pack, returned=()) for pack in packs])


def _not_withdrawn(session: Session, pack_id: int, now: datetime) -> Pack | Refused:
    return serials.restore(session, pack_id, now)


_refusal, _positions = redemption.refusal, redemption._positions  # noqa: SLF001


@pytest.mark.parametrize(
    ("module", "guard", "without"),
    [
        (redemption, "refusal", _no_limit),
        (redemption, "refusal", _no_end),
        (limits, "can_give", _no_total),
        (limits, "counted_under", lambda _campaign, person_id, _first: person_id),
        (redemption, "_positions", _nothing_back),
        (serials, "withdraw", _not_withdrawn),
        (persons, "_move_redemptions", lambda *_: None),
    ],
    ids=["limit", "expiration", "total", "by contact", "returned", "withdrawn", "merged"],
)
def test_control_a_rule_left_out_is_found(
    databases: list[Database],
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    guard: str,
    without: object,
) -> None:
    """It takes some ten stories, by some seeds a hundred; the long form has more."""
    monkeypatch.setattr(module, guard, without)
    with pytest.raises((AssertionError, SQLAlchemyError, StopIteration)):
        _run(databases[:1], ANY_SEED, MOST_EXAMPLES, [Phase.generate])


def _run(databases: list[Database], seed: int, examples: int, phases: Sequence[Phase]) -> None:
    options = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=phases,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

    class Seeded(Story):
        def __init__(self) -> None:
            super().__init__(databases)

    run_state_machine_as_test(hypothesis.seed(seed)(Seeded), settings=options)
