"""Names that people give: to themselves, to stores, devices, keys and endpoints. Pure."""

import unicodedata

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # with these a name looks like another's, in the audit log too


def is_good(name: str, longest: int) -> bool:
    """Whether it has 1 to `longest` characters, all of which can be seen; without blanks at its ends."""
    return 1 <= len(name) <= longest and not any(unicodedata.category(letter) in UNSEEN for letter in name)
