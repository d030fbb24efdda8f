"""The marketer's records over HTTP: how long each page, filter, search and the beginning of each file takes.

At several sizes of the campaign (`--sizes 1000000,10000000`), each against the first, question by question in turn, so
that all see the same machine. PostgreSQL alone: it is what a shop of that size runs on.
"""

import contextlib
import http.client
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from bench import records_rows, seed, servers
from bench.load import BenchError
from bench.options import Options
from bench.report import Row, middle, say
from core import clock, users
from db.database import Database

ASKED = 5  # times in a round; the median of all is shown
USER, PASSWORD = "mia", "a password of the bench"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HERE = f"/console/campaigns/{seed.CAMPAIGN}"

ALL_AT_ONCE = {"status": "verified", "channel": "messenger", "flow": "1", "store": "3", "sort": "redeemed"}
PAGES: Mapping[str, Mapping[str, str]] = {
    "records, the newest": {},
    "records, the oldest": {"order": "oldest"},
    "records, from the middle on": {"after": "MIDDLE"},
    "records, the page before the middle": {"before": "MIDDLE"},
    "records by redemption": {"sort": "redeemed"},
    "records by verification, the oldest": {"sort": "verified", "order": "oldest"},
    "records that were never opened": {"status": "sent"},
    "records redeemed, not verified": {"status": "redeemed"},
    "records of Messenger": {"channel": "messenger"},
    "records of a flow that sent 20": {"flow": "4"},
    "records of a flow that sent 20, by verification": {"flow": "4", "sort": "verified"},
    "records of a store that verified five": {"store": "21"},
    "records, five filters at once": ALL_AT_ONCE,
    "records, six filters at once, none fits": {**ALL_AT_ONCE, "from": "2001-01-01", "to": "2001-01-02"},
    "records found by serial": {"q": "SERIAL"},
    "records found by reference": {"q": "REFERENCE"},
    "records found by a name that few have": {"q": "Alex 5"},
    "records found by a name that nearly all have": {"q": "Mei"},
}
OTHERS: Mapping[str, str] = {
    "refused, the newest": f"{HERE}/records/refused",
    "one record": f"{HERE}/records/REFERENCE",
    "statistics, 30 days": f"{HERE}/statistics",
    "statistics, 31 days by the hour": f"{HERE}/statistics?by=hour&from=FIRST&to=LAST",
}
FILES: Mapping[str, Mapping[str, str]] = {
    "file of all records": {},
    "file of a flow that sent 20": {"flow": "4"},
    "file, five filters at once": ALL_AT_ONCE,
}


def run(options: Options) -> Iterator[Row]:
    """Each question at each size against the first size, until the first byte and, of pages, the last."""
    first, *others = options.sizes
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    with contextlib.ExitStack() as stack:
        fresh = stack.enter_context(servers.databases("postgresql"))
        visitors = {size: stack.enter_context(_shop(fresh(), size)) for size in options.sizes}
        for visitor in visitors.values():
            visitor.ask_all()  # connections are made, code and the first pages are read
        for number in range(options.rounds):
            for name in _paths(first):
                for _ in range(ASKED):
                    for size, visitor in visitors.items():
                        found[size, name].append(visitor.ask(name))
            say(f"round {number + 1} of {options.rounds}")
    for name in _paths(first):
        for size in others or [first]:
            ours, theirs = middle(found[size, name]), middle(found[first, name])
            yield Row(f"{name}, {size:,} coupons", ours, f"{first:,} coupons", theirs, "ms")


@contextlib.contextmanager
def _shop(url: str, size: int) -> Iterator["Visitor"]:
    say(f"filling PostgreSQL with {size:,} coupons and their records")
    records_rows.fill(url, size)
    database = Database(url)
    with database.write() as session:
        users.create(session, USER, PASSWORD, "marketer", None, clock.now())
    database.dispose()
    say("filled")
    # Nothing happens to these coupons: whoever would count would only find that out, each second.
    with servers.shop(url, has_workers=False) as shop:
        yield Visitor(shop.url, size)


def _paths(size: int) -> dict[str, str]:
    """The address of each question."""
    middle_one, today = size // 2, clock.now()
    known = {
        "MIDDLE": f"{(today - timedelta(days=15)).isoformat()}~{middle_one}",
        "SERIAL": f"S{_redeemed(middle_one):010d}",
        "REFERENCE": f"{middle_one:08X}",
    }
    pages = {name: {key: known.get(value, value) for key, value in query.items()} for name, query in PAGES.items()}
    days = {"REFERENCE": known["REFERENCE"], "FIRST": f"{today - timedelta(days=30):%F}", "LAST": f"{today:%F}"}
    others = {name: re.sub("|".join(days), lambda found: days[found[0]], path) for name, path in OTHERS.items()}
    return {
        **{name: f"{HERE}/records?{urlencode(query)}" for name, query in pages.items()},
        **others,
        **{name: f"{HERE}/records.csv?{urlencode(query)}" for name, query in FILES.items()},
    }


def _redeemed(number: int) -> int:
    """The next coupon that was redeemed."""
    return next(n for n in range(number, number + 100) if n * 37 % 100 < records_rows.IS_REDEEMED)


class Visitor:
    """A marketer who is logged in."""

    def __init__(self, url: str, size: int) -> None:
        self._paths = _paths(size)
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._cookies: dict[str, str] = {}
        token = TOKEN.search(self._get("/login"))
        form = {"csrf_token": token[1] if token else "", "username": USER, "password": PASSWORD, "next": ""}
        self._connection.request("POST", "/login", urlencode(form), self._headers("application/x-www-form-urlencoded"))
        self._keep(self._connection.getresponse()).read()
        self._connection.close()

    def ask(self, name: str) -> float:
        """Milliseconds until the whole page is there; of a file, until its first record is."""
        is_file = ".csv" in self._paths[name]
        start = time.perf_counter()
        self._connection.request("GET", self._paths[name], headers=self._headers())
        answer = self._connection.getresponse()
        if answer.status != http.client.OK:
            raise BenchError(f"{name} was answered {answer.status}.")
        if is_file:
            answer.readline()
            answer.readline()
        else:
            answer.read()
        taken = time.perf_counter() - start
        self._connection.close()  # the next one connects anew: the server lets go of those that rest
        return taken * 1000

    def ask_all(self) -> None:
        """Each question once."""
        for name in self._paths:
            self.ask(name)

    def _get(self, path: str) -> str:
        self._connection.request("GET", path, headers=self._headers())
        page = self._keep(self._connection.getresponse()).read().decode()
        self._connection.close()
        return page

    def _headers(self, content_type: str = "") -> dict[str, str]:
        typed = {"Content-Type": content_type} if content_type else {}
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "Accept-Language": "en", **typed}

    def _keep(self, answer: http.client.HTTPResponse) -> http.client.HTTPResponse:
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer
