"""Having a contact's messages sent, in order, one request at a time."""

from core import contacts
from workers import context
from workers.bell import BY_URGENCY
from workers.draining import ROOM_WITHIN


def deliver(key: str) -> None:
    """Send what is due to the contact with id `key` by this process's threads, which go on until nothing is left.

    Where they have no room, the sweep finds it.
    """
    work = context.current()
    for kind in BY_URGENCY:
        work.bell.begin(kind, key)
    with work.database.read() as session:
        channel = contacts.channel_of(session, int(key))
    if work.outlet.wait_for_room(1, ROOM_WITHIN):
        work.outlet.deliver(channel, int(key))
