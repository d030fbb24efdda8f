"""What a trial's customer does not see, in words: deeds beside the messages, and where the conversation stands."""

from collections.abc import Callable
from typing import Any

from bot.engine import HandOver, NotifyStaff, SetAttribute, Tag, Untag, Wait
from bot.language.model import kind_of
from bot.rehearsal.deeds import Deed, Ended, Failed, NotSent, Sent, Spoke
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from bot.sentences import Pair
from bot.state import State


def waiting(wait: Wait) -> Pair:
    """What is waited for."""
    until = wait.until.isoformat(" ", "minutes") if wait.until else ""
    coupon_zh = f"{wait.campaign} 的券 {' 或 '.join(wait.happens)}" if wait.happens else ""
    coupon_en = f"the coupon of {wait.campaign} is {' or '.join(wait.happens)}" if wait.happens else ""
    return Pair(
        f"等到 {'，或 '.join(filter(None, [coupon_zh, until]))}",
        f"waits until {', or until '.join(filter(None, [coupon_en, until]))}",
    )


_ASIDES: dict[type[Deed], Callable[[Any], Pair]] = {
    Sent: lambda deed: Pair(f"送出了 {deed.campaign} 的券", f"a coupon of {deed.campaign} is sent"),
    NotSent: lambda deed: Pair(
        f"{deed.campaign} 的券沒有送出：{deed.reason}", f"the coupon of {deed.campaign} is refused: {deed.reason}"
    ),
    Tag: lambda deed: Pair(f"加上標籤：{deed.name}", f"tag: {deed.name}"),
    Untag: lambda deed: Pair(f"移除標籤：{deed.name}", f"untag: {deed.name}"),
    SetAttribute: lambda deed: Pair(f"設定 {deed.name}：{deed.value}", f"set {deed.name}: {deed.value}"),
    NotifyStaff: lambda deed: Pair(f"通知店員：{deed.text}", f"the staff are told: {deed.text}"),
    HandOver: lambda deed: Pair(f"從這裡起由店員回答：{deed.reason}", f"a person answers from here on: {deed.reason}"),
    Wait: waiting,
    Ended: lambda _: Pair("流程結束了", "the flow is over"),
    Failed: lambda deed: deed.why,
}


def aside(deed: Deed, language: str = "en") -> list[str]:
    """The deed in a few words, for a reader of this language."""
    if isinstance(deed, Spoke):
        said = deed.seen.text or deed.seen.title
        held = Pair(
            f"先保留，因為 Messenger 的 24 小時已過：{said}", f"kept back, as Messenger's 24 hours are over: {said}"
        )
        return [held.of(language) if deed.is_held else said]
    words = _ASIDES.get(type(deed))
    return [words(deed).of(language)] if words else []


def standing(world: World, stage: Stage, language: str = "en") -> list[str]:
    """The clock, the place in the flow, and all that is kept, a line each, for a reader of this language."""
    kept = {
        Pair("現在", "now"): world.now.isoformat(" ", "minutes"),
        Pair("位置", "at"): _place(world, stage).of(language),
        Pair("等待", "waits"): waiting(world.wait).of(language) if world.wait else "",
        Pair("回答", "answers"): _listed(world.answers),
        Pair("標籤", "tags"): ", ".join(sorted(world.tags)),
        Pair("屬性", "attributes"): _listed(world.attributes),
        Pair("優惠券", "coupons"): _listed(dict(world.statuses)),
        Pair("不送的券", "refused"): _listed(world.refuse),
        Pair("先保留", "kept back"): ", ".join(seen.text for seen in world.held),
    }
    colon = Pair("：", ": ").of(language)
    return [f"  {name.of(language)}{colon}{words}" for name, words in kept.items() if words]


def _place(world: World, stage: Stage) -> Pair:
    if world.handed_over:
        return Pair(f"由店員回答：{world.handed_over}", f"a person answers: {world.handed_over}")
    if world.stopped:
        return Pair(f"中斷了：{world.stopped}", f"stopped: {world.stopped}")
    if not world.flow:
        return Pair("還沒有流程開始", "no flow has begun")
    state = State.from_json(world.state)
    flow = stage.flow(state.version_id or world.flow)
    if state.is_ended:
        return Pair(f"流程 {flow.flow} 結束了", f"the flow {flow.flow} is over")
    step, number = flow.steps[state.step], state.step + 1
    name, kind = f" {step.id!r}" if step.id else "", kind_of(step)
    return Pair(f"{flow.flow} 的第 {number} 步{name}（{kind}）", f"step {number}{name} ({kind}) of {flow.flow}")


def _listed(values: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())
