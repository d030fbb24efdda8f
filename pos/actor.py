"""Who acts at the counter: whoever is logged in, in their store, on the device that they signed in on with a PIN."""

from core.verification import Actor
from web import devices, login


def actor() -> Actor:
    """The actor of this request; only in views of the counter."""
    account, device = login.account(), devices.in_use()
    return Actor("pos", account.user_id, account.store_id, device.device_id if device else None)
