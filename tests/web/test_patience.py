"""The web server's threads are let go by whoever falls silent."""

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.util import load_class
from gunicorn.workers.gthread import ThreadWorker

from commands import demo
from web import patience
from web.patience import Worker

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("waits", [lambda one: one.recv(1), lambda one: one.sendall(bytes(10_000_000))])
def test_whoever_is_silent_in_the_middle_is_waited_for_no_longer_than_that(
    monkeypatch: pytest.MonkeyPatch, waits: Callable[[socket.socket], object]
) -> None:
    monkeypatch.setattr(patience, "SILENCE", 0.1)
    monkeypatch.setattr(ThreadWorker, "handle", lambda _, conn: waits(conn.sock))
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(BlockingIOError):
        Worker.handle(object.__new__(Worker), SimpleNamespace(sock=ours))


def test_that_somebody_fell_silent_takes_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    worker, log = object.__new__(Worker), logging.getLogger("tests.patience")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ThreadWorker, "init_process", lambda _: None)
        worker.log = SimpleNamespace(error_log=log)
        worker.init_process()
    for error in (BlockingIOError(), OSError("of another kind")):
        log.error("Socket error processing request.", exc_info=error)
    assert [str(record.exc_info and record.exc_info[1]) for record in caplog.records] == ["of another kind"]


def test_the_demo_and_a_real_shop_are_served_by_it() -> None:
    named = demo.WEB_OPTIONS[demo.WEB_OPTIONS.index("--worker-class") + 1]
    assert load_class(named) is Worker
    assert f"--worker-class {named} " in (ROOT / "Makefile").read_text("utf-8")
