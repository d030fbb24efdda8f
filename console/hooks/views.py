"""Outgoing webhooks, whole: importing this puts every page of them into the blueprint."""

from console.hooks import deliveries, endpoint, listing
from console.hooks.door import blueprint

__all__ = ["blueprint", "deliveries", "endpoint", "listing"]
