"""Customers who want their serial, whatever breaks: they reload, tap again, and remember what they were told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.coupon_view import State
from tests.proof import crowd
from tests.proof.crowd import Browser, Reply
from tests.proof.machine import NEVER, Span

RELOADS_AFTER = 0.5  # seconds, by somebody who sees that nothing came
ASKS_EVERY = 0.3  # seconds, as the page does while it waits
GIVES_UP = 120  # seconds


@dataclass
class Story:
    """What happened to one customer."""

    token: str
    began: float = field(default_factory=time.monotonic)
    ended: float = NEVER
    serial: str | None = None
    reason: str | None = None
    reloads: int = 0
    may_be_limited: bool = False  # to 20 taps a minute
    busy: int = 0  # times that the shop said 503: come again in a moment
    wrong: list[str] = field(default_factory=list)

    @property
    def waited(self) -> Span:
        """From the first tap to the answer."""
        return Span(self.began, self.ended)


def redeem(
    url: str,
    token: str,
    on_busy: Callable[[str], object] = lambda _: None,
    elsewhere: str | None = None,
    *,
    may_be_limited: bool = False,
) -> Story:
    """Tap until there is an answer; `on_busy` is told the token of whoever is asked to come again.

    Whose connection is lost goes on at the address `elsewhere`, as a balancer in front of two hosts would have it.
    `may_be_limited`: what is broken may last so long that somebody taps more often than a minute allows.
    """
    story, browser = Story(token, may_be_limited=may_be_limited), Browser(url, timeout=5)
    is_waiting = False
    while story.ended == NEVER and time.monotonic() < story.began + GIVES_UP:
        try:
            reply = browser.status(token) if is_waiting else browser.tap(token)
        except crowd.LOST:
            story.reloads += 1
            browser.close()
            browser = Browser(elsewhere or url, timeout=5)
            _pause(RELOADS_AFTER)
        else:
            is_waiting = _hear(story, reply, is_waiting=is_waiting)
            if story.busy:
                on_busy(token)
    browser.close()
    return story


def _hear(story: Story, reply: Reply, *, is_waiting: bool) -> bool:
    """Take a reply in; whether the customer waits from now on."""
    if reply.status == 503 and reply.body.get("detail"):
        story.busy += 1
        _pause(RELOADS_AFTER)
        return is_waiting
    if wrong := crowd.unlawful(reply, may_be_limited=story.may_be_limited):
        story.wrong.append(wrong)
    state = reply.body.get("state")
    if is_waiting and state == State.OPEN:
        story.wrong.append(f"{reply.path}: told to wait, and forgotten")
    if state in {State.REDEEMED, State.REFUSED}:
        story.ended, story.serial, story.reason = time.monotonic(), reply.body["serial"], reply.body["reason"]
    else:
        _pause(ASKS_EVERY)
    return state == State.WAITING


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
