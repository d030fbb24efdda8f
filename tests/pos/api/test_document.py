"""The document says what the API does: generated requests, good and bad, find nothing that it does not tell."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks
from werkzeug.serving import make_server

from core.reasons import Reason
from db.database import Database
from pos.api.examples import KEY
from pos.api.listing import OPERATIONS
from pos.api.refusals import ALL
from tests.pos.api import till
from tests.pos.api.till import Till, told
from tests.watch import Watch

CURL = Path(__file__).parent / "curl.py"
EXAMPLES = 10  # of each operation, good ones and as many bad ones
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
    checks.ignored_auth,
]
RATE = {"RateLimit", "RateLimit-Policy"}
KNOWN = st.sampled_from(["TEA-0001", "TEA-0002", "TEA-0003", "http://localhost/c/abc"])


def test_no_generated_request_is_answered_otherwise_than_the_document_says(app: Flask, machine: Till) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    operations = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(operations) == len(OPERATIONS)
    seen = {status for operation in operations for status in asked(operation, machine)}
    assert {200, 400, 404, 409, 422} <= seen


def asked(operation: APIOperation[Any, Any, Any, Any], machine: Till) -> set[int]:
    """Ask an operation for whatever its shapes allow, and for what they do not; the statuses that were answered."""
    seen = set()

    def ask(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(list(GenerationMode)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE and isinstance(case.body, dict) and "entered" in case.body:
            case.body["entered"] = data.draw(KNOWN | st.just(case.body["entered"]))  # nobody guesses a serial
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {machine.secret}"}, checks=CHECKS)
        seen.add(answer.status_code)

    bounded = settings(
        max_examples=EXAMPLES * (2 if operation.method.upper() == "POST" else 1),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    bounded(given(data=st.data())(ask))()
    return seen


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.any_database
def test_every_example_in_curl_and_python_does_what_it_says(
    machine: Till, database: Database, address: str, watch: Watch
) -> None:
    paths = told(machine.get("/openapi.json"))["paths"]
    samples = [sample for path in paths.values() for one in path.values() for sample in one["x-codeSamples"]]
    real = {"http://localhost": address, KEY: machine.secret, "7K3M-9QXA": till.reference(database, 1)}
    for program, language in (("sh", "Shell"), (sys.executable, "Python")):
        script = "\n".join(one["source"] for one in samples if one["lang"] == language)
        for shown, there in real.items():
            script = script.replace(shown, there)
        if language == "Shell" and not shutil.which("curl"):
            script = f"curl() {{ '{sys.executable}' '{CURL}' \"$@\"; }}\n{script}"
        done = subprocess.run([program, "-c", script], capture_output=True, text=True, timeout=60, check=True)
        outcomes = re.findall(r"['\"]outcome['\"]: ?['\"](\w+)", done.stdout)
        assert outcomes == ["found", "verified", "verified", "undone", "taken", "already_verified"], done.stdout
        watch.at += timedelta(minutes=1)
        assert (
            machine.post("/coupons/undo", {"reference": till.reference(database), "reason": "again"}).status_code == 200
        )


@pytest.mark.any_database
def test_the_page_for_people_has_all_of_it_and_needs_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/api/v1/docs", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    ids = set(re.findall(r'id="([^"]+)"', page.text))
    assert {one.name for one in OPERATIONS} <= ids and {str(reason) for reason in ALL} <= ids
    links = re.findall(r'href="#([^"]+)"', page.text)
    assert set(links) <= ids
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page.text)


def test_the_documents_table_of_codes_is_the_codes() -> None:
    text = (Path(__file__).parents[3] / "docs" / "pos-api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert rows == [(str(reason), str(kind.status), kind.title, kind.advice) for reason, kind in ALL.items()]


def test_every_status_of_a_code_is_in_the_document_of_the_operations_that_have_it(app: Flask) -> None:
    paths = json.loads(app.test_client().get("/api/v1/openapi.json").data)["paths"]
    told_of = {
        (reason, status)
        for path in paths.values()
        for one in path.values()
        for status, answer in one["responses"].items()
        for reason in re.findall(r"`(\w+)`:", answer["description"])
    }
    statusless = {Reason.NO_SUCH_ADDRESS, Reason.METHOD_WRONG}
    assert told_of == {(str(reason), str(kind.status)) for reason, kind in ALL.items() if reason not in statusless}


def test_the_document_tells_of_every_header_that_a_program_goes_by(app: Flask) -> None:
    told_of = json.loads(app.test_client().get("/api/v1/openapi.json").data)["paths"]["/coupons/verify"]["post"]
    headers = {status: set(answer["headers"]) - RATE for status, answer in told_of["responses"].items()}
    assert headers == {
        "200": {"Idempotent-Replayed"},
        "400": set(),
        "401": {"WWW-Authenticate"},
        "403": set(),
        "404": {"Idempotent-Replayed"},
        "409": {"Idempotent-Replayed", "Retry-After"},
        "413": set(),
        "415": set(),
        "422": set(),
        "429": {"Retry-After"},
        "500": set(),
        "503": {"Retry-After"},
    }
