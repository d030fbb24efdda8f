"""The conversations in a flow's file: names in them that nothing in the flow or the shop has."""

from collections.abc import Iterator

from bot.language import coupons, model, walk, wording
from bot.language.known import Known
from bot.language.mistakes import Mistake, did_you_mean
from bot.language.model import Flow
from bot.language.model.conversation import Conversation
from bot.language.source import Path, Source
from bot.sentences import Sentence

OF_CAMPAIGNS = ("send_coupon", "opened", "redeemed", "verified")


def check(flow: Flow, source: Source, known: Known) -> Iterator[Mistake]:
    """Every campaign and every answer is there, and each conversation has a name of its own."""
    names = set[str]()
    for number, conversation in enumerate(flow.conversations):
        path = ("conversations", number)
        if conversation.name in names:
            twice = Sentence(
                "conversation_twice",
                f"另一段對話已經叫「{conversation.name}」",
                f"another conversation has the name {conversation.name!r} already",
            )
            yield source.mistake((*path, "name"), twice)
        names.add(conversation.name)
        for place, slug in _named(conversation):
            message = _unknown(slug, flow, known)
            if message:
                yield source.mistake((*path, *place), message)
        yield from _answers(flow, source, path, conversation)


def _unknown(slug: str, flow: Flow, known: Known) -> Sentence | None:
    """What is wrong with a campaign's name. Where the shop's are not known, only one nearly the flow's own is."""
    own = {step.send_coupon.campaign for step in flow.steps if isinstance(step, model.SendCoupon)}
    campaigns = own if known.campaigns is None else known.campaigns
    hint = did_you_mean(slug, campaigns)
    is_wrong = slug not in campaigns and (known.campaigns is not None or hint.en.startswith("did"))
    return coupons.unknown(slug, hint) if is_wrong else None


def _named(conversation: Conversation) -> Iterator[tuple[Path, str]]:
    """Every campaign that the conversation names, but those that its contact has a coupon of: they may be others'."""
    for slug in conversation.refuse:
        yield ("refuse", slug), slug
    theirs = conversation.contact.coupons
    for number, turn in enumerate(conversation.talk):
        if turn.kind in OF_CAMPAIGNS and getattr(turn, turn.kind) not in theirs:
            yield ("talk", number, turn.kind), getattr(turn, turn.kind)


def _answers(flow: Flow, source: Source, path: Path, conversation: Conversation) -> Iterator[Mistake]:
    asked = walk.asked_in(flow)
    calls = any(isinstance(step, model.Call) for step in flow.steps)  # and may have the other flow's answers
    for number, turn in enumerate(conversation.talk):
        for name in turn.answers if not calls else ():
            if name not in asked:
                message = wording.unknown_answer(name, did_you_mean(name, asked))
                yield source.mistake((*path, "talk", number, "answers", name), message)
