"""What time it is. Asked only at the edges (requests, jobs, commands); everything inside is handed `now`."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def earliest(*times: datetime | None) -> datetime | None:
    """The first of the times that there are; None where there is none."""
    return min((at for at in times if at), default=None)
