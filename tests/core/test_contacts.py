"""What a platform tells of an account: asked for at first, and anew after a week."""

from datetime import datetime, timedelta

from core import contacts
from db.database import Database
from tests import cast


def test_a_profile_is_old_after_a_week(database: Database, now: datetime) -> None:
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        contact.profile_asked_at = None
        assert contacts.has_old_profile(contact, now)
        contacts.note_profile(contact, "王小美", "https://p.example/1", "zh-TW", now)
        assert not contacts.has_old_profile(contact, now + timedelta(days=7))
        assert contacts.has_old_profile(contact, now + timedelta(days=7, seconds=1))


def test_an_empty_answer_leaves_what_was_known_and_is_an_answer(database: Database, now: datetime) -> None:
    later = now + timedelta(days=8)
    with database.write() as session:
        contact = cast.contact(session, cast.MEI, now)
        contacts.note_profile(contact, "王小美", "https://p.example/1", "zh-TW", now)
        contacts.note_profile(contact, "", "", "", later)
        assert (contact.name, contact.language) == ("王小美", "zh-TW")
        assert not contacts.has_old_profile(contact, later)
