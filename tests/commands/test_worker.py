"""`flask worker`: what its process does before its first job."""

import threading
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask

from commands import worker
from workers import process


@pytest.mark.parametrize(("words", "loaded"), [([], [["line"]]), (["--periodic"], [])])
def test_a_worker_loads_what_it_sends_with_beside_its_first_jobs_and_the_periodic_process_does_not(
    monkeypatch: pytest.MonkeyPatch, words: list[str], loaded: list[list[str]]
) -> None:
    found: list[list[str]] = []

    def begin(_: object, make_context: Callable[[str], object]) -> None:
        make_context("worker-1")

    monkeypatch.setattr(worker, "load_clients", found.append)
    monkeypatch.setattr(worker, "_context", lambda _: SimpleNamespace(senders={"line": None}))
    monkeypatch.setattr(worker, "settings", lambda: SimpleNamespace(redis_url="unix:///nowhere"))
    monkeypatch.setattr(process, "work", begin)
    monkeypatch.setattr(process, "tick", begin)
    result = Flask("shop").test_cli_runner().invoke(worker.command, words)
    for thread in threading.enumerate():
        if thread.name == "loader":
            thread.join()
    assert (result.exit_code, found) == (0, loaded), result.output
