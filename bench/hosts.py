"""Two web hosts and two worker hosts on one PostgreSQL and one Valkey: against one of each, and one of each cut off."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from bench import load, seed
from bench.load import JSON, SERIAL, BenchError
from bench.network import Host, Network, network
from bench.options import Options
from bench.programs import ROOT, Programs, answers, free_port
from bench.report import Row, middle, say
from bench.servers import FLASK, GUNICORN, LINE_SECRET, STARTS_WITHIN
from commands import demo
from db.database import Database
from settings import Settings
from tests.databases import Postgres, PostgresServer
from tests.proof import patience, verdict
from tests.proof.patience import Story

CUSTOMERS = 60  # at once while a host is cut off; half of them at each web host
EACH = 60  # coupons of a customer, one after the other
CUT_AFTER, CUT_FOR = 1.5, 20.0  # seconds


@dataclass
class Halls:
    """The running hosts: the addresses of the web hosts, and the first host of each kind."""

    urls: list[str]
    first: list[Host]


def run(options: Options) -> Iterator[Row]:
    """PostgreSQL only: SQLite is a file on one host."""
    if "postgresql" not in options.databases:
        return
    with network(["web1", "web2", "work1", "work2"]) as net, contextlib.ExitStack() as stack:
        where = "network namespaces" if net.is_real else "processes, as namespaces are not allowed here"
        say(f"hosts are {where}")
        postgres = Postgres(PostgresServer(net.centre, free_port()))
        stack.callback(postgres.stop)
        one = _rate(options, net, postgres.fresh(), 1)
        two = _rate(options, net, postgres.fresh(), 2)
        yield Row("redemptions/s, 2 web and 2 worker hosts on this machine's cores", two, "1 of each", one, "/s")
        yield from _cut(net, postgres.fresh())


def _rate(options: Options, net: Network, url: str, count: int) -> float:
    """Redemptions a second, the clients divided among the web hosts."""
    seed.product(url, options.rows)
    with _halls(net, url, count) as halls:
        tokens, rates = seed.Tokens(options.rows, 0), []
        for number in range(options.rounds + 1):  # the first warms up
            most = min(options.rows // (options.rounds + 1), 2_000 * options.seconds) // count
            shares = [tokens.take(most, "/c/{}/redeem") for _ in halls.urls]
            ask = partial(
                load.full,
                seconds=options.seconds,
                connections=options.connections // count,
                method="POST",
                headers=JSON,
                marker=SERIAL,
            )
            with ThreadPoolExecutor(count) as pool:
                rates.append(sum(one.rate for one in pool.map(ask, halls.urls, shares)))
            say(f"{count} of each, round {number}: {rates[-1]:,.0f}/s")
        return middle(rates[1:])


def _cut(net: Network, url: str) -> Iterator[Row]:
    """A web host and a worker host are cut off in the middle of a rush and come back later."""
    count = CUSTOMERS * EACH
    seed.product(url, count)
    database = Database(url)
    with _halls(net, url, 2) as halls:
        tokens = [request.path.split("/")[2] for request in seed.Tokens(count, 0).take(count, "/c/{}/redeem")]
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            began = time.monotonic()
            work = [
                pool.submit(_customer, halls.urls, number, tokens[number::CUSTOMERS]) for number in range(CUSTOMERS)
            ]
            time.sleep(CUT_AFTER)
            for host in halls.first:
                host.cut_off()
            cut_at = time.monotonic()
            time.sleep(CUT_FOR)
            for host in halls.first:
                host.rejoin()
            stories = [story for done in work for story in done.result()]
        verdict.wait_for_rest(database)
        held, broken = verdict.held(database), verdict.broken(database)
    database.dispose()
    told = {story.token: story.serial for story in stories}
    wrong = [one for story in stories for one in story.wrong]
    if broken or wrong:
        raise BenchError(f"A host cut off did harm: {broken} {wrong[:3]}")
    harmed = [token for token in tokens if token not in held or told[token] != held[token].serial]
    before = [one.ended - one.began for one in stories if one.ended < cut_at]
    after = [one.ended - one.began for one in stories if one.ended >= cut_at]
    lost, late = sum(story.reloads > 0 for story in stories), len(after)
    say(f"cut off after {cut_at - began:.1f} s: {lost} of {count} lost their connection, {late} were answered after")
    cut = "a web host and a worker host cut off"
    yield Row(f"coupons with another serial than the customer's, or none, {cut}", len(harmed), "all", count, "")
    yield Row(f"longest wait for a serial, {cut}", max(after), "before the cut", max(before), "s")


def _customer(urls: Sequence[str], number: int, tokens: Sequence[str]) -> list[Story]:
    here, there = urls[number % 2], urls[(number + 1) % 2]
    return [patience.redeem(here, token, elsewhere=there) for token in tokens]


@contextlib.contextmanager
def _halls(net: Network, database_url: str, count: int) -> Iterator[Halls]:
    """Valkey, and `count` hosts of each kind: on a web host one gunicorn, on a worker host one worker."""
    with Programs() as programs:
        given, redis_port = Settings(var_dir=programs.directory), free_port()
        reachable = ["--port", str(redis_port), "--bind", net.centre, "--protected-mode", "no"]
        programs.start("valkey", [*demo.valkey(given), *reachable])
        programs.until(given.valkey_socket.exists, STARTS_WITHIN, "Valkey is there")
        variables = {
            "DATABASE_URL": database_url.replace("+psycopg", ""),
            "VAR_DIR": str(programs.directory),
            "REDIS_URL": f"redis://{net.centre}:{redis_port}/0",
            "PUBLIC_URL": "http://shop.test",
            "SIMULATOR": "",
            "LINE_CHANNEL_SECRET": LINE_SECRET,
            "SECRET_KEY": "the-same-on-every-host-for-this-bench",
        }
        webs, workers = net.hosts[:count], net.hosts[2 : 2 + count]
        urls = [_web(programs, host, variables) for host in webs]
        for host in workers:
            _start(programs, host, [FLASK, "worker"], variables)
        programs.start("periodic", [FLASK, "worker", "--periodic"], **variables)
        for url in urls:
            programs.until(partial(answers, f"{url}/healthz", well=True), STARTS_WITHIN, "a web host is well")
        yield Halls(urls, [webs[0], workers[0]])
        for host in [*webs, *workers]:
            host.process_ids.clear()


def _web(programs: Programs, host: Host, variables: dict[str, str]) -> str:
    port = free_port()
    words = [GUNICORN, "--chdir", str(ROOT), *demo.WEB_OPTIONS, "--bind", f"{host.address}:{port}", "app:create_app()"]
    _start(programs, host, words, variables)
    return f"http://{host.address}:{port}"


def _start(programs: Programs, host: Host, words: Sequence[str], variables: dict[str, str]) -> None:
    host.process_ids.append(programs.start(host.name, [*host.words, *words], **variables))
