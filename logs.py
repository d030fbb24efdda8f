"""Logging: one line an event, JSON in production, no secrets and no whole tokens."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog

# A coupon's token opens it: lines keep enough of it to find it again, not enough to use it.
TOKEN_IN_PATH = re.compile(r"(/c/[A-Za-z0-9_-]{6})[A-Za-z0-9_-]+")
SECRET_WORDS = re.compile(
    r"(?i)\b(access_token|appsecret_proof|client_secret|hub\.verify_token)=[^\s&\"']+|\bBearer\s+[^\s\"']+"
)


def set_up(log_format: str) -> None:
    """Send every log of this process to standard error; `log_format` is 'json' or 'console'."""
    structlog.configure(
        processors=_processors(),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if log_format == "console":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=last, foreign_pre_chain=_shared()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("alembic", "urllib3", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)


@cache
def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]


@cache
def _processors() -> list[Any]:
    """One list, however often logging is set up: loggers keep the one that they were first used with."""
    return [structlog.stdlib.filter_by_level, *_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter]


def hide_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Cut tokens out of every text of the line, whoever wrote it."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = cleaned(value)
    return event


def cleaned(text: str) -> str:
    """The text without secrets: coupon tokens cut short, access tokens and proofs gone."""
    return SECRET_WORDS.sub("[secret]", TOKEN_IN_PATH.sub(r"\1...", text))
