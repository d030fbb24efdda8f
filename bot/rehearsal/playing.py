"""Playing one act: the customer or the clock, carried through the engine without database, network or account."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot import destination, engine
from bot.channels.ways import WAYS
from bot.destination import Standpoint
from bot.engine import CouponRefused, CouponSent, Due, Effect, Event, FlowFailure, Happened, Started
from bot.events import Inbound
from bot.language import moments
from bot.language.folding import folded
from bot.language.mistakes import did_you_mean
from bot.language.model.times import instant
from bot.messages import Message
from bot.rehearsal.acts import Act, Comes, GivesBack, Passes, Reaches, Taps, Uses, Writes
from bot.rehearsal.deeds import Deed, Ended, Failed, NotSent, Sent, Spoke
from bot.rehearsal.seen import seen
from bot.rehearsal.stage import Coming, Stage
from bot.rehearsal.world import World
from bot.sentences import Pair
from bot.state import State
from core.reasons import Reason
from core.timed_starts import QUIET

COUPONS = "https://coupons.example/"
COUPON_LIVES = timedelta(days=14)  # of every coupon in a trial
MOST_DUE = 200  # waits that may come due in one act: a reminder each hour for a week
ORDER = ("sent", "opened", "redeemed", "verified")  # how far a coupon can be


def play(stage: Stage, world: World, act: Act) -> tuple[World, list[Deed]]:
    """The world after the act, and what was done, in order.

    An act that is not possible leaves the world as it was. A flow that cannot go on stops there, as in a shop: nothing
    of the act is said or kept, and nothing waits any more.
    """
    player = _Player(stage, world.reread())
    try:
        player.act(act)
    except _Impossible as why:
        return world, [Failed(why.words)]
    except FlowFailure as failure:
        stopped = {"now": player.world.now, "wait": None, "stopped": str(failure)}
        return world.model_copy(update=stopped), [Failed(Pair(f"流程無法繼續（{failure}）", str(failure)))]
    return player.world.reread(), player.deeds


class _Impossible(Exception):  # noqa: N818 (of this module only)
    """The act cannot be done here; the words say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Pair(zh, en)


