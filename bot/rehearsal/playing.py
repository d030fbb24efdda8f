"""Playing one act: the customer or the clock, carried through the engine without database, network or account."""

import json
from datetime import timedelta
from typing import Any

from bot import engine
from bot.channels.ways import WAYS
from bot.engine import CouponRefused, CouponSent, Due, Effect, Event, FlowFailure, Happened, Said, Started
from bot.events import Inbound
from bot.language.folding import folded
from bot.language.mistakes import did_you_mean
from bot.messages import Message
from bot.rehearsal.acts import Act, Comes, Passes, Taps, Uses, Writes
from bot.rehearsal.deeds import Deed, Ended, Failed, NotSent, Sent, Spoke
from bot.rehearsal.seen import seen
from bot.rehearsal.stage import Stage
from bot.rehearsal.world import World
from bot.state import State
from core.reasons import Reason

COUPONS = "https://coupons.example/"
COUPON_LIVES = timedelta(days=14)  # of every coupon in a trial, for {{ coupon.expires }}
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
        return world, [Failed(str(why))]
    except FlowFailure as failure:
        stopped = {"now": player.world.now, "wait": None, "stopped": str(failure)}
        return world.model_copy(update=stopped), [Failed(str(failure))]
    return player.world.reread(), player.deeds


class _Impossible(Exception):  # noqa: N818 (of this module only)
    """The act cannot be done here; the sentence says why."""


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
                self._pass(time)
            case Uses():
                self._use(act)

    def _inbound(self, **fields: Any) -> Inbound:  # noqa: ANN401 (an inbound's own fields)
        return Inbound(event_id="trial", account_id="trial", occurred_at=self.world.now, opens_window=True, **fields)

    def _change(self, **fields: Any) -> None:  # noqa: ANN401 (the world's own fields)
        self.world = self.world.model_copy(update=fields)

    def _arrive(self, inbound: Inbound) -> None:
        """An event of the customer: an answer to the open question, else the start of a flow, else nothing."""
        self.deeds += [Spoke(one) for one in self.world.held]
        self._change(acted_at=self.world.now, held=())
        is_let_go = bool(self.world.handed_over or self.world.stopped)
        state = State.from_json(self.world.state) if self.world.flow and not is_let_go else engine.begin()
        is_asked = state.waits_for == "answer" and inbound.kind == "text"
        if is_asked and engine.fits(self.stage.flow(self.world.flow), state, inbound.text, self.world.now, self.stage):
            self._run(self.world.flow, state, Said(inbound.text))
            return
        started = self.stage.started_by(inbound, is_asked=is_asked)
        if started is None and is_asked:
            self._run(self.world.flow, state, Said(inbound.text))
            return
        if started is None and not is_let_go and (not self.world.flow or state.is_ended):
            started = self.stage.answers_otherwise(inbound)
        if started is not None:
            self._run(started.number, engine.begin(self.world.luck), Started())

    def _tap(self, label: str) -> None:
        """A quick reply says its words; a button opens its page, says its words or starts a flow."""
        said = {folded(name): words for name, words in self.world.choices.items()}
        if folded(label) in said:
            self.act(Writes(said[folded(label)]))
            return
        labels = [button.label for button in self.world.buttons]
        button = next((one for one in reversed(self.world.buttons) if folded(one.label) == folded(label)), None)
        if button is None:
            raise _Impossible(f"nothing says {label!r} to tap; {did_you_mean(label, {*self.world.choices, *labels})}")
        if button.url.startswith(COUPONS):
            campaign = button.url.removeprefix(COUPONS).split("/")[0]
            if self.world.coupons.get(campaign) == "sent":
                self._use(Uses("opened", campaign))
        elif not button.url:
            self.act(Comes("postback", button.postback) if button.postback else Writes(button.label))

    def _pass(self, time: timedelta) -> None:
        try:
            until, count = self.world.now + time, 0
        except OverflowError:
            raise _Impossible("the calendar ends with the year 9999") from None
        while self.world.wait and self.world.wait.until and self.world.wait.until <= until:
            count += 1
            if count > MOST_DUE:
                raise _Impossible(f"more than {MOST_DUE:,} waits came due; is it a loop?")
            self._change(now=max(self.world.now, self.world.wait.until))
            self._go_on(Due())
        self._change(now=until)

    def _use(self, act: Uses) -> None:
        """Whoever redeems a coupon has opened it, and whoever verifies it sees it redeemed."""
        status = self.world.coupons.get(act.campaign, "none")
        if status not in ORDER:
            there = [campaign for campaign, how_far in self.world.coupons.items() if how_far in ORDER]
            raise _Impossible(f"no coupon of {act.campaign!r} was sent before; {did_you_mean(act.campaign, there)}")
        if ORDER.index(status) >= ORDER.index(act.what):
            raise _Impossible(f"the coupon of {act.campaign!r} is {status} already")
        for what in ORDER[ORDER.index(status) + 1 : ORDER.index(act.what) + 1]:
            self._change(coupons={**self.world.coupons, act.campaign: what})
            wait = self.world.wait
            if wait and what in wait.happens and wait.campaign == act.campaign:
                self._go_on(Happened(what))

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
        window = WAYS[world.channel].window
        if window and (world.acted_at is None or world.now - world.acted_at > window):
            self.deeds.append(Spoke(shown, is_held=True))
            self._change(held=(*world.held, shown))
        else:
            self.deeds.append(Spoke(shown))
        self._change(buttons=(*world.buttons, *shown.buttons), choices=shown.choices)

    def _send(self, campaign: str) -> Event:
        world = self.world
        if campaign in world.refuse:
            self.deeds.append(NotSent(campaign, world.refuse[campaign]))
            return CouponRefused(Reason(world.refuse[campaign]))
        self.deeds.append(Sent(campaign))
        self._change(sent=world.sent + 1, coupons={**world.coupons, campaign: "sent"})
        expires = (world.now + COUPON_LIVES).astimezone(world.contact().timezone).strftime("%Y-%m-%d %H:%M")
        return CouponSent(campaign, f"{COUPONS}{campaign}/{world.sent + 1}", "", expires)
