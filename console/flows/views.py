"""The room for flows, whole: importing this puts every page of it into the blueprint."""

from console.flows import (
    checking,
    discarding,
    editing,
    listing,
    moving,
    releasing,
    restoring,
    showing,
    stopping,
    trying,
)
from console.flows.door import blueprint

__all__ = [
    "blueprint",
    "checking",
    "discarding",
    "editing",
    "listing",
    "moving",
    "releasing",
    "restoring",
    "showing",
    "stopping",
    "trying",
]
