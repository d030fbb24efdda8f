"""The stores, whole: importing this puts every page of them into the blueprint."""

from console.stores import binding, listing, staff, store
from console.stores.door import blueprint

__all__ = ["binding", "blueprint", "listing", "staff", "store"]
