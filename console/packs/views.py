"""The room for serials, whole: importing this puts every page of it into the blueprint."""

from console.packs import adding, downloading, listing, making, withdrawing
from console.packs.door import blueprint

__all__ = ["adding", "blueprint", "downloading", "listing", "making", "withdrawing"]
