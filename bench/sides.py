"""One of those that a bench compares over HTTP: full load, then half of it, round by round."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench import load, paced, seed
from bench.load import BROWSER, Load, Request
from bench.options import Options
from bench.report import middle, say

FASTEST = 8_000  # answers a second that no application here can pass: so many requests are prepared


@dataclass
class Side:
    """Where it is, what it is asked, and what its rounds gave. An answer with `marker` in it is a right one.

    `redeemed` are coupons to warm up with, where those of `tokens` are few.
    """

    name: str
    url: str
    path: str
    tokens: seed.Tokens | None = None  # none: any will do, again and again
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=lambda: BROWSER)
    marker: str = ""
    redeemed: seed.Tokens | None = None
    full: list[Load] = field(default_factory=list)
    half: list[Load] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Right answers a second at full load."""
        return middle([one.rate for one in self.full])

    @property
    def p99(self) -> float:
        """Milliseconds at half of the full load."""
        return middle([one.p99 for one in self.half])

    def one_round(self, options: Options, rounds_left: int) -> None:
        """Full load, then half of it. Where coupons are few, each load gets its share of those that are left."""
        most = self.tokens.left // (2 * rounds_left) if self.tokens else FASTEST * options.seconds
        rate = max(1.0, self.at_full(options, most).rate / 2)
        self.at_rate(options, rate, max(1, min(int(rate * options.seconds), most)))

    def at_full(self, options: Options, most: int) -> Load:
        """What came of a load of at most so many requests, as fast as they are answered."""
        full = load.full(
            self.url,
            self._requests(min(FASTEST * options.seconds, most)),
            seconds=options.seconds,
            connections=options.connections,
            method=self.method,
            headers=self.headers,
            marker=self.marker,
        )
        say(f"{self.name}, full: {full}")
        self.full.append(full)
        return full

    def at_rate(self, options: Options, rate: float, count: int) -> Load:
        """What came of so many requests, `rate` a second."""
        half = paced.at_rate(
            self.url,
            self._requests(count),
            rate,
            connections=options.connections,
            method=self.method,
            headers=self.headers,
            marker=self.marker,
        )
        say(f"{self.name}, at {rate:,.0f}/s: {half}")
        self.half.append(half)
        return half

    def warm_up(self, options: Options) -> None:
        """A second of load that is not counted: connections are made, code is loaded."""
        few = self.tokens.left // 20 if self.tokens else FASTEST
        load.full(
            self.url,
            self.redeemed.take(FASTEST, self.path) if self.redeemed else self._requests(min(few, FASTEST)),
            seconds=1,
            connections=options.connections,
            method=self.method,
            headers=self.headers,
        )

    def _requests(self, count: int) -> list[Request]:
        return self.tokens.take(count, self.path) if self.tokens else [Request(self.path)] * count


def compare(options: Options, *sides: Side) -> None:
    """All sides in turn, round by round, so that all see the same machine."""
    for side in sides:
        side.warm_up(options)
    for left in range(options.rounds, 0, -1):
        for side in sides:
            side.one_round(options, left)
