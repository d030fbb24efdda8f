"""Packs in the making: files as people have them, chunk by chunk, and what becomes of rows that cannot be serials."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import campaigns, invariants, serials
from core.audit import Doer
from core.imports import encodings, files, generating, loading, repeats, uploads
from core.imports.files import Looked
from core.imports.generating import Pattern
from core.imports.uploads import Wish
from core.reasons import Reason
from core.refusal import Refused
from db.database import Database
from db.tables import AuditEntry, Campaign, Import, ImportChunk, Pack, Serial
from tests import cast

LIMIT = 10_000_000
MIA = Doer(None, "mia")


def begun(
    database: Database, now: datetime, content: bytes, wish: Wish | None = None, wanted: str | None = None
) -> int:
    """The id of an import of a file with this content."""
    file = io.BytesIO(content)
    looked = files.look(file, LIMIT, wanted)
    assert isinstance(looked, Looked), looked
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=0)
        return uploads.accept(session, campaign.id, file, looked, wish or Wish("codes.csv"), MIA, now).id


def generated(database: Database, now: datetime, pattern: Pattern, quantity: int) -> int:
    with database.write() as session:
        made = uploads.generate(session, cast.campaign(session, now, codes=0).id, pattern, quantity, MIA, now)
        assert isinstance(made, Import), made
        return made.id


def work(database: Database, now: datetime, most: int = 1_000) -> None:
    """What the job does, at most so many steps."""
    for _ in range(most):
        with database.read() as session:
            import_id = loading.next_open(session)
        if import_id is None:
            return
        with database.write() as session:
            loading.step(session, import_id, now)


def looked_at(database: Database, import_id: int) -> Import:
    with database.read() as session:
        return session.get_one(Import, import_id)


def codes_of(database: Database) -> Sequence[str]:
    with database.read() as session:
        return session.scalars(select(Serial.code).order_by(Serial.pack_id, Serial.position)).all()


def stock(database: Database) -> int:
    with database.read() as session:
        return serials.stock(session, session.scalars(select(Campaign.id)).one())


def all_holds(database: Database) -> bool:
    with database.read() as session:
        return [one.invariant.name for one in invariants.check(session) if one.examples] == []


@pytest.mark.parametrize(
    "content",
    [
        b"serial\nA1\nA2\n",
        b"A1\r\nA2",
        b"\xef\xbb\xbfserial\r\n\r\nA1\r\nA2\r\n\r\n",
        b'"serial"\r"A1",,\r A2 \r',
        "serial\nA1\nA2\n".encode("utf-16"),
        "序號\nA1\nA2\n".encode("big5"),
        "番号\nA1\nA2\n".encode("shift_jis"),
    ],
    ids=["plain", "no header", "BOM, Windows", "quotes, old Mac", "UTF-16", "Big5 header", "Shift-JIS header"],
)
def test_a_column_of_codes_is_read_however_it_was_saved(database: Database, now: datetime, content: bytes) -> None:
    has_header = None if b"\n" not in content or not content.startswith(b"A1") else False
    import_id = begun(database, now, content, Wish("codes.csv", has_header))
    work(database, now)
    assert codes_of(database) == ["A1", "A2"]
    made = looked_at(database, import_id)
    assert (made.state, made.good, made.bad, made.rows_done) == ("done", 2, 0, made.rows_total)
    with database.read() as session:
        pack = session.scalars(select(Pack)).one()
        assert (pack.name, pack.size, pack.is_whole, pack.withdrawn_at) == ("codes.csv", 2, True, None)
        assert session.scalar(select(func.count()).select_from(ImportChunk)) == 0
        of_packs = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.action.like("pack.%"))
        assert session.execute(of_packs.order_by(AuditEntry.id)).all() == [
            ("mia", "pack.uploaded"),
            ("mia", "pack.added"),
        ]
    assert all_holds(database)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.FILE_EMPTY),
        (b"\xef\xbb\xbf", Reason.FILE_EMPTY),
        (b"\xff\xfe", Reason.FILE_EMPTY),
        (b"PK\x03\x04" + b"\0" * 100, Reason.FILE_IS_SPREADSHEET),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, Reason.FILE_IS_SPREADSHEET),
        (b"%PDF-1.7\n", Reason.FILE_NOT_TEXT),
        (b"A1\nA2\0\n", Reason.FILE_NOT_TEXT),
        ("A1\nA2\0\n".encode("utf-16"), Reason.FILE_NOT_TEXT),
        ("A1\n".encode("utf-16")[:-1], Reason.FILE_ENCODING),
        (b"A1\n\x81\xff\n", Reason.FILE_ENCODING),
        (b"A1\n" + b"A" * 300_000 + b"\nA2\n", Reason.FILE_LINE_TOO_LONG),
        (b"serial,owner\nA1,x\n", Reason.FILE_COLUMNS),
        (b"A1\n" * 3_333_334, Reason.FILE_TOO_LARGE),
    ],
)
def test_a_file_that_is_no_list_of_codes_is_refused_before_it_is_stored(content: bytes, reason: Reason) -> None:
    found = files.look(io.BytesIO(content), LIMIT)
    assert isinstance(found, Refused) and found.reason == reason
    assert found.detail.endswith(".")


def test_an_encoding_that_is_none_is_refused_like_one_that_does_not_fit() -> None:
    for wanted in ("latin-1", "x" * 200):
        found = files.look(io.BytesIO(b"A1\n"), LIMIT, wanted)
        assert isinstance(found, Refused) and found.reason == Reason.FILE_ENCODING


class Endless(io.RawIOBase):
    """A file of a gigabyte, all of it one line, that counts how much of it was read."""

    size, at, was_read = 10**9, 0, 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = self.size if whence == 2 else offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.size - self.at)
        self.at, self.was_read = self.at + size, self.was_read + size
        return b"A" * size


def test_an_encoding_that_there_is_not_is_refused() -> None:
    found = files.look(io.BytesIO(b"A1\n"), LIMIT, "rot13")
    assert isinstance(found, Refused) and found.reason == Reason.FILE_ENCODING


def test_a_line_of_a_gigabyte_is_given_up_without_being_held_in_memory() -> None:
    file = Endless()
    found = files.look(file, 2 * 10**9, "utf-8")  # type: ignore[arg-type]  # as far as it is read
    assert isinstance(found, Refused) and found.reason == Reason.FILE_LINE_TOO_LONG
    assert max(len(piece) for piece in encodings.pieces(Endless())) == encodings.PIECE  # type: ignore[arg-type]


def test_a_first_row_that_would_be_a_good_code_is_asked_about(database: Database, now: datetime) -> None:
    import_id = begun(database, now, b"TEA1\nTEA2\n")
    work(database, now)
    assert looked_at(database, import_id).state == "asking"
    assert codes_of(database) == []
    with database.write() as session:
        assert isinstance(uploads.answer(session, import_id, None, has_header=True, doer=MIA, now=now), Import)
    work(database, now)
    assert codes_of(database) == ["TEA2"]
    with database.write() as session:
        assert uploads.answer(session, import_id, None, has_header=False, doer=MIA, now=now) == Refused(
            Reason.IMPORT_OVER
        )


def test_a_first_row_of_the_second_ones_shape_is_a_serial_unasked(database: Database, now: datetime) -> None:
    begun(database, now, b'"FL00001"\r\nFL00002\r\n')
    work(database, now)
    assert codes_of(database) == ["FL00001", "FL00002"]
    assert [files.has_header(first, "A1B2C3", "qr") for first in ("K7L8M9", "CODE12", "FL0001")] == [False, None, None]


def test_codes_that_read_otherwise_in_another_encoding_are_asked_about(database: Database, now: datetime) -> None:
    content = "序號\n優惠一\n優惠二\n".encode("big5")
    file = io.BytesIO(content)
    looked = files.look(file, LIMIT)
    assert isinstance(looked, Looked) and looked.encoding is None and looked.encodings[0] == "big5"
    with database.write() as session:
        campaign = cast.campaign(session, now, replace(cast.TEA, barcode="qr"), codes=0)
        made = uploads.accept(session, campaign.id, file, looked, Wish("codes.csv"), MIA, now)
    assert made.state == "asking"
    assert files.samples(content)["big5"] == ["序號", "優惠一", "優惠二"]
    with database.write() as session:
        refused = uploads.answer(session, made.id, "latin-1", has_header=None, doer=MIA, now=now)
        assert isinstance(refused, Refused) and refused.reason == Reason.FILE_ENCODING
        uploads.answer(session, made.id, "big5", has_header=None, doer=MIA, now=now)
    work(database, now)
    assert codes_of(database) == ["優惠一", "優惠二"]


MIXED = b'serial\nA1\nA1\n \n\xc3\xa9\nB2\nA2,x\n"A3\n=1+1\n' + b"X" * 21 + b"\nC3\n"
WRONG = {
    3: "serial_duplicate",
    4: "serial_empty",
    5: "barcode_cannot_carry",
    7: "serial_columns",
    8: "serial_quotes",
    9: "serial_formula",
    10: "barcode_too_wide",
}


def test_bad_rows_are_kept_and_the_good_ones_wait_for_the_marketer(database: Database, now: datetime) -> None:
    import_id = begun(database, now, MIXED)
    work(database, now)
    made = looked_at(database, import_id)
    assert (made.state, made.good, made.bad) == ("choosing", 3, 7)
    assert stock(database) == 0
    with database.read() as session:
        assert {one.row: one.reason for one in loading.bad_rows(session, import_id)} == WRONG
        first = next(iter(loading.bad_rows(session, import_id)))
        assert first.detail == "'A1' is already in row 2"
    with database.write() as session:
        uploads.choose(session, import_id, takes_good=True, doer=MIA, now=now)
    assert stock(database) == 3
    assert codes_of(database) == ["A1", "B2", "C3"]
    with database.write() as session:
        assert uploads.discard(session, import_id, Reason.IMPORT_CANCELLED, MIA, now) == Refused(Reason.IMPORT_OVER)
    assert stock(database) == 3
    assert all_holds(database)


def test_who_chose_the_good_ones_before_gets_them_without_being_asked(database: Database, now: datetime) -> None:
    begun(database, now, MIXED, Wish("codes.csv", takes_good=True))
    work(database, now)
    assert codes_of(database) == ["A1", "B2", "C3"]
    assert stock(database) == 3


def test_a_discarded_import_leaves_nothing_and_its_codes_can_come_again(database: Database, now: datetime) -> None:
    import_id = begun(database, now, MIXED)
    work(database, now)
    with database.write() as session:
        uploads.discard(session, import_id, Reason.IMPORT_CANCELLED, MIA, now)
    work(database, now)
    made = looked_at(database, import_id)
    assert (made.state, made.reason, made.pack_id) == ("discarded", "import_cancelled", None)
    assert codes_of(database) == []
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Pack)) == 0
    begun(database, now, b"serial\nA1\nB2\n")
    work(database, now)
    assert codes_of(database) == ["A1", "B2"]


def test_a_mended_file_replaces_the_one_that_waits(database: Database, now: datetime) -> None:
    first = begun(database, now, MIXED)
    work(database, now)
    begun(database, now, b"serial\nA1\nB2\nC3\n")
    work(database, now)
    assert looked_at(database, first).reason == "import_replaced"
    assert codes_of(database) == ["A1", "B2", "C3"]
    assert stock(database) == 3
    assert all_holds(database)


def test_rows_that_are_all_bad_can_only_be_discarded(database: Database, now: datetime) -> None:
    import_id = begun(database, now, b"serial\n=1\n=2\n", Wish("x", takes_good=True))
    work(database, now)
    assert looked_at(database, import_id).state == "choosing"
    with database.write() as session:
        assert uploads.choose(session, import_id, takes_good=True, doer=MIA, now=now) == Refused(Reason.NO_GOOD_ROW)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "PIECE", 100)
    monkeypatch.setattr(loading, "AT_ONCE", 7)


@pytest.mark.usefixtures("small_chunks")
def test_chunks_are_one_file_and_a_repeat_is_found_in_another_chunk(database: Database, now: datetime) -> None:
    rows = [f"TEA{number:04d}" for number in range(100)]
    content = "\r\n".join(["serial", *rows, rows[3], rows[97], "=x", "END"])
    import_id = begun(database, now, content.encode(), Wish("x", takes_good=True))
    with database.read() as session:
        assert (session.scalar(select(func.count()).select_from(ImportChunk)) or 0) > 5
    work(database, now)
    assert codes_of(database) == [*rows, "END"]
    with database.read() as session:
        told = {one.row: one.detail for one in loading.bad_rows(session, import_id)}
    assert told[102] == "'TEA0003' is already in row 5"
    assert told[103] == "'TEA0097' is already in row 99"
    assert set(told) == {102, 103, 104}


@pytest.mark.usefixtures("small_chunks")
def test_nothing_is_given_out_before_the_last_chunk_and_cancelling_takes_it_away(
    database: Database, now: datetime
) -> None:
    content = "\n".join(["serial", *[f"TEA{number:04d}" for number in range(100)]])
    import_id = begun(database, now, content.encode())
    work(database, now, most=4)
    made = looked_at(database, import_id)
    assert made.state == "loading" and 0 < made.rows_done < made.rows_total
    assert len(codes_of(database)) == made.good > 0
    assert stock(database) == 0
    assert all_holds(database)
    with database.write() as session:
        pack_id = session.scalars(select(Pack.id)).one()
        assert serials.restore(session, pack_id, now) == Refused(Reason.UNKNOWN_PACK, str(pack_id))
        assert serials.packs(session, made.campaign_id) == []
        uploads.discard(session, import_id, Reason.IMPORT_CANCELLED, MIA, now)
    work(database, now)
    assert codes_of(database) == []
    assert all_holds(database)


def test_codes_of_earlier_packs_and_fixed_ones_are_repeats(database: Database, now: datetime) -> None:
    with database.write() as session:
        campaign = cast.campaign(session, now, codes=2)
        serials.add_fixed(session, campaign.id, "FREE", 5, now)
        with pytest.raises(serials.PackError, match="unique serials already"):
            serials.add_fixed(session, campaign.id, "TEA-0001", 5, now)
    import_id = begun(database, now, b"serial\nFREE\nTEA-0002\nNEW\n")
    work(database, now)
    with database.read() as session:
        told = [(one.row, one.detail) for one in loading.bad_rows(session, import_id)]
    assert told == [(2, "'FREE' is already in an earlier pack"), (3, "'TEA-0002' is already in an earlier pack")]


def test_only_the_first_bad_rows_are_kept_and_the_others_counted(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "KEPT_BAD", 5)
    import_id = begun(database, now, b"serial\n" + b"=x\n" * 20 + b"A1")
    work(database, now)
    assert looked_at(database, import_id).bad == 20
    with database.read() as session:
        assert [one.row for one in loading.bad_rows(session, import_id)] == [2, 3, 4, 5, 6]


@pytest.mark.usefixtures("small_chunks")
def test_where_a_repeat_was_first_is_looked_for_of_those_alone_that_are_kept(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, rows_of = list[str](), repeats._rows_of  # noqa: SLF001 (what costs)

    def counted(session: Session, found: Import, positions: dict[str, int]) -> dict[str, int]:
        asked.extend(positions)
        return rows_of(session, found, positions)

    monkeypatch.setattr(repeats, "_rows_of", counted)
    monkeypatch.setattr(loading, "KEPT_BAD", 5)
    codes = [f"C{number:03d}" for number in range(40)]
    import_id = begun(database, now, "\n".join(["serial", *codes, *codes]).encode())
    work(database, now)
    assert looked_at(database, import_id).bad == 40
    assert asked == codes[:5]
    with database.read() as session:
        told = [(one.row, one.detail) for one in loading.bad_rows(session, import_id)]
    assert told == [(42 + number, f"'C00{number}' is already in row {2 + number}") for number in range(5)]


@pytest.mark.usefixtures("small_chunks")
def test_generated_codes_follow_the_pattern_and_are_all_different(database: Database, now: datetime) -> None:
    pattern = Pattern("TEA-####-####", has_check=True)
    import_id = generated(database, now, pattern, 50)
    work(database, now)
    codes = codes_of(database)
    assert len(set(codes)) == 50 and stock(database) == 50
    for code in codes:
        assert code[:4] == "TEA-" and code[8] == "-" and len(code) == 14
        part = code[4:8] + code[9:13]
        assert set(part) <= set(pattern.characters)
        assert generating.check(pattern.characters, part) == code[13]
        slip = pattern.characters[(pattern.characters.index(part[0]) + 1) % 24] + part[1:]
        assert generating.check(pattern.characters, slip) != code[13]
    with database.read() as session:
        pack_id = looked_at(database, import_id).pack_id
        assert pack_id and [code for _, code in serials.codes_after(session, pack_id)] == codes


def test_codes_that_another_barcode_cannot_carry_are_not_made_though_they_were_asked_for_before(
    database: Database, now: datetime
) -> None:
    import_id = generated(database, now, Pattern("tea ######"), 3)
    with database.write() as session:  # before the job begins there is no pack, and the barcode can be changed
        spec = replace(campaigns.spec_of(session.scalars(select(Campaign)).one()), barcode="code39")
        assert isinstance(campaigns.change(session, spec.slug, spec, None, MIA, "console", now), campaigns.Changed)
    work(database, now)
    found = looked_at(database, import_id)
    assert (found.state, found.reason, found.pack_id) == ("discarded", Reason.BARCODE_CANNOT_CARRY, None)
    assert codes_of(database) == [] and all_holds(database)


def test_a_generated_code_that_is_there_already_is_made_up_for(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(database, now, b"serial\nTEA-1\n")
    work(database, now)
    drawn = iter([["TEA-1", "TEA-2", "TEA-2"], ["TEA-3", "TEA-4"]])
    monkeypatch.setattr(generating, "codes", lambda _pattern, count: next(drawn)[:count])
    import_id = generated(database, now, Pattern("TEA-##########"), 3)
    work(database, now)
    assert codes_of(database) == ["TEA-1", "TEA-2", "TEA-3", "TEA-4"]
    assert (looked_at(database, import_id).good, looked_at(database, import_id).bad) == (3, 0)


@pytest.mark.parametrize(
    ("pattern", "quantity", "reason"),
    [
        (Pattern("TEA"), 1, Reason.PATTERN_MALFORMED),
        (Pattern("TEA-########", "runes"), 1, Reason.PATTERN_MALFORMED),
        (Pattern("TEA-####"), 1_000, Reason.PATTERN_GUESSABLE),
        (Pattern("############", "digits"), 1_000_000 + 1, Reason.QUANTITY_OUT_OF_RANGE),
        (Pattern("############", "digits"), 0, Reason.QUANTITY_OUT_OF_RANGE),
        (Pattern("TEA-" + "#" * 17), 1, Reason.BARCODE_TOO_WIDE),
        (Pattern("=########"), 1, Reason.SERIAL_FORMULA),
    ],
)
def test_a_pattern_whose_codes_could_be_guessed_or_not_be_shown_is_refused(
    pattern: Pattern, quantity: int, reason: Reason
) -> None:
    refused = generating.refusal(pattern, quantity, "code128")
    assert refused and refused.reason == reason
    assert generating.refusal(Pattern("############", "digits"), 1_000_000, "code128") is None


def test_an_import_that_cannot_go_on_is_taken_away_with_the_reason(database: Database, now: datetime) -> None:
    import_id = begun(database, now, b"serial\nA1\n")
    with database.write() as session:
        loading.give_up(session, import_id, Reason.IMPORT_BROKE)
    work(database, now)
    assert (looked_at(database, import_id).state, looked_at(database, import_id).reason) == (
        "discarded",
        "import_broke",
    )
