"""A name in files for a new campaign, where nobody has chosen one."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from console.campaigns.entry import TEXTS, Words
from core import campaigns
from core.campaigns.checks import LONGEST_SLUG, SLUG
from web.services import services


def proposed(session: Session, words: Words, now: datetime) -> str:
    """From the Latin letters of its name, in whichever language it has some; else of the day: coupon-2026-12-01."""
    names = (words[text] for text in TEXTS if text.startswith("name."))
    written = (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_SLUG].strip("-") for name in names)
    today = f"coupon-{now.astimezone(services().shop.timezone):%Y-%m-%d}"
    slug = next((one for one in written if re.search(r"[a-z]", one) and SLUG.fullmatch(one)), today)
    return slug if campaigns.by_slug(session, slug) is None else campaigns.free_slug(session, slug)
