"""The counter's search for a customer over HTTP, by whatever they show or are called: how long until the page is there.

At several sizes of the shop (`--sizes 10000,1000000`), each against the first, question by question in turn, so that
all see the same machine.
"""

import contextlib
import http.client
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode, urlsplit

from bench import customers_rows, seed, servers, verify
from bench.load import BenchError
from bench.options import NAMES, Options
from bench.report import Row, middle, say

ASKED = 5  # times in a round; the median of all is shown


def run(options: Options) -> Iterator[Row]:
    """Each question at each size against the first size, until the last byte of its answer."""
    first, *others = options.sizes
    for kind in options.databases:
        found: dict[tuple[int, str], list[float]] = defaultdict(list)
        with contextlib.ExitStack() as stack:
            fresh = stack.enter_context(servers.databases(kind))
            staff = {size: stack.enter_context(_shop(fresh(), kind, size)) for size in options.sizes}
            for number in range(options.rounds):
                for name in _shown(first):
                    for _ in range(ASKED):
                        for size, one in staff.items():
                            found[size, name].append(one.ask(name))
                say(f"{NAMES[kind]}: round {number + 1} of {options.rounds}")
        for name in _shown(first):
            for size in others or [first]:
                measure = f"customer found by {name}, {NAMES[kind]}, {size:,} contacts"
                ours, theirs = middle(found[size, name]), middle(found[first, name])
                yield Row(measure, ours, f"{first:,} contacts", theirs, "ms")


def _shown(size: int) -> Mapping[str, str]:
    """What is entered for each way of finding."""
    one = size // 4 * 2  # of the even ones, which have an e-mail address
    latin, chinese, thai = customers_rows.RARE
    return {
        "the link of a coupon": f"{{url}}/c/{seed.token(one)}",
        "a reference": f"{one:08X}",
        "a serial": f"S{one:010d}",
        "a phone number": f"+886-9{one:08d}",
        "an e-mail address": f"c{one}@example.com",
        "a whole name": latin,
        "a whole Chinese name": chinese,
        "a whole Thai name": thai,
        "the beginning of a name": latin[:3],
        "the second word of a name": latin.split()[1],
        "the given name of a Chinese name": chinese[1:],
        "the second word of a Thai name": thai.split()[1],
        "a name that many have": "Alex",
        "a Chinese name that many have": "雅婷",
        "a letter": "a",
        "a name that nobody has": "Nobody",
        "a Chinese name that nobody has": "龘龘",
        "a part within a word, which finds nobody": latin[1:],
    }


@contextlib.contextmanager
def _shop(url: str, kind: str, size: int) -> Iterator["Staff"]:
    say(f"filling {NAMES[kind]} with {size:,} contacts")
    customers_rows.fill(url, size)
    verify.staff(url)
    with servers.shop(url, has_workers=False) as shop:
        staff = Staff(shop.url, size)
        for name in _shown(size):  # connections are made, code and the first pages are read
            staff.ask(name)
        yield staff


class Staff:
    """Somebody at a counter who is logged in."""

    def __init__(self, url: str, size: int) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._headers = {**verify.session(url), "Content-Type": "application/x-www-form-urlencoded"}
        self._shown = {name: entered.format(url=url) for name, entered in _shown(size).items()}

    def ask(self, name: str) -> float:
        """Milliseconds until the whole answer is there: a profile to go to, a list, or that there is nobody."""
        body = urlencode({"entered": self._shown[name]})
        start = time.perf_counter()
        self._connection.request("POST", "/pos/customers/find", body, self._headers)
        answer = self._connection.getresponse()
        answer.read()
        taken = time.perf_counter() - start
        is_one = answer.status == http.client.SEE_OTHER
        if is_one == any(word in name for word in ("nobody", "many", "a letter")) or answer.status not in {200, 303}:
            raise BenchError(f"{name} was answered {answer.status}.")
        self._connection.close()  # the next one connects anew: the server lets go of those that rest
        return taken * 1000
