"""A turn under way: what an event means for the step that is waited at, and what each step does."""

from datetime import datetime

from bot.engine import answers, chance, sight, speaking, waiting
from bot.engine.contact import Contact
from bot.engine.effects import Effect, HandOver, NotifyStaff, Say, SendCoupon, SetAttribute, Tag, Untag, Wait
from bot.engine.events import CouponRefused, CouponSent, Due, Event, Happened, Said
from bot.engine.place import Place
from bot.language import conditions, model, texts
from bot.language.model import Words
from bot.language.model.times import duration
from bot.messages import Message
from core.reasons import Reason

MAX_STEPS = 100
LONGEST = 500  # characters of an attribute, and of what the staff is told


# What a customer hears of a draft and of an archived campaign; why it was truly refused is kept with the refusal.
FELT_AS = {Reason.NOT_PUBLISHED: Reason.NOT_STARTED, Reason.ARCHIVED: Reason.ENDED}


class Run:
    """One turn under way."""

    def __init__(self, place: Place, contact: Contact, now: datetime) -> None:
        self.place, self.contact, self.now = place, contact, now
        self.effects: list[Effect] = []
        self.visited: list[tuple[int, int]] = []

    def take(self, event: Event) -> None:
        """What the event means for the step that is waited at; nothing where it does not wait for that."""
        step = self.place.step if self.place.state.waits_for else None
        match step, event:
            case model.Ask(), Said(text):
                self._answer(step.ask, text)
            case model.Ask(), Due() if step.ask.timeout and self._is_due:
                self.place.go(step.ask.timeout.go)
            case model.Wait(), Due() if self._is_due:
                self.place.go(step.wait.timeout.go if step.wait.timeout else None)
            case model.Wait(), Happened(what) if waiting.has_happened(step.wait.happens, what):
                self.place.go(None)
            case model.SendCoupon(), CouponSent():
                self._coupon_sent(step.send_coupon, event)
            case model.SendCoupon(), CouponRefused(reason):
                refused = step.send_coupon.refused
                self.place.go(getattr(refused, FELT_AS.get(reason, reason), "") or refused.otherwise)
            case _:
                self._wait_on(step)

    @property
    def _is_due(self) -> bool:
        due_at = self.place.state.due_at
        return due_at is not None and self.now >= due_at

    def step(self) -> None:
        """Run the next step; past the last one the flow is over."""
        step = self.place.step
        if step is None:
            self.place.finish()
            return
        self.visited.append((self.place.state.version_id, self.place.state.step))
        if len(self.visited) > MAX_STEPS:
            detail = f"more than {MAX_STEPS} steps without an answer; is it a loop?"
            raise self.place.failure(Reason.FLOW_STEP_LIMIT, detail)
        self._move(step)

    def _move(self, step: model.AnyStep) -> None:
        """Steps that decide where to go, or wait; the rest do something and go on."""
        match step:
            case model.If():
                self.place.go(step.then if self._holds(step.if_) else step.else_)
            case model.Go():
                self.place.go(step.go)
            case model.Random():
                self.place.go(self._drawn(step.random))
            case model.Call():
                self.place.call(step.call)
            case model.End():
                self.place.finish()
            case model.HandOver():
                self.effects.append(HandOver(step.hand_over))
                self.place.stop()
            case model.Ask():
                self._ask(step.ask, step.ask.text)
            case model.Wait():
                self._wait(step)
            case model.SendCoupon():
                self.effects.append(SendCoupon(step.send_coupon.campaign, self.place.state.version_id))
                self.place.wait("coupon")
            case _:
                self._do(step)
                self.place.go(None)

    def _do(self, step: model.Say | model.TagStep | model.Untag | model.Set | model.Notify) -> None:
        match step:
            case model.Say():
                self._say(speaking.said(step.say, self._variant(step.say.variants), self._fill))
            case model.TagStep():
                self.effects.append(Tag(step.tag))
            case model.Untag():
                self.effects.append(Untag(step.untag))
            case model.Set():
                self.effects += [SetAttribute(name, self._fill(value)[:LONGEST]) for name, value in step.set.items()]
            case model.Notify():
                self.effects.append(NotifyStaff(self._fill(step.notify)[:LONGEST]))

    def _ask(self, asked: model.Asking, words: Words) -> None:
        self._say(speaking.question(asked, words, self._fill))
        due_at = self.now + duration(asked.timeout.after) if asked.timeout else None
        self.place.wait("answer", due_at)
        if due_at:
            self.effects.append(Wait(due_at))

    def _answer(self, asked: model.Asking, text: str) -> None:
        languages, today = self.place.flow.languages, self._local_now.date()
        answer = answers.understood(asked, text, languages, today)
        state = self.place.state
        if answer:
            self.place.change(answers={**state.answers, asked.keep: answer.value})
            self.place.go(answer.go)
        elif asked.tries and state.tries + 1 >= asked.tries.at_most:
            self.place.go(asked.tries.go)
        else:
            self.place.change(tries=state.tries + 1 if asked.tries else 0)
            self._ask(asked, asked.otherwise or asked.text)

    def _wait(self, step: model.Wait) -> None:
        """Stay, unless it is over already."""
        due_at = waiting.over_at(step.wait, self.now, self.contact.timezone)
        status = self.contact.coupons.get(self._campaign(step.wait), "none")
        if due_at <= self.now or waiting.has_happened(step.wait.happens, status):
            self.place.go(None)
            return
        self.place.wait("wait", due_at)
        self._wait_on(step)

    def _wait_on(self, step: model.AnyStep | None) -> None:
        """Ask for the wait that is under way, which a turn without it would end."""
        due_at = self.place.state.due_at
        if due_at and isinstance(step, model.Wait):
            campaign = self._campaign(step.wait)
            self.effects.append(Wait(due_at, waiting.happenings(step.wait) if campaign else (), campaign))
        elif due_at and isinstance(step, model.Ask):
            self.effects.append(Wait(due_at))

    def _campaign(self, waited: model.Waiting) -> str:
        """The campaign whose coupon is waited for: the one that is named, else that of the coupon just sent."""
        return (waited.campaign or self.place.state.coupon.get("campaign", "")) if waited.happens else ""

    def _coupon_sent(self, sending: model.Sending, sent: CouponSent) -> None:
        kept = {"campaign": sending.campaign, "name": sent.name, "url": sent.url, "expires": sent.expires}
        self.place.change(coupon=kept)
        self._say(speaking.coupon(sending, sent, self._fill))
        self.place.go(None)

    def _say(self, message: Message) -> None:
        self.effects.append(Say(message, self.place.state.version_id))

    def _variant(self, variants: tuple[Words, ...]) -> Words:
        """The text whose turn it is."""
        if len(variants) == 1:
            return variants[0]
        state, key = self.place.state, f"{self.place.state.version_id}/{self.place.state.step}"
        count = state.said.get(key, 0)
        self.place.change(said={**state.said, key: count + 1})
        return variants[chance.in_turn(len(variants), count, *self._seed)]

    def _drawn(self, branches: tuple[model.Branch, ...]) -> str:
        count = self.place.state.chances
        self.place.change(chances=count + 1)
        return branches[chance.drawn([branch.weight for branch in branches], *self._seed, count)].go

    @property
    def _seed(self) -> tuple[int, int, int]:
        return self.place.state.luck, self.place.state.version_id, self.place.state.step

    @property
    def _local_now(self) -> datetime:
        return self.now.astimezone(self.contact.timezone)

    def _holds(self, condition: model.Condition) -> bool:
        return conditions.holds(condition, sight.facts(self.contact, self.place.state, self.effects, self._local_now))

    def _fill(self, words: Words) -> str:
        """The text in the contact's language, filled in."""
        try:
            return texts.render(
                texts.chosen(words, self.contact.language, self.place.flow.languages),
                sight.scope(self.contact, self.place.state, self.effects),
            )
        except texts.TextError as error:
            raise self.place.failure(Reason.FLOW_TEMPLATE, str(error)) from error
