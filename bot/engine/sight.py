"""What a flow sees of the contact in texts and conditions, with what the turn under way has changed already."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.engine.contact import Contact
from bot.engine.effects import Effect, SetAttribute, Tag, Untag
from bot.language import texts
from bot.language.conditions import Facts
from bot.state import State


def scope(contact: Contact, state: State, effects: Sequence[Effect]) -> dict[str, Mapping[str, Any]]:
    """What texts may say, by name."""
    return {
        "contact": {
            "name": contact.name,
            "language": contact.language,
            "channel": contact.channel,
            "member": "yes" if contact.is_member else "",
        },
        "shop": {"name": contact.shop},
        "answers": state.answers,
        "attributes": texts.Optional(_attributes(contact, effects)),
        "coupon": state.coupon,
    }


def facts(contact: Contact, state: State, effects: Sequence[Effect], local_now: datetime) -> Facts:
    """What conditions look at. `local_now`: by the shop's clock."""
    return Facts(
        answers=state.answers,
        tags=_tags(contact, effects),
        channel=contact.channel,
        language=contact.language,
        attributes=_attributes(contact, effects),
        is_member=contact.is_member,
        coupons=contact.coupons,
        now=local_now,
    )


def _tags(contact: Contact, effects: Sequence[Effect]) -> frozenset[str]:
    tags = set(contact.tags)
    for effect in effects:
        if isinstance(effect, Tag):
            tags.add(effect.name)
        elif isinstance(effect, Untag):
            tags.discard(effect.name)
    return frozenset(tags)


def _attributes(contact: Contact, effects: Sequence[Effect]) -> dict[str, str]:
    changed = {effect.name: effect.value for effect in effects if isinstance(effect, SetAttribute)}
    return {**contact.attributes, **changed}
