"""The loopback platform, and what is collected only where LINE's own description lies beside the project."""

from collections.abc import Iterator

import pytest

from tests.bot.channels.line_schema import SCHEMA
from tests.bot.channels.platform import Platform

collect_ignore = [] if SCHEMA.exists() else ["test_line_conformance.py"]


@pytest.fixture
def platform() -> Iterator[Platform]:
    server = Platform()
    yield server
    server.stop()


@pytest.fixture
def nowhere() -> str:
    """An address where nothing listens any more."""
    server = Platform()
    url = server.url
    server.stop()
    return url
