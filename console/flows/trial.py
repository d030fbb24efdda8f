"""Talking to a text by hand: each act is played through the engine in the request, with nothing sent to anybody."""

from typing import Any, Literal

from bot.drafting import Desk
from bot.language import moments
from bot.language.model import Flow
from bot.language.structure import of_error
from bot.rehearsal.deeds import Deed, Failed, Spoke
from bot.rehearsal.playing import ORDER, play
from bot.rehearsal.stage import Stage
from bot.rehearsal.standing import aside, standing
from bot.rehearsal.world import World
from bot.state import State
from console.flows import doing, picture
from console.flows.talk import Line, Talk, script_of, sealed
from console.flows.verdict import Verdict
from core import clock
from web.services import services
from web.words import language, say

Channel = Literal["line", "messenger"]
Scope = dict[str, Any]


def begun(desk: Desk, verdict: Verdict, channel: Channel = "line", language: str = "", said: str = "") -> Scope:
    """What a page needs to show a conversation that has just begun; `said` is a note to begin with."""
    if verdict.flow is None or verdict.errors:
        return {"talk": None, "flow": verdict.flow, "drawing": picture.drawn(verdict.flow) if verdict.flow else ""}
    shop = services().shop
    world = World(
        now=clock.now().astimezone(shop.timezone).replace(second=0, microsecond=0),
        channel=channel,
        language=language if language in verdict.flow.languages else verdict.flow.languages[0],
        name="小美",
        shop=shop.name,
        timezone=str(shop.timezone),
        tags=moments.tags_of(verdict.flow),
    )
    lines = (Line(by="note", text=said),) if said else ()
    return _scope(desk, verdict.flow, Talk(world=world, script=_script(desk, verdict.flow), lines=lines))


def gone_on(desk: Desk, verdict: Verdict, talk: Talk, kind: str, data: str) -> Scope:
    """The same after an act. A text that has changed under the conversation begins it anew."""
    world = talk.world
    if verdict.flow is None or verdict.errors:
        return begun(desk, verdict, world.channel, world.language)
    if talk.script != _script(desk, verdict.flow) and talk.lines:
        anew = say("流程已經修改，對話從頭開始。", "The flow has changed, so this begins anew.")
        return begun(desk, verdict, world.channel, world.language, anew)
    try:
        act = doing.act(kind, data)
    except ValueError as error:
        return _scope(
            desk, verdict.flow, talk.with_lines(world, [Line(by="note", text=of_error(error).of(language()))])
        )
    if act is None:
        return _scope(desk, verdict.flow, talk)
    talk = talk.model_copy(update={"script": _script(desk, verdict.flow)})
    world, deeds = play(Stage([verdict.flow, *desk.others]), world, act)
    lines = [line for deed in deeds for line in _told(deed)]
    if not lines:
        lines = [Line(by="note", text=say("（機器人沒有說話）", "(the bot says nothing)"))]
    done = Line(by="note" if kind in {"after", "at"} else "customer", text=doing.told(kind, data))
    return _scope(desk, verdict.flow, talk.with_lines(world, [done, *lines]))


def _told(deed: Deed) -> list[Line]:
    if isinstance(deed, Spoke) and not deed.is_held:
        seen = deed.seen
        return [Line(by="bot", text=seen.text, title=seen.title, images=seen.images, buttons=seen.buttons)]
    if isinstance(deed, Failed):
        return [Line(by="note", text=deed.why.of(language()))]
    return [Line(by="note", text=words) for words in aside(deed, language())]


def _scope(desk: Desk, flow: Flow, talk: Talk) -> Scope:
    world = talk.world
    return {
        "flow": flow,
        "talk": talk,
        "sealed": sealed(talk),
        "drawing": picture.drawn(flow, here=_here(world)),
        "standing": [line.strip() for line in standing(world, Stage([flow, *desk.others]), language())],
        "starts": _starts(flow),
        "uses": _uses(world),
    }


def _here(world: World) -> int | None:
    """The step of the text that the conversation stands at, where it stands at one."""
    state = State.from_json(world.state) if world.flow == 1 else None
    return state.step if state and not (state.is_ended or state.version_id) else None


def _starts(flow: Flow) -> list[tuple[str, str]]:
    """The acts that start the flow, as the form writes them, each with its label."""
    found: list[tuple[str, str]] = []
    for start in flow.starts:
        found += [(f"write:{word}", word) for word in (*start.words, *start.contains)]
        found += (
            [("again:" if start.follow == "again" else "follow:", say("加入好友", "Add the shop"))]
            if start.follow
            else []
        )
        found += [(f"ref:{start.ref}", say(f"連結 {start.ref}", f"Link {start.ref}"))] if start.ref else []
        found += (
            [(f"postback:{start.postback}", say(f"選單 {start.postback}", f"Menu {start.postback}"))]
            if start.postback
            else []
        )
        found += [(f"at:{start.at}", say(f"到了 {start.at}", f"It is {start.at}"))] if start.at else []
        found += [(f"write:{say('你好', 'hello')}", say("你好", "hello"))] if start.otherwise else []
    return found


def _uses(world: World) -> list[tuple[str, str]]:
    """What can still become of the coupons that were sent."""
    names = {"opened": say("打開", "Open"), "redeemed": say("兌換", "Redeem"), "verified": say("核銷", "Verify")}
    found = []
    for campaign, status in world.statuses.items():
        further = ORDER[ORDER.index(status) + 1 :] if status in ORDER else ()
        found += [(f"{what}:{campaign}", f"{names[what]} {campaign}") for what in further]
    return found


def _script(desk: Desk, flow: Flow) -> str:
    return script_of(*(one.model_dump_json(exclude={"conversations", "title"}) for one in (flow, *desk.others)))
