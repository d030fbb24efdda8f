from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select

from core import serials
from core.serials import PackError
from db.database import Database
from db.tables import Pack, Serial
from tests import cast


def imported(database: Database, now: datetime, file: bytes) -> Pack:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        return serials.import_csv(session, campaign.id, file, now)


def nothing_imported(database: Database) -> bool:
    with database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Serial)) == 0
            and session.scalar(select(func.count()).select_from(Pack)) == 0
        )


@pytest.mark.parametrize(
    "file",
    [
        b"serial\nA1\nA2\n",
        b"\xef\xbb\xbfserial\r\nA1\r\nA2\r\n",
        b'serial\n"A1"\n\n A2 ',
    ],
    ids=["plain", "byte order mark and Windows line ends", "quotes, blank lines, no line end"],
)
def test_a_file_of_one_named_column_becomes_a_pack_in_its_order(database: Database, now: datetime, file: bytes) -> None:
    pack = imported(database, now, file)
    assert (pack.name, pack.size, pack.taken) == ("serial", 2, 0)
    with database.read() as session:
        assert session.execute(select(Serial.position, Serial.code).order_by(Serial.position)).all() == [
            (1, "A1"),
            (2, "A2"),
        ]


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "is empty"),
        (b"serial\n", "no serials"),
        (b"serial,other\nA1,x\n", "Row 1 has 2 columns"),
        ("serial\n優惠".encode("big5"), "not UTF-8"),
        (b"serial\n" + b"A" * 10_000_000, "under 10,000,000"),
    ],
)
def test_a_file_that_is_no_such_column_is_refused_in_a_sentence(
    database: Database,
    now: datetime,
    file: bytes,
    words: str,
) -> None:
    with pytest.raises(PackError, match=words):
        imported(database, now, file)
    assert nothing_imported(database)


def test_every_bad_row_is_named_and_nothing_is_imported(database: Database, now: datetime) -> None:
    with pytest.raises(PackError, match="7 of 9 rows") as caught:
        imported(database, now, 'code\nA1\nA1\n \néé\nB2\nA2,x\n"A3\n=1+1\n'.encode() + b"X" * 21)
    assert [(bad.row, str(bad.refusal.reason)) for bad in caught.value.rows] == [
        (3, "serial_duplicate"),
        (4, "serial_empty"),
        (5, "barcode_cannot_carry"),
        (7, "serial_columns"),
        (8, "serial_quotes"),
        (9, "serial_formula"),
        (10, "barcode_too_wide"),
    ]
    assert nothing_imported(database)


def test_the_seeds_own_sample_cannot_be_a_code_39(database: Database, now: datetime) -> None:
    with pytest.raises(PackError, match="cannot be a CODE 39"), database.write() as session:
        campaign = cast.campaign(session, now, replace(cast.TEA, barcode="code39"), codes=0)
        serials.add_fixed(session, campaign.id, "FNA@5841", 10, now)
    assert nothing_imported(database)


def test_a_code_of_an_earlier_pack_is_refused(database: Database, now: datetime) -> None:
    imported(database, now, b"serial\nA1\nA2\n")
    with pytest.raises(PackError) as caught:
        imported(database, now, b"serial\nA3\nA2\n")
    assert [bad.row for bad in caught.value.rows] == [3]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Serial)) == 2


def test_a_million_fixed_serials_are_one_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        serials.add_fixed(session, campaign.id, "FNA@5841", 1_000_000, now)
        assert serials.stock(session, campaign.id) == 1_000_000
        assert session.scalar(select(func.count()).select_from(Serial)) == 0


@pytest.mark.parametrize(("code", "quantity"), [("A" * 17, 1), ("", 1), ("A", 0), ("A", 1_000_001)])
def test_a_fixed_serial_beyond_the_limits_is_refused(
    database: Database, now: datetime, code: str, quantity: int
) -> None:
    with pytest.raises(PackError, match="expected 1 to"), database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        serials.add_fixed(session, campaign.id, code, quantity, now)
    assert nothing_imported(database)
