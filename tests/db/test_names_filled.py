"""Contacts that had their names before they were found by each word of them are found so, too."""

from sqlalchemy import text

from core import names
from db import schema
from db.database import Database

BEFORE = "a1d37c9e5b02"
NAMES = ("", "王小美", "Jean-Luc O'Brien", "สมหญิง  ศรีสุข", "ＭＥＩ 🌸", "小" * 99, '\\ "quoted"')


def test_names_are_filled_in_as_they_are_kept_now(empty_url: str) -> None:
    database = Database(empty_url)
    schema.upgrade(database, BEFORE)
    with database.write() as session:
        session.execute(text("INSERT INTO persons (id, created_at) VALUES (1, '2026-11-01 00:00:00')"))
        contact = text(
            "INSERT INTO contacts (id, person_id, channel, account_id, name, picture_url, language, created_at) "
            "VALUES (:id, 1, 'line', :id, :name, '', '', '2026-11-01 00:00:00')"
        )
        for number, name in enumerate(NAMES):
            session.execute(contact.bindparams(name=name), {"id": number})
    schema.upgrade(database)
    with database.read() as session:
        rows = {(one.contact_id, one.part) for one in session.execute(text("SELECT * FROM contact_names"))}
    database.dispose()
    assert rows == {(number, part) for number, name in enumerate(NAMES) for part in names.parts(name)}
