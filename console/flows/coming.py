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
from core.reasons import Reason
from web.services import services
from web.words import say


@dataclass(frozen=True)
class Row:
    """A moment; what is not known yet is None. `why` are the reasons of those with whom it did not begin.

    `act` is what can be done about it: 'stop', 'resume' where it was stopped and is still ahead, or nothing.
    """

    at: datetime
    whom: str
    state: str
    audience: int
    begun: int | None = None
    waiting: int | None = None
    refused: int | None = None
    why: tuple[str, ...] = ()
    act: str = ""


def rows(session: Session, name: str, flow: Flow | None, now: datetime) -> list[Row]:
    """The moments of the published flow that are ahead, the last first; then all that have come, the newest first.

    One that was stopped while it is ahead stands among those that have come.
    """
    kept = timed_start_figures.of_flow(session, name)
    ahead = [row for row in _ahead(session, flow, now) if row.at not in {one.at for one in kept}] if flow else []
    came = [_came(figures, now) for figures in kept]
    return [*sorted(ahead, key=lambda row: row.at, reverse=True), *came]


def stopped(session: Session, name: str, flow: Flow, now: datetime) -> list[datetime]:
    """Those of the flow's moments that are ahead and were stopped: publishing it does not have them begin."""
    timezone = services().shop.timezone
    own = {instant(coming.at, timezone) for coming in moments.of_flow(flow)}
    kept = timed_start_figures.of_flow(session, name) if own else []
    return [one.at for one in kept if one.at in own and _came(one, now).act == "resume"]


def _ahead(session: Session, flow: Flow, now: datetime) -> list[Row]:
    timezone = services().shop.timezone
    found = []
    for coming in moments.of_flow(flow):
        at = instant(coming.at, timezone)
        if at > now:
            count = timed_starts.count(session, audience.whom(session, coming.audience))
            state = say("還沒到；人數以現在計算", "ahead; counted as things are now")
            found.append(Row(at, _whom(coming.audience), state, count, act="stop"))
    return found


def _whom(meant: Audience) -> str:
    return ", ".join(filter(None, [" / ".join(meant.tag), meant.channel, meant.language]))


def _came(figures: timed_start_figures.Figures, now: datetime) -> Row:
    if figures.reason:
        state = sentence(figures.reason)
    elif figures.finished_at:
        state = say("完成", "finished")
    else:
        state = say("進行中", "under way")
    is_to_come = figures.reason == Reason.START_STOPPED and figures.found_at < figures.at and figures.at > now
    act = "resume" if is_to_come else "" if figures.finished_at else "stop"
    why = tuple(f"{count:,}: {sentence(reason)}" for reason, count in figures.refused.items())
    refused = sum(figures.refused.values())
    return Row(figures.at, "", state, figures.audience, figures.begun, figures.waiting, refused, why, act)
