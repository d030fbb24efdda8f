"""Generated flows say the same in a trial and in a shop with a database, and leave the contact with the same."""

import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from bot.catalog import Catalog
from bot.language.model import Flow
from bot.rehearsal.acts import Act, Passes, Uses, Writes
from bot.rehearsal.deeds import Failed, Spoke
from bot.rehearsal.playing import play
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from core import contacts
from db.database import Database
from db.tables import ContactAttribute, ContactTag, Wait
from tests import cast, release
from tests.bot.generated_flows import ASK_BIRTHDAY, MAY_FAIL, good_flows, steps
from tests.bot.rehearsal.test_truth import Patient
from tests.bot.test_conversation import FLOWS, SECOND

WORDS = ["tea", "milk", "2", "2026-12-24", "0912345678", "a@b.example", "{{ 7*7 }}"]
ACTS: some.SearchStrategy[Act] = some.one_of(
    some.builds(Writes, some.sampled_from(WORDS)),
    some.builds(Passes, some.sampled_from([timedelta(minutes=30), timedelta(hours=9), timedelta(days=2)])),
    some.just(Uses("redeemed", "tea")),
)
# Plain words: how each app shows pictures, cards and long texts is of the channels' own tests.
TEXTS = some.sampled_from(["hi", "{{ answers.one }}", {"zh-Hant": "{{ contact.name }}", "en": "{{ attributes.x }}"}])
SAYS = some.fixed_dictionaries({"text": some.lists(TEXTS, min_size=1, max_size=3)})
STEPS = steps(TEXTS, SAYS, some.just("pictures/tea.jpg"))
CAMPAIGN = replace(cast.TEA, slug="tea", name="Tea", redemption_limit=1000)

Kept = tuple[dict[str, Any], dict[str, str], set[str], bool]  # the place, attributes, tags, whether a person answers


class Shop(Patient):
    """A shop with the generated flow and the one that it may call; a new customer for each example."""

    def __init__(self, database: Database, now: datetime, folder: Path) -> None:
        self.database, self.now, self.folder, self.catalog = database, now, folder, Catalog()
        self._numbers = iter(range(100_000))
        (folder / "pictures").mkdir()
        (folder / "pictures" / "tea.jpg").write_bytes((FLOWS / "pictures" / "summer-tea.jpg").read_bytes())
        with database.write() as session:
            cast.campaign(session, now, CAMPAIGN, codes=1000)
        self._publish(ASK_BIRTHDAY)

    def opens_with(self, flow: Flow) -> None:
        """Publish the flow, and let somebody new come."""
        self._publish(flow)
        self.catalog, self.who = Catalog(), ("line", f"U{next(self._numbers):032x}")
        with self.database.write() as session:
            contact = cast.contact(session, self.who, self.now)
            contacts.note_profile(contact, "小美", "", "zh-TW", self.now)
            self.contact_id = contact.id

    def _publish(self, flow: Flow) -> None:
        file = self.folder / f"{flow.flow}.yaml"
        document = flow.model_dump(mode="json", by_alias=True, exclude_unset=True)
        file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        with self.database.write() as session:
            release.publish(session, file, self.now)

    def does(self, act: Act) -> list[str]:
        match act:
            case Writes(text):
                return self.act(text=text)
            case Passes(time):
                return self.passes(time)
            case _:
                return self.redeems()

    def due_at(self) -> datetime | None:
        with self.database.read() as session:
            return session.scalar(select(Wait.due_at).where(Wait.contact_id == self.contact_id))

    def keeps(self) -> Kept:
        place = self.place()
        with self.database.read() as session:
            attributes = select(ContactAttribute).where(ContactAttribute.contact_id == self.contact_id)
            tags = select(ContactTag.tag).where(ContactTag.contact_id == self.contact_id)
            return (
                standing(place.state if place and place.flow_version_id else {}),
                {one.name: one.value for one in session.scalars(attributes)},
                set(session.scalars(tags)),
                bool(place and place.handed_over_at),
            )


def standing(state: dict[str, Any]) -> dict[str, Any]:
    """Where a flow stands and what it was answered; numbers of versions and addresses are each shop's own."""
    return {
        name: state.get(name) for name in ("step", "waits_for", "answers", "tries", "is_ended", "due_at", "chances")
    }


def trial_keeps(world: World) -> Kept:
    return standing(world.state), dict(world.attributes), set(world.tags), bool(world.handed_over)


@pytest.fixture
def shop(database: Database, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """One in which nothing happens by chance: each conversation's luck is 0, as in the trial."""
    randbits = secrets.randbits
    monkeypatch.setattr(secrets, "randbits", lambda bits: 0 if bits == 32 else randbits(bits))
    return Shop(database, now, tmp_path)


@settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # a failing example is a conversation that a person can read
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(good_flows(STEPS, "[{words: [go]}]"), some.lists(ACTS, min_size=8, max_size=12))
def test_a_generated_flow_does_the_same_with_and_without_a_database(
    shop: Shop, made: tuple[Flow, set[str]], acts: list[Act]
) -> None:
    flow, warned = made
    assume(not warned & MAY_FAIL)
    shop.opens_with(flow)
    stage = Stage([flow, ASK_BIRTHDAY])
    world = World(now=shop.now, channel="line", language="zh-TW", name="小美", shop="日日茶")
    for act in [Writes("go"), *acts]:
        now = shop.now + SECOND if isinstance(act, Writes) else shop.now
        before, (world, deeds) = world, play(stage, world.model_copy(update={"now": now}), act)
        if any(isinstance(deed, Failed) for deed in deeds):
            world = before
            continue
        said = [deed.seen.text for deed in deeds if isinstance(deed, Spoke)]
        assert [words for words in shop.does(act) if words != "image"] == said, act
        assert shop.keeps() == trial_keeps(world), act
