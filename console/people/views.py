"""The people who work here, whole: importing this puts every page of it into the blueprint."""

from console.people import listing, person
from console.people.door import blueprint

__all__ = ["blueprint", "listing", "person"]
