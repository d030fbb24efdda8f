"""The coupons of a flow: their campaigns, a way for every refusal, and whether they can still be sent."""

from collections.abc import Iterator

from bot.language import conditions, model, walk
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.source import Path, Source
from bot.sentences import Pair, Sentence

REFUSALS = ("limit_reached", "sold_out", "not_started", "ended", "unreachable")


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every campaign is there, and what a wait waits for is clear."""
    for path, slug in _campaigns(flow):
        if known.campaigns is not None and slug not in known.campaigns:
            yield source.mistake(path, unknown(slug, did_you_mean(slug, known.campaigns)))
    sends = any(isinstance(step, model.SendCoupon) for step in flow.steps)
    for index, step in enumerate(flow.steps):
        path = ("steps", index)
        if isinstance(step, model.SendCoupon):
            yield from _refusals(step.send_coupon, source, (*path, "send_coupon"))
            yield from _period(step.send_coupon.campaign, source, (*path, "send_coupon", "campaign"), known)
        elif isinstance(step, model.Wait) and step.wait.happens and not (step.wait.campaign or sends):
            message = Sentence(
                "wait_without_coupon",
                f"`until: {step.wait.happens[0]}` 要等哪一張券？這個流程沒有送券；請加上 `campaign: ...`",
                f"which coupon is to be {step.wait.happens[0]}? This flow sends none; add `campaign: ...`",
            )
            yield source.mistake((*path, "wait", "until"), message)


def unknown(slug: str, hint: Pair) -> Sentence:
    """A campaign that is not there."""
    return Sentence(
        "unknown_campaign", f"沒有「{slug}」這個活動；{hint.zh}", f"there is no campaign {slug!r}; {hint.en}"
    )


def _campaigns(flow: Flow) -> Iterator[tuple[Path, str]]:
    """Every campaign that is named."""
    for index, step in enumerate(flow.steps):
        if isinstance(step, model.SendCoupon):
            yield ("steps", index, "send_coupon", "campaign"), step.send_coupon.campaign
        elif isinstance(step, model.Wait) and step.wait.campaign:
            yield ("steps", index, "wait", "campaign"), step.wait.campaign
    for path, condition in walk.conditions_of(flow):
        for within, part in conditions.plain_parts(condition):
            if part.coupon is not None:
                yield (*path, *within, "coupon"), part.coupon


def _refusals(sending: model.Sending, source: Source, path: Path) -> Iterator[Mistake]:
    """Every refusal of a coupon has a way; else the flow just goes on, as if it had been sent."""
    open_ones = [reason for reason in REFUSALS if not getattr(sending.refused, reason)]
    if open_ones and not sending.refused.otherwise:
        message = Sentence(
            "refusal_unanswered",
            f"券因為這些原因送不出去時，什麼都不會說：{'、'.join(open_ones)}（請加上 `otherwise:`）",
            f"nothing is said when the coupon is refused for: {', '.join(open_ones)} (add `otherwise:`)",
        )
        yield source.mistake(path, message, is_warning=True)


def _unsent(slug: str, status: str) -> Sentence:
    """A draft, or what is in the archive."""
    if status == "draft":
        return Sentence(
            "campaign_draft",
            f"活動「{slug}」還是草稿，發布之前沒有客人領得到",
            f"the campaign {slug!r} is a draft, so every customer is refused until it is published",
        )
    return Sentence(
        "campaign_archived",
        f"活動「{slug}」已經封存，沒有客人領得到",
        f"the campaign {slug!r} is in the archive, so every customer is refused",
    )


def _period(slug: str, source: Source, path: Path, known: Known) -> Iterator[Mistake]:
    """A campaign of which nothing is sent yet, or any more: every customer would be refused."""
    status = (known.unsent or {}).get(slug)
    if status is not None:
        yield source.mistake(path, _unsent(slug, status), is_warning=True)
        return
    ends = (known.periods or {}).get(slug)
    if ends is not None and known.now is not None and ends <= known.now:
        message = Sentence(
            "campaign_over",
            f"活動「{slug}」的發送期間已在 {ends:%Y-%m-%d} 結束，沒有客人領得到",
            f"the sending period of {slug!r} ended on {ends:%Y-%m-%d}, so every customer is refused",
        )
        yield source.mistake(path, message, is_warning=True)
