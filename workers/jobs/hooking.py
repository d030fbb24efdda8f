"""Having what is due to an endpoint of outgoing webhooks sent."""

from workers import context


def send(endpoint_id: str) -> None:
    """Send by this process's threads; where they have no room, those that end ring again, or the sweep does."""
    work = context.current()
    work.bell.begin("hooks", endpoint_id)
    if work.hooks:
        work.hooks.send(int(endpoint_id))
