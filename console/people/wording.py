"""Roles in words, and which field of a form a refusal is about."""

from core.reasons import Reason
from core.users import Role
from web.words import say


def roles() -> list[tuple[Role, str]]:
    """Every role, with what it may."""
    return [
        ("owner", say("負責人：後台的一切，也管理人員", "Owner: the whole console, and people")),
        ("marketer", say("行銷：活動、顧客、流程、紀錄", "Marketer: campaigns, contacts, flows, records")),
        ("staff", say("店員：只有櫃檯，在一間門市", "Staff: the counter of a store only")),
    ]


def role(name: str) -> str:
    """A role in one word."""
    return {
        "owner": say("負責人", "Owner"),
        "marketer": say("行銷", "Marketer"),
        "staff": say("店員", "Staff"),
    }[name]


def wrong_field(reason: Reason) -> str:
    """The field that a refusal is about."""
    return {
        Reason.EMAIL_MALFORMED: "email",
        Reason.EMAIL_TAKEN: "email",
        Reason.STORE_MISSING: "store",
        Reason.UNKNOWN_STORE: "store",
        Reason.LAST_OWNER: "role",
    }.get(reason, "username")
