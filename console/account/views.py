"""Somebody's own account, whole: importing this puts every page of it into the blueprint."""

from console.account import codes, overview
from console.account.door import blueprint

__all__ = ["blueprint", "codes", "overview"]
