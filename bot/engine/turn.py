"""The flow engine: a pure function of flow, state and event. It reads no clock, no database and no network.

A turn runs steps until one has to wait: for an answer, or for the outcome of a coupon that the caller sends and feeds
back as the next event. At most MAX_STEPS a turn, so a flow that runs in circles ends in a failure, not in a hang.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.engine.contact import Contact
from bot.engine.effects import Effect, HandOver, Say, SendCoupon, Tag, Untag
from bot.engine.events import CouponRefused, CouponSent, Event, Said
from bot.engine.failure import FlowFailure
from bot.engine.library import Library
from bot.language import conditions, model, texts
from bot.language.conditions import Facts
from bot.language.model import Flow, Words
from bot.language.starts import folded
from bot.messages import Button, Message
from bot.state import State, Waits
from core.reasons import Reason

MAX_STEPS = 100


@dataclass(frozen=True)
class Turn:
    """What one event led to: where the conversation stands now, and what is to be done, in this order.

    `visited` are the steps that were run, each by its flow's version (0: the flow that the conversation is in) and
    its index there.
    """

    state: State
    effects: tuple[Effect, ...]
    visited: tuple[tuple[int, int], ...] = ()


def begin(luck: int = 0) -> State:
    """The state of a conversation that has not taken its first step. `luck`: any number, the seed of all its chance."""
    return State(luck=luck)


def advance(
    flow: Flow,
    state: State,
    event: Event,
    contact: Contact,
    now: datetime,
    library: Library | None = None,
) -> Turn:
    """Take an event in and run until the flow waits or ends. `flow` is the one that the conversation is in.

    Raises:
        FlowFailure: FLOW_STEP_LIMIT or FLOW_TEMPLATE.
    """
    del now, library  # nothing asks for them yet
    run = _Run(flow, contact, state)
    run.take(event)
    while not run.state.is_ended and not run.state.waits_for:
        run.step()
    return Turn(run.state, tuple(run.effects), tuple(run.visited))


def fits(flow: Flow, state: State, text: str, now: datetime, library: Library | None = None) -> bool:
    """Whether the flow waits for an answer with choices and this is one of them."""
    del now, library
    step = flow.steps[state.step] if state.waits_for == "answer" else None
    return isinstance(step, model.Ask) and _choice(step.ask, text) is not None


class _Run:
    """One turn under way."""

    def __init__(self, flow: Flow, contact: Contact, state: State) -> None:
        self.flow, self.contact, self.state = flow, contact, state
        self.effects: list[Effect] = []
        self.visited: list[tuple[int, int]] = []
        self._coupon: CouponSent | None = None

    def take(self, event: Event) -> None:
        """What the event means for the step that is waited at."""
        step = self.flow.steps[self.state.step] if self.state.waits_for else None
        if isinstance(step, model.Ask) and isinstance(event, Said):
            self._answer(step.ask, event.text)
        elif isinstance(step, model.SendCoupon) and isinstance(event, CouponSent):
            self._coupon = event
            button = Button(self._text(step.send_coupon.button), url=event.url)
            message = Message(
                text=self._text(step.send_coupon.text),
                title=event.name,
                image_url=event.image_url,
                buttons=(button,),
            )
            self.effects.append(Say(message))
            self._go_on()
        elif isinstance(step, model.SendCoupon) and isinstance(event, CouponRefused):
            refused = step.send_coupon.refused
            self._go(getattr(refused, event.reason, "") or refused.otherwise or None)

    def step(self) -> None:
        """Run the next step; past the last one the flow is over."""
        if self.state.step >= len(self.flow.steps):
            self._end()
            return
        self.visited.append((self.state.version_id, self.state.step))
        if len(self.visited) > MAX_STEPS:
            raise self._failure(Reason.FLOW_STEP_LIMIT, f"more than {MAX_STEPS} steps without an answer; is it a loop?")
        self._do(self.flow.steps[self.state.step])

    def _do(self, step: model.AnyStep) -> None:
        match step:
            case model.Say():
                self._say(step.say)
                self._go_on()
            case model.Ask():
                self.effects.append(Say(self._question(step.ask, step.ask.text)))
                self._wait("answer")
            case model.If():
                self._go(step.then if conditions.holds(step.if_, self._facts()) else step.else_)
            case model.Go():
                self._go(step.go)
            case model.SendCoupon():
                self.effects.append(SendCoupon(step.send_coupon.campaign))
                self._wait("coupon")
            case model.TagStep():
                self.effects.append(Tag(step.tag))
                self._go_on()
            case model.Untag():
                self.effects.append(Untag(step.untag))
                self._go_on()
            case model.HandOver():
                self.effects.append(HandOver(step.hand_over))
                self._end()
            case model.End():
                self._end()

    def _end(self) -> None:
        self.state = replace(self.state, waits_for="", is_ended=True)

    def _wait(self, what: Waits) -> None:
        self.state = replace(self.state, waits_for=what)

    def _answer(self, ask: model.Asking, text: str) -> None:
        choice = _choice(ask, text)
        if ask.choices and choice is None:
            self.effects.append(Say(self._question(ask, ask.otherwise or ask.text)))
            return
        value = (choice.value or self._first_label(choice)) if choice else text
        self.state = replace(self.state, answers={**self.state.answers, ask.keep: value})
        self._go(choice.go if choice and choice.go else None)

    def _first_label(self, choice: model.Choice) -> str:
        return texts.chosen(choice.label, self.flow.languages[0], self.flow.languages)

    def _go(self, step_id: str | None) -> None:
        """Go to a step by its id, or on to the next one."""
        if step_id is None:
            self._go_on()
        else:
            self.state = replace(self.state, step=self.flow.place(step_id), waits_for="")

    def _go_on(self) -> None:
        self.state = replace(self.state, step=self.state.step + 1, waits_for="")

    def _say(self, say: model.Saying) -> None:
        buttons = tuple(Button(self._text(b.label), self._text(b.url), b.postback) for b in say.buttons)
        message = Message(
            text=self._text(say.text),
            title=self._text(say.title),
            image_url=say.image,
            buttons=buttons,
            choices=tuple(self._text(choice) for choice in say.choices),
        )
        self.effects.append(Say(message))

    def _question(self, ask: model.Asking, words: Words) -> Message:
        choices = tuple(self._text(choice.label) for choice in ask.choices)
        return Message(text=self._text(words), image_url=ask.image, choices=choices)

    def _text(self, words: Words) -> str:
        scope: dict[str, Any] = {
            "contact": {"name": self.contact.name, "language": self.contact.language, "channel": self.contact.channel},
            "shop": {"name": self.contact.shop},
            "answers": self.state.answers,
        }
        if self._coupon:
            scope["coupon"] = {"name": self._coupon.name, "url": self._coupon.url, "expires": self._coupon.expires}
        try:
            return texts.render(texts.chosen(words, self.contact.language, self.flow.languages), scope)
        except texts.TextError as error:
            raise self._failure(Reason.FLOW_TEMPLATE, str(error)) from error

    def _facts(self) -> Facts:
        return Facts(self.state.answers, frozenset(self._tags()), self.contact.channel, self.contact.language)

    def _tags(self) -> set[str]:
        """The contact's tags, with what this turn has changed already."""
        tags = set(self.contact.tags)
        for effect in self.effects:
            if isinstance(effect, Tag):
                tags.add(effect.name)
            elif isinstance(effect, Untag):
                tags.discard(effect.name)
        return tags

    def _failure(self, reason: Reason, detail: str) -> FlowFailure:
        return FlowFailure(reason, self.flow.flow, self.state.step, detail)


def _choice(ask: model.Asking, text: str) -> model.Choice | None:
    """The choice that the customer's words mean: its label in any language, or its value."""
    said = folded(text)
    for choice in ask.choices:
        labels = [choice.label] if isinstance(choice.label, str) else list(choice.label.values())
        if said in {folded(word) for word in (*labels, choice.value) if word}:
            return choice
    return None
