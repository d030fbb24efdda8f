"""Many customers at once, each with a browser that keeps its connections open."""

import http.client
import itertools
import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from core.coupon_view import State
from core.reasons import Reason

PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 Line/16.1.0"
JSON, PAGE = "application/json", "text/html"
LOST = (OSError, http.client.HTTPException)  # what a broken connection raises

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Reply:
    """What the server said to a request for `path`."""

    path: str
    status: int
    kind: str
    location: str
    text: str

    @property
    def body(self) -> dict[str, Any]:
        """The reply as JSON; empty where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


class Tab:
    """A connection that is kept open between requests, one of which is under way at a time."""

    def __init__(self, url: str, timeout: float) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=timeout)
        self._asked = ("GET", "/", PAGE)
        self._is_reused = False

    def ask(self, method: str, path: str, accept: str) -> None:
        """Send a request; do not wait for the reply."""
        self._asked = (method, path, accept)
        self._is_reused = self._connection.sock is not None
        try:
            self._send()
        except LOST:
            self._once_more()

    def reply(self) -> Reply:
        """The reply to what was asked. Raises one of `LOST` where there is none."""
        try:
            return self._receive()
        except LOST:
            self._once_more()
            return self._receive()

    def get(self, path: str, accept: str) -> Reply:
        """GET, and wait."""
        self.ask("GET", path, accept)
        return self.reply()

    def close(self) -> None:
        """Close the connection, whatever is under way."""
        self._connection.close()

    def _send(self) -> None:
        method, path, accept = self._asked
        self._connection.putrequest(method, path)
        for name, value in (("User-Agent", PHONE), ("Accept", accept), ("Content-Length", "0")):
            self._connection.putheader(name, value)
        self._connection.endheaders()

    def _receive(self) -> Reply:
        answer = self._connection.getresponse()
        text = answer.read().decode()
        kind, location = answer.getheader("Content-Type", ""), answer.getheader("Location", "")
        return Reply(self._asked[1], answer.status, kind, location, text)

    def _once_more(self) -> None:
        """A browser sends again, on a new connection, what met an idle one that the server had closed."""
        self._connection.close()
        if not self._is_reused:
            raise ConnectionError(f"{self._asked[:2]}: no reply")
        self._is_reused = False
        self._send()


class Browser:
    """A customer's browser with two tabs."""

    def __init__(self, url: str, timeout: float = 60) -> None:
        self.tabs = (Tab(url, timeout), Tab(url, timeout))

    def tap_at_once(self, first: str, second: str) -> list[Reply]:
        """Tap Redeem of two coupons, or twice of one, in two tabs at the same instant."""
        for tab, token in zip(self.tabs, (first, second), strict=True):
            tab.ask("POST", f"/c/{token}/redeem", JSON)
        return [tab.reply() for tab in self.tabs]

    def tap_twice(self, token: str, *, gives_up_first: bool) -> list[Reply]:
        """Tap the button of one page twice; many browsers then give up the first request. Then the page comes."""
        replies = []
        for tab in self.tabs:
            tab.ask("POST", f"/c/{token}/redeem", PAGE)
        if gives_up_first:
            self.tabs[0].close()
        else:
            replies.append(self.tabs[0].reply())
        replies.append(self.tabs[1].reply())
        return [*replies, self.tabs[1].get(f"/c/{token}", PAGE)]

    def tap(self, token: str) -> Reply:
        """Tap once."""
        self.tabs[0].ask("POST", f"/c/{token}/redeem", JSON)
        return self.tabs[0].reply()

    def status(self, token: str) -> Reply:
        """What the page asks while it waits."""
        return self.tabs[0].get(f"/c/{token}/status", JSON)

    def close(self) -> None:
        """Close both tabs."""
        for tab in self.tabs:
            tab.close()


def each(url: str, clients: int, items: Sequence[Item], does: Callable[[Browser, Item], Result]) -> list[Result]:
    """Have `clients` browsers at once do something with every item, each taking the next one when it is done."""
    numbers = itertools.count()  # next() on it is one step, whoever else asks
    results: list[list[Result]] = [[] for _ in range(clients)]
    together = threading.Barrier(clients)

    def client(mine: list[Result]) -> None:
        browser = Browser(url)
        together.wait(60)
        while (number := next(numbers)) < len(items):
            mine.append(does(browser, items[number]))
        browser.close()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(client, mine) for mine in results]:
            done.result()
    return [result for mine in results for result in mine]


def unlawful(reply: Reply, *, may_be_limited: bool = False) -> str | None:
    """What is wrong with a reply, or None: 200 and 303 as they should be, 4xx with a reason, nothing else.

    429, too many taps on one coupon, is only for those who are said to tap so often.
    """
    if reply.status == 303:
        is_right = reply.location == reply.path.removesuffix("/redeem")
    elif reply.status == 200 and JSON in reply.kind:
        is_right = _is_whole(reply.body)
    elif reply.status == 200:
        is_right = "<h1" in reply.text
    elif 400 <= reply.status < 500 and (reply.status != 429 or may_be_limited):
        is_right = bool(reply.body.get("reason") or reply.body.get("detail")) or "<h1" in reply.text
    else:
        is_right = False
    return None if is_right else f"{reply.path}: {reply.status} {reply.location} {reply.text[:300]}"


def _is_whole(body: dict[str, Any]) -> bool:
    state = body.get("state")
    if state == State.REFUSED:
        return body.get("reason") in set(Reason)
    return state in set(State) and bool(body.get("serial")) == (state in {State.REDEEMED, State.VERIFIED})
