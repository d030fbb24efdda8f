"""The contacts for whom a flow's moment comes, as the flow says it and as the database finds them."""

from sqlalchemy.orm import Session

from bot.language import texts
from bot.language.model import Audience
from core import timed_starts
from core.timed_starts import Whom


def whom(session: Session, audience: Audience) -> Whom:
    """A language is meant as texts mean it: `zh-Hant` is for whoever reads zh-TW."""
    spoken = None
    if audience.language is not None:
        given = timed_starts.languages(session, audience.tag)
        spoken = tuple(one for one in given if texts.speaks(one, audience.language))
    return Whom(audience.tag, audience.channel, spoken)
