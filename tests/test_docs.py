"""Documentation that cannot rot: what the code has, the docs name."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from core.audit import ACTIONS
from core.invariants import INVARIANTS
from core.reasons import Reason
from settings import Settings
from web.metrics import FAMILIES

DOCS = Path(__file__).parent.parent / "docs"
ROOT = DOCS.parent


@pytest.mark.parametrize("name", [field.name.upper() for field in fields(Settings)])
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (DOCS / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_code_is_documented(reason: Reason) -> None:
    assert f"`{reason}`" in (DOCS / "reasons.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [invariant.name for invariant in INVARIANTS])
def test_every_finding_of_the_doctor_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (DOCS / "doctor.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("action", ACTIONS)
def test_every_deed_of_the_audit_log_is_documented(action: str) -> None:
    assert f"`{action}`" in (DOCS / "records.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FAMILIES)
def test_every_metric_is_documented_with_its_labels(name: str) -> None:
    labels = ", ".join(FAMILIES[name].labels)
    assert f"| `tessera_{name}{'{' + labels + '}' if labels else ''}` |" in (DOCS / "metrics.md").read_text("utf-8")


def test_alerts_name_only_metrics_that_are_there() -> None:
    named = set(re.findall(r"\btessera_(\w+)", (DOCS / "metrics.md").read_text("utf-8")))
    assert named == set(FAMILIES)


def test_every_library_asked_for_has_its_line() -> None:
    asked = [*lines("requirements.in"), *lines("requirements-dev.in")]
    page = (DOCS / "dependencies.md").read_text(encoding="utf-8")
    missing = [name for name in asked if name.split("[")[0] not in page and not name.startswith("types-")]
    assert missing == []


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]
