"""Finding contacts by what they are called: by their account id, the beginning of their name, or of any word in it.

Chinese, Japanese and Korean names are written without blanks between their words: there each character begins one. A
part within a word is found by no index that both databases have, so it is not looked for.
"""

import re
import unicodedata
from collections.abc import Iterator

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, object_session

from core import spelling
from db.several import insert_all
from db.tables import Contact, ContactName

CHANNELS = ("line", "messenger")
MOST_PARTS = 20  # of a name: as many characters as LINE lets one have
BEGINS_A_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")
LAST = "\U0010ffff"  # the last character there is: no name goes on with it


def fold(name: str) -> str:
    """A name as it is looked for: width, case and blanks do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def parts(name: str) -> list[str]:
    """The name from each of its words on, as long as anybody types: 王小美 is 王小美, 小美 and 美."""
    folded = fold(name)
    found = dict.fromkeys(folded[start : start + spelling.KEPT] for start in _starts(folded))
    return list(found)[:MOST_PARTS]


def _starts(folded: str) -> Iterator[int]:
    """Letters and digits begin a word after anything else; marks, such as Thai vowels, belong to what is before."""
    before = ""
    for place, character in enumerate(folded):
        kind = unicodedata.category(character)[0]
        if not place or BEGINS_A_WORD.match(character) or (kind in "LN" and before not in "LNM"):
            yield place
        before = kind


def keep(contact: Contact) -> None:
    """Let the contact, whose row is locked, be found by the name that it has now, and by no earlier one."""
    session = object_session(contact)
    if session is None:
        raise ValueError("Only a contact that the database has can be found.")
    of_contact = ContactName.contact_id == contact.id
    kept, wanted = set(session.scalars(select(ContactName.part).where(of_contact))), set(parts(contact.name))
    if kept - wanted:
        session.execute(delete(ContactName).where(of_contact, ContactName.part.in_(kept - wanted)))
    insert_all(session, ContactName, [{"contact_id": contact.id, "part": part} for part in sorted(wanted - kept)])


def called(session: Session, words: str, most: int) -> list[int]:
    """Up to `most` contacts with this account id, or whose name or a word of it begins so; who is called just so first.

    They are read in the order of the index, until there are enough: 100,000 may have one name.
    """
    typed = spelling.normal(words)
    begins = fold(typed)
    if not begins:
        return []
    has_account = (Contact.channel.in_(CHANNELS), Contact.account_id == typed)
    found = dict.fromkeys(session.scalars(select(Contact.id).where(*has_account)))
    fits = select(ContactName.contact_id).where(ContactName.part >= begins, ContactName.part < begins + LAST)
    # A contact may fit by several words.
    found |= dict.fromkeys(session.scalars(fits.order_by(ContactName.part).limit(most * MOST_PARTS)))
    return list(found)[:most]
