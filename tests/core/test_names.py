"""Whoever is looked for by name is found by the beginning of it, or of any word in it, whatever the script."""

from datetime import datetime

import pytest

from core import customers, names
from db.database import Database
from db.tables import ContactAttribute
from tests import cast
from tests.core.test_plans import planned, whole

HOME = "https://tea.example"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("", []),
        (" \u3000 ", []),
        ("Alex  CHEN", ["alex chen", "chen"]),
        ("Jean-Luc O'Brien", ["jean-luc o'brien", "luc o'brien", "o'brien", "brien"]),
        ("王小美", ["王小美", "小美", "美"]),
        ("小美Mei", ["小美mei", "美mei"]),
        ("🌸 Mei ☆", ["🌸 mei ☆", "mei ☆"]),
        ("ＭＥＩ", ["mei"]),
        ("さくら", ["さくら", "くら", "ら"]),
        ("김민수", ["김민수", "민수", "수"]),
        ("สมหญิง ศรีสุข", ["สมหญิง ศรีสุข", "ศรีสุข"]),
        ("น้ำ", ["น\u0e49\u0e4dา"]),  # as NFKC writes it; what is typed is written so, too
        ("Zoe\u0301 X", ["zoé x", "x"]),
        ("美" * 99, ["美" * length for length in range(64, 44, -1)]),
    ],
)
def test_a_name_is_kept_from_each_of_its_words_on(name: str, parts: list[str]) -> None:
    assert names.parts(name) == parts


def test_who_is_called_just_so_comes_first_and_nobody_by_an_earlier_name(database: Database, now: datetime) -> None:
    called = {cast.EVE: "Mei Li Mei Lin", cast.ALEX: "MEILI", cast.MEI: "Mei"}
    with database.write() as session:
        ids = {name: cast.contact(session, who, now, name).id for who, name in called.items()}
    with database.read() as session:
        assert names.called(session, " ｍｅｉ ", 9) == [ids["Mei"], ids["Mei Li Mei Lin"], ids["MEILI"]]
        assert names.called(session, "mei l", 9) == [ids["Mei Li Mei Lin"]]
        assert names.called(session, "mei", 2) == [ids["Mei"], ids["Mei Li Mei Lin"]]
        assert names.called(session, cast.MEI[1], 9) == [ids["Mei"]]
        for nobody in ("ei", "%", "_", "\U0010ffff", " ", "Meili!"):
            assert names.called(session, nobody, 9) == []
    with database.write() as session:
        cast.contact(session, cast.MEI, now, "王小美")
        cast.contact(session, cast.MEI, now, "王小美")
    with database.read() as session:
        assert names.called(session, "mei", 9) == [ids["Mei Li Mei Lin"], ids["MEILI"]]
        assert names.called(session, "小美", 9) == [ids["Mei"]]


def test_no_way_of_finding_a_customer_reads_a_whole_table(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        mei = cast.contact(session, cast.MEI, now, "王小美").id
        session.add(ContactAttribute(contact_id=mei, name="phone", value="0912-345-678", set_at=now))
    cast.redeem(database, token, now)
    shown = (f"{HOME}/c/{token}", "TEA-0001", "TEA-0002", "0912345678", "a@b.example", cast.MEI[1], "小美", "Nobody")
    with planned(database) as plans, database.read() as session:
        for words in shown:
            customers.find(session, words, HOME)
    assert len(plans) > 8
    assert whole(plans) == []
