"""From a scan to its answer at the counter, in a real browser: what a cashier waits with a customer before them.

A keyboard scanner's characters and Enter go to the counter's field in Chromium on a phone-sized screen. The time runs
inside the page, from the Enter key's own time until two frames have begun after the answer stood there: colour and
sentence are painted then. The ceiling is the same page and the same two frames around an empty route's answer.
"""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator

from playwright.sync_api import Page, expect, sync_playwright

from bench import servers, verify
from bench.load import BenchError
from bench.options import NAMES, Options
from bench.paced import percentile
from bench.report import Row, middle, say

WARMING = 10  # customers that are not counted
PHONE = {"width": 360, "height": 740}
FOUND, VERIFIED, AGAIN, UNKNOWN, EMPTY = "coupon", "verified", "already_verified", "unknown_coupon", "empty"
SHOWN = {
    FOUND: "a coupon that can be verified is shown",
    VERIFIED: "“verified” is shown, from Enter on the button",
    AGAIN: "“already verified” is shown",
    UNKNOWN: "“unknown” is shown",
}
PROBE = """
(empty) => {
  const place = document.getElementById("answer");
  const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  let answered = () => {};
  new MutationObserver(() => answered()).observe(place, { childList: true });
  addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    window.scanned = new Promise((done) => { answered = done; }).then(painted).then(() => {
      const shown = place.firstElementChild;
      return [performance.now() - event.timeStamp, shown.dataset.reason || shown.dataset.testid];
    });
  }, true);
  window.asksNothing = async () => {
    const begun = performance.now();
    await (await fetch(empty, { method: "POST", mode: "no-cors", body: "{}" })).text();
    place.replaceChildren("-");
    await painted();
    return performance.now() - begun;
  };
}
"""


def run(options: Options) -> Iterator[Row]:
    """Median and p99 of each kind of answer on every database asked for, each beside the empty route's."""
    for kind in options.databases:
        with servers.databases(kind) as fresh, contextlib.ExitStack() as stack:
            url = fresh()
            verify.fill(url, kind, options.rows)
            shop = stack.enter_context(servers.shop(url))
            ceiling = stack.enter_context(servers.application("bench.ceiling:create_app()"))
            page = stack.enter_context(_counter(shop.url))
            page.evaluate(PROBE, f"{ceiling}/empty/1")
            taken = _customers(page, options)
        say(f"{NAMES[kind]}: {len(taken[EMPTY])} of each")
        for answer, words in SHOWN.items():
            for name, of in (("median", middle), ("p99", _p99)):
                measure = f"{name} until {words}, {NAMES[kind]}"
                yield Row(measure, of(taken[answer]), "an empty Flask route", of(taken[EMPTY]), "ms")


@contextlib.contextmanager
def _counter(url: str) -> Iterator[Page]:
    """The counter's app on a phone; somebody is signed in, and it has its list for when there is no network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--disable-dev-shm-usage"])
        page = browser.new_page(viewport=PHONE, locale="en", bypass_csp=True)  # type: ignore[arg-type]  # a size
        page.goto(f"{url}/login?next=/pos/")
        page.fill("[name=username]", verify.USER)
        page.fill("[name=password]", verify.PASSWORD)
        page.click("main button")
        expect(page.locator("#line-list")).to_contain_text("just now", timeout=60_000)
        yield page
        browser.close()


def _customers(page: Page, options: Options) -> dict[str, list[float]]:
    """One after the other: a coupon is found, verified, scanned once more; then a wrong code, then an empty answer.

    For as long as all rounds of a load take, or until there is no coupon left.
    """
    taken: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + options.rounds * options.seconds
    for number in range(1, options.rows + 1):
        serial = f"S{number:010d}"
        one = {
            FOUND: _scan(page, serial, FOUND),
            VERIFIED: _scan(page, "", VERIFIED),
            AGAIN: _scan(page, serial, AGAIN),
            UNKNOWN: _scan(page, f"X{number:010d}", UNKNOWN),
            EMPTY: float(page.evaluate("asksNothing()")),
        }
        for kind, milliseconds in one.items() if number > WARMING else ():
            taken[kind].append(milliseconds)
        if number > WARMING + 1 and time.monotonic() > until:
            break
    return taken


def _scan(page: Page, code: str, expected: str) -> float:
    """Milliseconds; without a code Enter alone, for the button that has the focus."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    milliseconds, shown = page.evaluate("scanned")
    if shown != expected:
        raise BenchError(f"{code or 'Verify'} was answered {shown}, not {expected}.")
    return float(milliseconds)


def _p99(values: list[float]) -> float:
    return percentile(sorted(values), 0.99)
