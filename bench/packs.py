"""A file of 1,000,000 codes uploaded as a browser does, until the last serial is in; and what it costs in memory.

Against the barest way to put the same codes into a table with the same primary key and unique index: COPY on
PostgreSQL, `executemany` on SQLite, in one transaction. In turn, round by round, in a fresh database each time.
"""

import http.cookiejar
import re
import secrets
import sqlite3
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg

from bench import servers
from bench.load import BenchError
from bench.options import NAMES, Options
from bench.report import Row, middle, say
from core import campaigns, clock, users
from core.imports.generating import Pattern, codes
from db.database import Database

CODES = 1_000_000
PATTERN = Pattern("##########")  # so many that no code comes twice; 11 MB
FILE_MB = "20"
WITHIN = 600  # seconds
LIMIT = 300  # MB, the goal
PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CREATE = (
    "CREATE TABLE bare_serials (pack_id bigint NOT NULL, position bigint NOT NULL, campaign_id bigint NOT NULL,"
    " code varchar(64) NOT NULL, PRIMARY KEY (pack_id, position), UNIQUE (code, campaign_id))"
)
BARE = {"postgresql": "a bare COPY", "sqlite": "a bare executemany"}


def run(options: Options) -> Iterator[Row]:
    """The rows of every database asked for."""
    if not sys.platform.startswith("linux"):
        raise BenchError("The bench of packs reads /proc, which only Linux has.")
    for kind in options.databases:
        ours, bare, peaks = [], [], []
        with servers.databases(kind) as fresh:
            for _ in range(options.rounds):
                made = codes(PATTERN, CODES)
                bare.append(_bare(fresh(), made))
                seconds, peak = _ours(fresh(), made)
                ours.append(seconds)
                peaks.append(peak)
                say(f"{NAMES[kind]}, a million: {seconds:.1f} s, bare {bare[-1]:.1f} s, peak (web, worker) {peak} MB")
        name = f"imports of serials: seconds until the last of {CODES:,} is in, {NAMES[kind]}"
        yield Row(name, middle(ours), BARE[kind], middle(bare), "s")
        for index, process in enumerate(("web", "worker")):
            peak_of = max(peak[index] for peak in peaks)
            yield Row(f"peak memory of a {process} process meanwhile, {NAMES[kind]}", peak_of, "the goal", LIMIT, "MB")


def _bare(url: str, made: Sequence[str]) -> float:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(CREATE)
            rows = [(1, position, 1, code) for position, code in enumerate(made, 1)]
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO bare_serials VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
            return time.perf_counter() - began
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(CREATE)
        connection.commit()
        data = "".join([f"1\t{position}\t1\t{code}\n" for position, code in enumerate(made, 1)])
        began = time.perf_counter()
        with connection.cursor().copy("COPY bare_serials FROM STDIN") as copy:
            copy.write(data)
        connection.commit()
        return time.perf_counter() - began


def _ours(url: str, made: Sequence[str]) -> tuple[float, tuple[float, float]]:
    """Seconds from the upload's first byte to the pack that is whole; the highest memory of web and workers, in MB."""
    password = secrets.token_urlsafe(12)
    database, now = Database(url), clock.now()
    with database.write() as session:
        spec = campaigns.Spec(slug="bench", name="bench", expires_from="sending", expires_after_seconds=60)
        campaigns.apply(session, spec, now)
        users.create(session, "bench", password, "marketer", None, now)
    database.dispose()
    with servers.shop(url, SERIALS_FILE_MB=FILE_MB) as shop:
        room = f"{shop.url}/console/campaigns/bench/packs/"
        browser = _logged_in(shop.url, password)
        token = _token(browser, room)
        file = "\n".join(["serial", *made]).encode()
        began = time.perf_counter()
        body = _form({"csrf_token": token}, file)
        with browser.open(urllib.request.Request(f"{room}upload", body, _HEADERS)) as answer:  # noqa: S310 (our own shop)
            place = answer.url
        while b'"state":"done"' not in (told := _read(browser, f"{place}/progress")):
            if time.perf_counter() - began > WITHIN or b'"state":"loading"' not in told:
                raise BenchError(f"The import did not come to its end: {told!r}")
            time.sleep(0.1)
        seconds = time.perf_counter() - began
        path = Path(f"/proc/{shop.web_id}/task/{shop.web_id}/children")
        web = [int(word) for word in path.read_text(encoding="ascii").split()]
        return seconds, (max(map(_peak, web)), max(map(_peak, shop.worker_ids)))


_BOUNDARY = "a-boundary-of-the-bench"
_HEADERS = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}


def _form(fields: dict[str, str], file: bytes) -> bytes:
    named = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="codes.csv"\r\n\r\n'
    return f"{named}{head}".encode() + file + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _logged_in(url: str, password: str) -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = {"csrf_token": _token(browser, f"{url}/login"), "username": "bench", "password": password}
    browser.open(f"{url}/login", urllib.parse.urlencode(form).encode()).close()
    return browser


def _token(browser: urllib.request.OpenerDirector, url: str) -> str:
    found = TOKEN.search(_read(browser, url).decode())
    if found is None:
        raise BenchError(f"{url} has no form.")
    return found[1]


def _read(browser: urllib.request.OpenerDirector, url: str) -> bytes:
    with browser.open(url) as answer:
        return bytes(answer.read())


def _peak(process_id: int) -> float:
    found = PEAK.search(Path(f"/proc/{process_id}/status").read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else 0.0
