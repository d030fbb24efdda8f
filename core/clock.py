"""What time it is. Asked only at the edges (requests, jobs, commands); everything inside is handed `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
