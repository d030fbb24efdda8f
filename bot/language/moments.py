"""Flows that begin at a time: when, for whom, and what a marketer should know of it before."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.language import model, texts
from bot.language.known import Known
from bot.language.mistakes import Mistake
from bot.language.model import Audience, Flow
from bot.language.model.times import instant, moment
from bot.language.source import Path, Source
from bot.sentences import Sentence


@dataclass(frozen=True)
class Coming:
    """A moment at which a flow begins, as it is written, for whom, and its path in the file."""

    path: Path
    at: str
    audience: Audience


def of_flow(flow: Flow) -> Iterator[Coming]:
    """The flow's moments, in the order of the file."""
    for index, start in enumerate(flow.starts):
        if start.at and start.with_:
            yield Coming(("starts", index, "at"), start.at, start.with_)


def tags_of(flow: Flow) -> frozenset[str]:
    """All tags that its moments ask for: who has them can try each."""
    return frozenset(tag for coming in of_flow(flow) for tag in coming.audience.tag)


def is_meant(audience: Audience, tags: Collection[str], channel: str, language: str) -> bool:
    """Whether the moment comes for such a contact."""
    return (
        not set(audience.tag).isdisjoint(tags)
        and audience.channel in (None, channel)
        and (audience.language is None or texts.speaks(language, audience.language))
    )


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Each moment once in the flow, ahead of now, within the campaigns' sending periods, and alone with its people."""
    seen = set[datetime | None]()
    for coming in of_flow(flow):
        at = moment(coming.at)
        if at in seen:
            message = Sentence(
                "start_twice",
                f"開始方式重複了：{coming.at}；一個開始方式可以寫幾個標籤：`tag: [a, b]`",
                f"the start at {coming.at} stands here twice; one start can name several tags: `tag: [a, b]`",
            )
            yield source.mistake(coming.path, message)
        seen.add(at)
        yield from _rivals(coming, source, known)
        if known.now and known.timezone:
            yield from _past(coming, source, known)
            yield from _periods(flow, coming, source, known)


def _past(coming: Coming, source: Source, known: Known) -> Iterator[Mistake]:
    if known.now and known.timezone and instant(coming.at, known.timezone) <= known.now:
        message = Sentence(
            "moment_over",
            f"照店家的時間，{coming.at} 已經過了；還沒開始的都不會再開始",
            f"{coming.at} is over by the shop's clock, so this starts nothing that has not begun already",
        )
        yield source.mistake(coming.path, message, is_warning=True)


def _rivals(coming: Coming, source: Source, known: Known) -> Iterator[Mistake]:
    """Another flow at the same moment, for some of the same people: it takes the place of this one, or this of it."""
    for name, other in sorted((known.flows or {}).items()):
        for rival in of_flow(other):
            tags = sorted({*coming.audience.tag} & {*rival.audience.tag})
            channels = {coming.audience.channel, rival.audience.channel}
            if moment(rival.at) == moment(coming.at) and tags and channels != {"line", "messenger"}:
                message = Sentence(
                    "moment_shared",
                    f"流程「{name}」也在這個時間對有標籤「{tags[0]}」的人開始；兩個流程中有一個會被另一個中斷",
                    f"the flow {name!r} begins at this moment too for who has the tag {tags[0]!r}; one of the two ends"
                    " the other",
                )
                yield source.mistake(coming.path, message, is_warning=True)


def _periods(flow: Flow, coming: Coming, source: Source, known: Known) -> Iterator[Mistake]:
    """Coupons that cannot be sent yet, or no more, when the flow begins."""
    if known.now is None or known.timezone is None:
        return
    at = instant(coming.at, known.timezone)
    slugs = {
        step.send_coupon.campaign: index
        for index, step in reversed([*enumerate(flow.steps)])
        if isinstance(step, model.SendCoupon)
    }
    for slug, index in slugs.items():
        begins, ends = (known.beginnings or {}).get(slug), (known.periods or {}).get(slug)
        comes_later = any(isinstance(step, model.Wait | model.Ask) for step in flow.steps[:index])
        if ends is not None and known.now < ends <= at:
            day = ends.astimezone(known.timezone)
            message = Sentence(
                "campaign_over",
                f"活動「{slug}」的發送期間在這之前（{day:%Y-%m-%d %H:%M}）就結束了，沒有客人領得到",
                f"the sending period of {slug!r} ends before, on {day:%Y-%m-%d %H:%M}, so every customer is refused",
            )
            yield source.mistake(coming.path, message, is_warning=True)
        if begins is not None and at < begins and not comes_later:
            day = begins.astimezone(known.timezone)
            message = Sentence(
                "campaign_not_begun",
                f"活動「{slug}」的發送期間比這晚（{day:%Y-%m-%d %H:%M}）才開始；先走到的客人領不到",
                f"the sending period of {slug!r} begins later, on {day:%Y-%m-%d %H:%M}; who comes first is refused",
            )
            yield source.mistake(coming.path, message, is_warning=True)
