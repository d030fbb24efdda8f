"""Pictures that nothing needs any more: which these are, when they go, and that none goes that is just being chosen."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import campaigns, flows, images, serials, unused_images
from core.audit import Doer
from core.campaigns import Changed
from core.flows import Draft
from db.database import Database
from db.tables import Campaign, FlowDraft, Image
from tests import cast
from tests.core.test_images import png
from tests.proof import interleaving
from tests.proof.interleaving import Work

DAY = timedelta(days=1)
MIA = Doer(None, "mia")


def looked_for(database: Database, now: datetime) -> int:
    """What the periodic process does once a day; how many went."""
    with database.read() as session:
        unused = unused_images.find(session)
    with database.write() as session:
        unused_images.mark(session, unused, now)
        return unused_images.remove(session, now)


def test_a_picture_goes_once_nothing_has_needed_it_for_30_days(database: Database, now: datetime) -> None:
    names = ("tried", "chosen", "of a flow", "in a draft", "replaced", "replaced unseen", "of a draft")
    with database.write() as session:
        ids = {name: images.store(session, png((64, 64 + place)), "a.png") for place, name in enumerate(names)}
        pictures = {"pictures/tea.jpg": ids["of a flow"]}
        flows.publish(session, Draft("tea", "say: tea", {"flow": "tea", "steps": []}, pictures), now)
        address = f"https://shop.example/images/{ids['in a draft']}"
        session.add(FlowDraft(name="next", source=f"image: {address}", based_on=0, updated_at=now))
        for slug, before, after in (
            ("summer-tea", "replaced", "chosen"),
            ("a-draft", "replaced unseen", "of a draft"),
        ):
            spec = replace(cast.TEA, slug=slug, image_id=ids[before], is_published=slug == "summer-tea")
            made = campaigns.create(session, spec, MIA, "console", now)
            assert isinstance(made, Changed)
            if spec.is_published:
                serials.add_fixed(session, made.campaign.id, "FREE", 1, now)
                cast.sent(session, cast.MEI, now)
            campaigns.change(session, slug, replace(spec, image_id=ids[after]), None, MIA, "console", now)
    assert [looked_for(database, now + days * DAY) for days in (0, 1, 29)] == [0, 0, 0]
    with database.write() as session:
        campaigns.change(session, "a-draft", replace(spec, image_id=ids["tried"]), None, MIA, "console", now)
    assert looked_for(database, now + 30 * DAY) == 1  # since the draft has another one, its last is unused from now on
    assert [looked_for(database, now + days * DAY) for days in (59, 60, 90)] == [0, 1, 0]
    with database.read() as session:
        left = set(session.scalars(select(Image.id)))
    assert left == {ids[name] for name in ("tried", "chosen", "of a flow", "in a draft", "replaced")}
    with database.write() as session:  # marked all the same: what a campaign has is not removed, and stops nothing
        session.execute(update(Image).values(unused_since=now))
        assert unused_images.remove(session, now + 30 * DAY) == 3
        assert set(session.scalars(select(Image.id))) == {ids["tried"], ids["chosen"]}


def _remove(now: datetime) -> Work:
    return lambda session: unused_images.remove(session, now)


def _choose(now: datetime, picture: bytes, slug: str) -> Work:
    def work(session: Session) -> None:
        image_id = images.store(session, picture, "a.png")
        campaigns.create(session, replace(cast.TEA, slug=slug, image_id=image_id), MIA, "console", now)

    return work


@pytest.mark.parametrize("is_removal_first", [True, False])
def test_a_picture_that_is_chosen_while_it_is_removed_is_there(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch, *, is_removal_first: bool
) -> None:
    monkeypatch.setattr(Database, "_turn", lambda _: nullcontext())  # what excludes others is BEGIN IMMEDIATE
    at, steps = 0, 0
    while at <= steps:
        picture, slug = png((64, 64 + at)), f"tea-{at}"
        with database.write() as session:
            image_id = images.store(session, picture, "a.png")
            old = update(Image).where(Image.id == image_id).values(unused_since=now - unused_images.KEPT)
            session.execute(old)
        both = (_remove(now), _choose(now, picture, slug))
        done = interleaving.race(database, *(both if is_removal_first else both[::-1]), at)
        assert done.failures == []
        with database.read() as session:
            found = select(Campaign.image_id, Image.unused_since).join(Image, Image.id == Campaign.image_id)
            assert session.execute(found.where(Campaign.slug == slug)).one() == (image_id, None)
        at, steps = at + 1, done.steps
