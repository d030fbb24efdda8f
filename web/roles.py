"""Who may enter which rooms: what a room needs, and the roles that have it."""

from typing import Literal

Need = Literal["owner", "marketer", "staff", "anyone"]

# An owner may all that a marketer may, and manages people; the counter belongs to those who stand in a store.
ROLES_WITH: dict[Need, frozenset[str]] = {
    "owner": frozenset({"owner"}),
    "marketer": frozenset({"owner", "marketer"}),
    "staff": frozenset({"staff"}),
    "anyone": frozenset({"owner", "marketer", "staff"}),
}
HOMES = {"owner": "/console/", "marketer": "/console/", "staff": "/pos/"}
ACCOUNT = "/console/account"
SIGN_IN = "/pos/sign-in"  # on a store's device


def may(role: str, need: Need) -> bool:
    """Whether somebody of this role may enter a room with this need."""
    return role in ROLES_WITH[need]


def landing(role: str, aim: str) -> str:
    """Where somebody lands after logging in: only ever on a page of a room of their own, whatever the link said."""
    is_own = aim.isprintable() and "\\" not in aim and aim.startswith((HOMES[role], ACCOUNT))
    return aim if is_own else HOMES[role]
