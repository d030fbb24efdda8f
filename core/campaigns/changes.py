"""Creating and changing a campaign: checked, not over what others did meanwhile, and written down."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from core.audit import Action, Doer
from core.campaigns import history, stores
from core.campaigns.checks import LONGEST_SLUG, CampaignError, Mistake, check, check_all
from core.campaigns.consequences import REFUSABLE, Consequence, consequences
from core.campaigns.differences import Difference, between
from core.campaigns.history import Past, Where
from core.campaigns.lookups import by_slug, slugs
from core.campaigns.spec import Spec, spec_of, tidied
from core.campaigns.standing import given, refusing
from core.reasons import Reason
from core.refusal import Refused
from db import locks
from db.insert import insert_unless_there
from db.tables import Campaign


@dataclass(frozen=True)
class Changed:
    """The campaign as it now is, and what was changed: nothing where it was so already."""

    campaign: Campaign
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class ChangeRefused(Refused):
    """Nothing was changed, and what goes with the reason, for whoever asked.

    CAMPAIGN_HAS_MISTAKES: the `mistakes`; CAMPAIGN_CANNOT_CHANGE_SO: the `consequences` that refuse it;
    CAMPAIGN_CHANGED_MEANWHILE: the changes `meanwhile`, as far as they were written down.
    """

    mistakes: tuple[Mistake, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    meanwhile: tuple[Past, ...] = ()


def create(session: Session, spec: Spec, doer: Doer, where: Where, now: datetime) -> Changed | ChangeRefused:
    """Make a new campaign. Refused: CAMPAIGN_HAS_MISTAKES, CAMPAIGN_EXISTS (one has the slug)."""
    spec = tidied(spec)
    if mistakes := _mistakes(session, spec):
        return ChangeRefused(Reason.CAMPAIGN_HAS_MISTAKES, spec.slug, mistakes=mistakes)
    values = vars(spec) | {"total_left": spec.total_limit, "revision": 1, "changed_in": where}
    del values["stores"]
    made = insert_unless_there(session, Campaign, values | {"created_at": now, "updated_at": now}, ["slug"])
    if made is None:
        return ChangeRefused(Reason.CAMPAIGN_EXISTS, spec.slug)
    campaign = session.get_one(Campaign, made)
    stores.keep(session, campaign, spec.stores)
    history.keep(session, campaign, "campaign.created", (), doer, now)
    return Changed(campaign)


def change(
    session: Session,
    slug: str,
    spec: Spec,
    based_on_revision: int | None,
    doer: Doer,
    where: Where,
    now: datetime,
) -> Changed | ChangeRefused:
    """Make the campaign as `spec` says, whose reader saw it at `based_on_revision` (None: however it is now).

    Refused: UNKNOWN_CAMPAIGN, CAMPAIGN_HAS_MISTAKES, ARCHIVED (unarchive it first), CAMPAIGN_CHANGED_MEANWHILE,
    CAMPAIGN_CANNOT_CHANGE_SO. To be as it is already is never refused, and leaves the revision.
    """
    spec = tidied(spec)
    campaign = locks.campaign_alone(session, slug)
    if campaign is None:
        return ChangeRefused(Reason.UNKNOWN_CAMPAIGN, slug)
    differences = between(spec_of(campaign), spec)
    if not differences:
        return Changed(campaign)
    if refused := _refusal(session, campaign, spec, based_on_revision, now):
        return refused
    _store(session, campaign, differences, where, now)
    history.keep(session, campaign, _action(differences), differences, doer, now)
    return Changed(campaign, differences)


def _refusal(
    session: Session, campaign: Campaign, spec: Spec, based_on_revision: int | None, now: datetime
) -> ChangeRefused | None:
    if mistakes := _mistakes(session, spec):
        return ChangeRefused(Reason.CAMPAIGN_HAS_MISTAKES, campaign.slug, mistakes=mistakes)
    if campaign.archived_at:
        return ChangeRefused(Reason.ARCHIVED, campaign.slug)
    if based_on_revision not in (None, campaign.revision):
        meanwhile = tuple(history.since(session, campaign.slug, based_on_revision or 0))
        return ChangeRefused(Reason.CAMPAIGN_CHANGED_MEANWHILE, campaign.slug, meanwhile=meanwhile)
    before = spec_of(campaign)
    changed = {one.field for one in between(before, spec)}
    if not REFUSABLE.isdisjoint(changed):
        found = consequences(before, spec, refusing(session, campaign, changed, now))
        if against := tuple(one for one in found if one.is_refused):
            return ChangeRefused(Reason.CAMPAIGN_CANNOT_CHANGE_SO, campaign.slug, consequences=against)
    return None


def _mistakes(session: Session, spec: Spec) -> tuple[Mistake, ...]:
    known = stores.names(session) if spec.stores else ()
    return (*check_all(spec), *stores.unknown(spec.stores, known))


def _store(
    session: Session, campaign: Campaign, differences: tuple[Difference, ...], where: Where, now: datetime
) -> None:
    if any(one.field == "total_limit" for one in differences):
        campaign.total_left = _total_left(session, campaign, differences)
    for one in differences:
        if one.field == "stores":
            stores.keep(session, campaign, one.after)
        else:
            setattr(campaign, one.field, one.after)
    campaign.revision += 1
    campaign.changed_in = where
    campaign.updated_at = now
    session.flush()


def _total_left(session: Session, campaign: Campaign, differences: tuple[Difference, ...]) -> int | None:
    """What a new total limit leaves. The campaign is locked alone: nobody redeems between the count and the limit."""
    limit = next(one.after for one in differences if one.field == "total_limit")
    if limit is None:
        return None
    return int(limit) - given(session, campaign)


def _action(differences: tuple[Difference, ...]) -> Action:
    if [one.field for one in differences] != ["is_published"]:
        return "campaign.changed"
    return "campaign.published" if differences[0].after else "campaign.unpublished"


def duplicate(
    session: Session, slug: str, new_slug: str, doer: Doer, where: Where, now: datetime
) -> Changed | ChangeRefused:
    """A draft that is as the campaign `slug`, without its serials. Refused: UNKNOWN_CAMPAIGN, or as `create`."""
    found = by_slug(session, slug)
    if found is None:
        return ChangeRefused(Reason.UNKNOWN_CAMPAIGN, slug)
    return create(session, replace(spec_of(found), slug=new_slug, is_published=False), doer, where, now)


def free_slug(session: Session, slug: str) -> str:
    """A name like `slug` that no campaign has yet: summer-tea-2."""
    taken, number = set(slugs(session)), 2
    while (name := f"{slug[: LONGEST_SLUG - len(str(number)) - 1]}-{number}".replace("--", "-")) in taken:
        number += 1
    return name


def publish(session: Session, slug: str, doer: Doer, where: Where, now: datetime) -> Changed | ChangeRefused:
    """Let the campaign's coupons be sent. Refused: as `change`."""
    return _set_published(session, slug, doer, where, now, is_published=True)


