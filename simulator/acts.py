"""What a person can do with the phone, and the webhook that each act makes."""

from collections.abc import Callable
from typing import Any

from simulator import frame, messenger_profile, people, webhooks
from simulator.context import Context
from simulator.people import Person

Act = dict[str, Any]


class UnknownActError(ValueError):
    """A phone cannot do that in this channel."""


def do(context: Context, person: Person, act: Act) -> int:
    """Do it; the status that the shop answered, 0 where it did not.

    Raises:
        UnknownActError: no such act in this channel.
    """
    acts = LINE if person.channel == "line" else MESSENGER
    work = acts.get(str(act.get("action")))
    if work is None:
        raise UnknownActError(f"action must be one of {', '.join(acts)}")
    people.change(context.state, person.id, last_acted_at=context.now())
    return work(context, person, act)


def _say(context: Context, person: Person, body: dict[str, Any]) -> None:
    context.state.say(person.id, body, context.now(), is_from_bot=False)


def _line_text(context: Context, person: Person, act: Act) -> int:
    text = str(act["text"])
    _say(context, person, {"type": "text", "text": text})
    message = {"type": "text", "id": webhooks.ulid(), "text": text, "quoteToken": webhooks.ulid()}
    return webhooks.post_line(context, [webhooks.line_event(context, "message", person.id, message=message)])


def _line_sticker(context: Context, person: Person, _: Act) -> int:
    _say(context, person, {"type": "text", "text": "😊"})
    message = {"type": "sticker", "id": webhooks.ulid(), "packageId": "446", "stickerId": "1988"}
    message |= {"stickerResourceType": "STATIC", "quoteToken": webhooks.ulid()}
    return webhooks.post_line(context, [webhooks.line_event(context, "message", person.id, message=message)])


def _line_postback(context: Context, person: Person, act: Act) -> int:
    if act.get("display_text"):
        _say(context, person, {"type": "text", "text": act["display_text"]})
    postback = {"data": str(act["data"])}
    return webhooks.post_line(context, [webhooks.line_event(context, "postback", person.id, postback=postback)])


def _line_switch_menu(context: Context, person: Person, act: Act) -> int:
    """Another rich menu, for this person alone; the bot is told whether there was one, and only then its name."""
    alias = str(act["alias"])
    menu_id = context.state.one("menu alias", alias)
    params = {"status": "RICHMENU_ALIAS_ID_NOTFOUND" if menu_id is None else "RICHMENU_NOTFOUND"}
    if menu_id and context.state.one("menu", menu_id):
        context.state.keep(frame.OWN_MENU, person.id, menu_id)
        params = {"newRichMenuAliasId": alias, "status": "SUCCESS"}
    postback = {"data": str(act["data"]), "params": params}
    return webhooks.post_line(context, [webhooks.line_event(context, "postback", person.id, postback=postback)])


def _line_follow(context: Context, person: Person, _: Act) -> int:
    was_blocking = person.is_blocking
    people.change(context.state, person.id, is_friend=True)
    people.change(context.state, person.id, is_blocking=False)
    follow = {"isUnblocked": was_blocking}
    return webhooks.post_line(context, [webhooks.line_event(context, "follow", person.id, follow=follow)])


def _line_block(context: Context, person: Person, _: Act) -> int:
    people.change(context.state, person.id, is_blocking=True)
    return webhooks.post_line(context, [webhooks.line_event(context, "unfollow", person.id)])


def _messenger_text(context: Context, person: Person, act: Act) -> int:
    message: dict[str, Any] = {"mid": webhooks.message_id(), "text": str(act["text"])}
    if act.get("payload"):
        message["quick_reply"] = {"payload": act["payload"]}
    _say(context, person, {"text": message["text"]})
    people.change(context.state, person.id, is_friend=True)
    return webhooks.post_messenger(context, [webhooks.messenger_event(context, person.id, message=message)])


def _messenger_postback(context: Context, person: Person, act: Act) -> int:
    title = str(act.get("display_text") or act["data"])
    _say(context, person, {"text": title})
    people.change(context.state, person.id, is_friend=True)
    postback = {"mid": webhooks.message_id(), "title": title, "payload": str(act["data"])}
    return webhooks.post_messenger(context, [webhooks.messenger_event(context, person.id, postback=postback)])


def _messenger_open_link(context: Context, person: Person, act: Act) -> int:
    """m.me/<page>?ref=...: a new person taps Get Started and the ref is in its postback; a known one's comes alone."""
    referral = {"ref": str(act.get("ref", "")), "source": "SHORTLINK", "type": "OPEN_THREAD"}
    if person.is_friend:
        return webhooks.post_messenger(context, [webhooks.messenger_event(context, person.id, referral=referral)])
    return _get_started(context, person, referral if act.get("ref") else None)


def _messenger_get_started(context: Context, person: Person, _: Act) -> int:
    return _get_started(context, person, None)


def _get_started(context: Context, person: Person, referral: dict[str, str] | None) -> int:
    people.change(context.state, person.id, is_friend=True)
    people.change(context.state, person.id, is_blocking=False)
    _say(context, person, {"text": "開始使用" if person.language.startswith("zh") else "Get Started"})
    button = context.state.kept(messenger_profile.KEPT).get("get_started", {"payload": "get-started"})
    postback: dict[str, Any] = {"mid": webhooks.message_id(), "title": "Get Started", "payload": button["payload"]}
    if referral:
        postback["referral"] = referral
    return webhooks.post_messenger(context, [webhooks.messenger_event(context, person.id, postback=postback)])


def _messenger_block(context: Context, person: Person, _: Act) -> int:
    """Meta tells the Page nothing; the next message is refused."""
    people.change(context.state, person.id, is_blocking=True)
    return 200


def _messenger_unblock(context: Context, person: Person, _: Act) -> int:
    """Of this, too, Meta tells the Page nothing."""
    people.change(context.state, person.id, is_blocking=False)
    return 200


LINE: dict[str, Callable[[Context, Person, Act], int]] = {
    "text": _line_text,
    "sticker": _line_sticker,
    "postback": _line_postback,
    "switch_menu": _line_switch_menu,
    "follow": _line_follow,
    "block": _line_block,
    "unblock": _line_follow,
}
MESSENGER: dict[str, Callable[[Context, Person, Act], int]] = {
    "text": _messenger_text,
    "postback": _messenger_postback,
    "open_link": _messenger_open_link,
    "follow": _messenger_get_started,
    "block": _messenger_block,
    "unblock": _messenger_unblock,
}