class _Player:
    """One act under way."""

    def __init__(self, stage: Stage, world: World) -> None:
        self.stage, self.world = stage, world
        self.deeds: list[Deed] = []

    def act(self, act: Act) -> None:
        match act:
            case Writes(text):
                self._arrive(self._inbound(kind="text", text=text))
            case Comes("ref", data):
                self._arrive(self._inbound(kind="referral", ref=data))
            case Comes("postback", data):
                self._arrive(self._inbound(kind="postback", data=data))
            case Comes():
                self._arrive(self._inbound(kind="follow", is_unblocked=act.kind == "again"))
            case Taps(label):
                self._tap(label)
            case Passes(time):
                self._pass(self._later(time))
            case Reaches(at):
                self._reach(at)
            case Uses():
                self._use(act)
            case GivesBack():
                self._give_back()

    def _inbound(self, **fields: Any) -> Inbound:  # noqa: ANN401 (an inbound's own fields)
        return Inbound(event_id="trial", account_id="trial", occurred_at=self.world.now, opens_window=True, **fields)

    def _change(self, **fields: Any) -> None:  # noqa: ANN401 (the world's own fields)
        self.world = self.world.model_copy(update=fields)

    def _arrive(self, inbound: Inbound) -> None:
        """An event of the customer goes where it would in a shop."""
        world = self.world
        self.deeds += [Spoke(one) for one in world.held]
        self._change(acted_at=world.now, held=())
        state = State.from_json(world.state) if world.flow else engine.begin()
        at = Standpoint(world.flow, state, is_let_go=bool(world.handed_over or world.stopped))
        found = destination.find(inbound, at, self.stage.versions, self.stage, world.now, world.luck)
        if found:
            self._run(found.version_id, found.state, found.event)

    def _tap(self, label: str) -> None:
        """A quick reply says its words; a button opens its page, says its words or starts a flow."""
        said = {folded(name): words for name, words in self.world.choices.items()}
        if folded(label) in said:
            self.act(Writes(said[folded(label)]))
            return
        labels = [button.label for button in self.world.buttons]
        button = next((one for one in reversed(self.world.buttons) if folded(one.label) == folded(label)), None)
        if button is None:
            hint = did_you_mean(label, {*self.world.choices, *labels})
            raise _Impossible(f"沒有「{label}」可以點；{hint.zh}", f"nothing says {label!r} to tap; {hint.en}")
        if button.url.startswith(COUPONS):
            campaign = button.url.removeprefix(COUPONS).split("/")[0]
            if self.world.statuses.get(campaign) == "sent":
                self._use(Uses("opened", campaign))
        elif not button.url:
            self.act(Comes("postback", button.postback) if button.postback else Writes(button.label))

    def _pass(self, until: datetime) -> None:
        """Time passes: waits are over, and flows begin at their time, each at its own."""
        coming = self.stage.moments(self.world.now, until, self._timezone)
        for _ in range(MOST_DUE + 1):
            over = self.world.wait.until if self.world.wait else None
            quiet = self.world.acted_at + QUIET if self.world.late and self.world.acted_at else None
            ahead = [at for at in (over, quiet, coming[0].at if coming else None) if at and at <= until]
            if not ahead:
                self._change(now=until.astimezone(self.world.now.tzinfo))
                return
            at = min(ahead)
            self._change(now=max(self.world.now, at.astimezone(self.world.now.tzinfo)))
            if at == over:
                self._go_on(Due())
            elif at == quiet:
                number, *rest = self.world.late
                self._change(late=tuple(rest))
                self._begin(number)
            else:
                self._moment(coming.pop(0))
        raise _Impossible(
            f"這段時間裡有超過 {MOST_DUE:,} 次等待到期；是不是繞圈了？",
            f"more than {MOST_DUE:,} waits came due; is it a loop?",
        )

    def _later(self, time: timedelta) -> datetime:
        try:
            return self.world.now + time
        except OverflowError:
            raise _Impossible("日曆只到 9999 年", "the calendar ends with the year 9999") from None

    def _reach(self, written: str) -> None:
        at = instant(written, self._timezone)
        if at <= self.world.now:
            now = self.world.now.astimezone(self._timezone)
            raise _Impossible(
                f"{written} 已經過了：這裡是 {now:%Y-%m-%d %H:%M}；要早一點開始，請改 `name:` 旁邊的 `at:`",
                f"{written} is over: it is {now:%Y-%m-%d %H:%M} here; `at:` beside `name:` begins earlier",
            )
        self._pass(at)

    def _moment(self, coming: Coming) -> None:
        world = self.world
        if not moments.is_meant(coming.audience, world.tags, world.channel, world.language):
            return
        if world.acted_at and world.now - world.acted_at < QUIET:
            self._change(late=(*world.late, coming.number))
        else:
            self._begin(coming.number)

    def _begin(self, number: int) -> None:
        """Begin a flow at its time, but for who is with a person."""
        if not self.world.handed_over:
            self._run(number, engine.begin(self.world.luck), Started())

    @property
    def _timezone(self) -> ZoneInfo:
        return ZoneInfo(self.world.timezone)

    def _use(self, act: Uses) -> None:
        """Whoever redeems a coupon has opened it, and whoever verifies it sees it redeemed."""
        status = self.world.statuses.get(act.campaign, "none")
        if status == "expired":
            raise _Impossible(
                f"活動「{act.campaign}」的券已經過期", f"the coupon of {act.campaign!r} is expired by now"
            )
        if status not in ORDER:
            there = [campaign for campaign, how_far in self.world.statuses.items() if how_far in ORDER]
            hint = did_you_mean(act.campaign, there)
            raise _Impossible(
                f"之前沒有送過活動「{act.campaign}」的券；{hint.zh}",
                f"no coupon of {act.campaign!r} was sent before; {hint.en}",
            )
        if ORDER.index(status) >= ORDER.index(act.what):
            raise _Impossible(
                f"活動「{act.campaign}」的券已經是 {status}", f"the coupon of {act.campaign!r} is {status} already"
            )
        for what in ORDER[ORDER.index(status) + 1 : ORDER.index(act.what) + 1]:
            self._change(coupons={**self.world.coupons, act.campaign: what})
            wait = self.world.wait
            if wait and what in wait.happens and wait.campaign == act.campaign:
                self._go_on(Happened(what))

    def _give_back(self) -> None:
        """The bot answers again; the flow that handed over is over, so nothing is said yet."""
        if not self.world.handed_over:
            raise _Impossible(
                "沒有人接手，所以沒有可以還給機器人的對話", "nobody has taken over, so nothing can be given back"
            )
        self._change(handed_over="")

    def _go_on(self, event: Event) -> None:
        self._run(self.world.flow, State.from_json(self.world.state), event)

    def _run(self, flow: int, state: State, event: Event) -> None:
        """The engine's turns over one event, with each coupon's outcome after it."""
        self._change(flow=flow, wait=None, handed_over="", stopped="")
        following: Event | None = event
        while following is not None:
            state = State.from_json(json.loads(json.dumps(state.to_json())))
            contact, now = self.world.contact(), self.world.now
            turn = engine.advance(self.stage.flow(flow), state, following, contact, now, self.stage)
            state, following = turn.state, None
            for effect in turn.effects:
                following = self._do(effect)
        self._change(state=state.to_json())
        if state.is_ended:
            self.deeds.append(Ended())

    def _do(self, effect: Effect) -> Event | None:
        """Carry out one effect; a coupon's outcome is the next event."""
        world = self.world
        match effect:
            case engine.Say(message):
                self._say(message)
                return None
            case engine.SendCoupon(campaign):
                return self._send(campaign)
            case engine.Tag(name):
                self._change(tags=world.tags | {name})
            case engine.Untag(name):
                self._change(tags=world.tags - {name})
            case engine.SetAttribute(name, value):
                self._change(attributes={**world.attributes, name: value})
            case engine.HandOver(reason):
                self._change(handed_over=reason or "...")
            case engine.Wait():
                self._change(wait=effect)
            case engine.NotifyStaff():
                pass  # nothing in the world changes
        self.deeds.append(effect)
        return None

    def _say(self, message: Message) -> None:
        world, shown = self.world, seen(message, self.world.channel)
        if not shown.is_anything:
            return
        if WAYS[world.channel].is_open(world.acted_at, world.now):
            self.deeds.append(Spoke(shown))
        else:
            self.deeds.append(Spoke(shown, is_held=True))
            self._change(held=(*world.held, shown))
        self._change(buttons=(*world.buttons, *shown.buttons), choices=shown.choices)

    def _send(self, campaign: str) -> Event:
        world = self.world
        if campaign in world.refuse:
            self.deeds.append(NotSent(campaign, world.refuse[campaign]))
            return CouponRefused(Reason(world.refuse[campaign]))
        self.deeds.append(Sent(campaign))
        over = world.now + COUPON_LIVES
        coupons, until = {**world.coupons, campaign: "sent"}, {**world.expires, campaign: over}
        self._change(sent=world.sent + 1, coupons=coupons, expires=until)
        expires = over.astimezone(self._timezone).strftime("%Y-%m-%d %H:%M")
        return CouponSent(campaign, f"{COUPONS}{campaign}/{world.sent + 1}", "", expires)