def unpublish(session: Session, slug: str, doer: Doer, where: Where, now: datetime) -> Changed | ChangeRefused:
    """Make the campaign a draft again, as long as nothing of it was sent. Refused: as `change`."""
    return _set_published(session, slug, doer, where, now, is_published=False)


def _set_published(
    session: Session, slug: str, doer: Doer, where: Where, now: datetime, *, is_published: bool
) -> Changed | ChangeRefused:
    found = locks.campaign_alone(session, slug)
    if found is None:
        return ChangeRefused(Reason.UNKNOWN_CAMPAIGN, slug)
    return change(session, slug, replace(spec_of(found), is_published=is_published), None, doer, where, now)


def apply(session: Session, spec: Spec, now: datetime) -> tuple[Campaign, str]:
    """Create the campaign or change it to be as `spec` says; the second value is 'created', 'changed' or 'unchanged'.

    Whatever was done to it before, as somebody at the command line.

    Raises:
        CampaignError: a field that cannot be as asked. Nothing is changed then.
    """
    check(tidied(spec))
    is_new = by_slug(session, spec.slug) is None
    done = (
        create(session, spec, Doer(), "file", now)
        if is_new
        else change(session, spec.slug, spec, None, Doer(), "file", now)
    )
    if isinstance(done, ChangeRefused):
        raise CampaignError(" ".join(one.en for one in done.consequences) or f"{done.detail}: {done.reason}.")
    return done.campaign, "created" if is_new else "changed" if done.differences else "unchanged"
