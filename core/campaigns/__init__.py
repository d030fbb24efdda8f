"""Campaigns: what is given away, when, how often, and how it looks."""

from core.campaigns.changes import (
    Changed,
    ChangeRefused,
    apply,
    change,
    create,
    duplicate,
    free_slug,
    publish,
    unpublish,
)
from core.campaigns.checks import BARCODES, CampaignError, Mistake, check, check_all
from core.campaigns.consequences import Consequence, consequences
from core.campaigns.differences import Difference, between
from core.campaigns.history import Past, console_changes, since
from core.campaigns.lifecycle import archive, end, resume, unarchive
from core.campaigns.lookups import beginnings_of_sending, by_slug, ends_of_sending, every, slugs, unsent
from core.campaigns.spec import LANGUAGES, TRANSLATED, WORDS, Spec, spec_of
from core.campaigns.standing import Standing, standing
from core.campaigns.status import Status, status

__all__ = [
    "BARCODES",
    "LANGUAGES",
    "TRANSLATED",
    "WORDS",
    "CampaignError",
    "ChangeRefused",
    "Changed",
    "Consequence",
    "Difference",
    "Mistake",
    "Past",
    "Spec",
    "Standing",
    "Status",
    "apply",
    "archive",
    "beginnings_of_sending",
    "between",
    "by_slug",
    "change",
    "check",
    "check_all",
    "consequences",
    "console_changes",
    "create",
    "duplicate",
    "end",
    "ends_of_sending",
    "every",
    "free_slug",
    "publish",
    "resume",
    "since",
    "slugs",
    "spec_of",
    "standing",
    "status",
    "unarchive",
    "unpublish",
    "unsent",
]
