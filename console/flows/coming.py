"""A flow's moments on its page: those that come, for how many as things are now, and what became of those that came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot import audience
from bot.language import moments
from bot.language.model import Audience, Flow
from bot.language.model.times import instant
from console.sentences import sentence
from core import timed_start_figures, timed_starts
from web.services import services
from web.words import say


@dataclass(frozen=True)
class Row:
    """A moment; what is not known yet is None. `why` are the reasons of those with whom it did not begin."""

    at: datetime
    whom: str
    state: str
    audience: int
    begun: int | None = None
    waiting: int | None = None
    refused: int | None = None
    why: tuple[str, ...] = ()


def rows(session: Session, name: str, flow: Flow | None, now: datetime) -> list[Row]:
    """The moments of the published flow that are ahead, the last first; then all that have come, the newest first."""
    ahead = list(_ahead(session, flow, now)) if flow else []
    came = [_came(figures) for figures in timed_start_figures.of_flow(session, name)]
    return [*sorted(ahead, key=lambda row: row.at, reverse=True), *came]


def _ahead(session: Session, flow: Flow, now: datetime) -> list[Row]:
    timezone = services().shop.timezone
    found = []
    for coming in moments.of_flow(flow):
        at = instant(coming.at, timezone)
        if at > now:
            count = timed_starts.count(session, audience.whom(session, coming.audience))
            found.append(
                Row(
                    at, _whom(coming.audience), say("還沒到；人數以現在計算", "ahead; counted as things are now"), count
                )
            )
    return found


def _whom(meant: Audience) -> str:
    return ", ".join(filter(None, [" / ".join(meant.tag), meant.channel, meant.language]))


def _came(figures: timed_start_figures.Figures) -> Row:
    if figures.reason:
        state = sentence(figures.reason)
    elif figures.finished_at:
        state = say("完成", "finished")
    else:
        state = say("進行中", "under way")
    why = tuple(f"{count:,}: {sentence(reason)}" for reason, count in figures.refused.items())
    refused = sum(figures.refused.values())
    return Row(figures.at, "", state, figures.audience, figures.begun, figures.waiting, refused, why)
