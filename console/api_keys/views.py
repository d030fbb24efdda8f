"""The keys of POS machines, whole: importing this puts every page of it into the blueprint."""

from console.api_keys import key, listing
from console.api_keys.door import blueprint

__all__ = ["blueprint", "key", "listing"]
