"""axe-core looks at a page of a browser test: what it finds serious or critical fails the test."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = "() => axe.run(document, { resultTypes: ['violations'] })"
BAD = ("serious", "critical")


def assert_accessible(page: Page) -> None:
    """Fail with axe-core's rule, its words, and the places, where it finds a serious or critical violation."""
    found = violations(page)
    assert found == [], found


def violations(page: Page) -> list[str]:
    """What axe-core finds serious or critical on the page as it is, a line each."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE)  # past the page's content policy, as a browser's developer would
    found: dict[str, Any] = page.evaluate(RUN)
    return [_line(page, one, node) for one in found["violations"] if one["impact"] in BAD for node in one["nodes"]]


def _line(page: Page, one: dict[str, Any], node: dict[str, Any]) -> str:
    why = " ".join(node["failureSummary"].split())
    return f"{page.url}: {one['impact']} {one['id']}: {' '.join(map(str, node['target']))}: {why}"
