"""`python -m bench [names]`: runs the benches and prints their table; progress goes to standard error."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator

from bench import (
    allocate,
    customers,
    flows,
    grow,
    hosts,
    imports,
    memory,
    packs,
    page,
    records,
    redeem,
    report,
    scan,
    verify,
    webhooks,
)
from bench.load import BenchError
from bench.options import DATABASES, Options
from bench.report import Row

BENCHES: dict[str, Callable[[Options], Iterator[Row]]] = {
    "redeem": redeem.run,
    "allocate": allocate.run,
    "page": page.run,
    "webhooks": webhooks.run,
    "flows": flows.run,
    "hosts": hosts.run,
    "memory": memory.run,
    "imports": imports.run,
    "packs": packs.run,
    "grow": grow.run,
    "records": records.run,
    "verify": verify.run,
    "customers": customers.run,
    "scan": scan.run,
}


def main() -> int:
    """Run what the command line asks for."""
    names, options = _read()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started this in the background
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # like Ctrl-C: all is stopped
    sys.stdout.write(report.heading() + "\n")
    try:
        for name in names:
            for row in BENCHES[name](options):
                sys.stdout.write(row.line() + "\n")
                sys.stdout.flush()
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _read() -> tuple[list[str], Options]:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=f"of {', '.join(BENCHES)}; none: all of them")
    parser.add_argument("--seconds", type=int, default=Options.seconds, help="of each load")
    parser.add_argument("--rounds", type=int, default=Options.rounds, help="of each measure; the median is shown")
    parser.add_argument("--connections", type=int, default=Options.connections)
    parser.add_argument("--rows", type=int, default=Options.rows, help="coupons and serials in the database")
    parser.add_argument(
        "--sizes", type=_numbers, default=Options.sizes, help="rows that `grow`, `records` and `customers` compare"
    )
    parser.add_argument("--repeats", type=int, default=Options.repeats, help="of known events that `webhooks` sends")
    parser.add_argument("--databases", type=_databases, default=DATABASES, help="of postgresql,sqlite")
    given = vars(parser.parse_args())
    names = given.pop("names") or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"There is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}.")
    return names, Options(**given)


def _numbers(words: str) -> tuple[int, ...]:
    return tuple(int(word.replace("_", "")) for word in words.split(","))


def _databases(words: str) -> tuple[str, ...]:
    found = tuple(words.split(","))
    if not set(found) <= set(DATABASES):
        raise argparse.ArgumentTypeError(f"expected some of {','.join(DATABASES)}")
    return found


sys.exit(main())
