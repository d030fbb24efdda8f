from datetime import datetime, timedelta

import pytest

from core import contact_search, contacts, conversations
from core.contact_search import Page, Show
from core.reasons import Reason
from db.database import Database
from db.tables import Contact
from tests import cast

MINUTE = timedelta(minutes=1)


def find(database: Database, words: str = "", show: Show = "all") -> list[str]:
    with database.read() as session:
        return [row.name for row in contact_search.find(session, words, show).rows]


@pytest.fixture
def people(database: Database, now: datetime) -> dict[str, int]:
    """Mei acted first, then Alex, then Eve; each has a name."""
    found = {}
    with database.write() as session:
        for minutes, (name, who) in enumerate(
            {"王小美": cast.MEI, "Alex_Lin": cast.ALEX, "Eve 100%": cast.EVE}.items()
        ):
            contact = cast.contact(session, who, now)
            contacts.note_profile(contact, name, "", "", now)
            contacts.acted(contact, now + minutes * MINUTE, opens_window=True)
            found[name] = contact.id
    return found


def test_the_newest_act_comes_first(database: Database, people: dict[str, int], now: datetime) -> None:
    assert find(database) == ["Eve 100%", "Alex_Lin", "王小美"]
    with database.write() as session:
        mei = session.get_one(Contact, people["王小美"])
        contacts.acted(mei, now + 9 * MINUTE, opens_window=True)
    assert find(database) == ["王小美", "Eve 100%", "Alex_Lin"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("小美", ["王小美"]),
        ("alex", ["Alex_Lin"]),
        ("aaaaaaaa", ["王小美"]),
        ("1000000001", ["Alex_Lin"]),
        ("tea-lover", ["Alex_Lin"]),
        ("tea", []),
        ("%", ["Eve 100%"]),
        ("_", ["Alex_Lin"]),
        ("nobody", []),
        ("  ", ["Eve 100%", "Alex_Lin", "王小美"]),
    ],
)
def test_part_of_a_name_or_account_or_a_whole_tag_finds(
    database: Database, people: dict[str, int], now: datetime, words: str, names: list[str]
) -> None:
    with database.write() as session:
        contacts.tag(session, people["Alex_Lin"], "tea-lover", now)
    assert find(database, words) == names


def test_the_filters_show_who_is_with_a_person_stopped_or_unreachable_with_the_reason(
    database: Database, people: dict[str, int], now: datetime
) -> None:
    with database.write() as session:
        for name in ("王小美", "Alex_Lin"):
            conversations.save(session, None, people[name], (None, {}), now)
        conversations.hand_over(session, people["王小美"], "asks a question", now)
        stopped = conversations.load(session, people["Alex_Lin"])
        assert stopped is not None
        stopped.stopped_at, stopped.stopped_reason, stopped.stopped_detail = now, Reason.FLOW_TEMPLATE, "step 2"
        contacts.left(session.get_one(Contact, people["Eve 100%"]), now + 60 * MINUTE, now)
    with database.read() as session:
        (handed_over,) = contact_search.find(session, "", "handed_over").rows
        (failed,) = contact_search.find(session, "", "stopped").rows
        (gone,) = contact_search.find(session, "", "unreachable").rows
    assert (handed_over.name, handed_over.hand_over_reason) == ("王小美", "asks a question")
    assert (failed.name, failed.stopped_reason, failed.stopped_detail) == ("Alex_Lin", "flow_template", "step 2")
    assert (gone.name, gone.unreachable_since) == ("Eve 100%", now)
    assert find(database, "alex", "handed_over") == []


def test_pages_join_without_a_gap_also_where_many_acted_in_the_same_moment(database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(11):
            contact = cast.contact(session, ("line", f"U{number:032x}"), now)
            contacts.note_profile(contact, f"c{number}", "", "", now)
            contacts.acted(contact, now + (number // 4) * MINUTE, opens_window=True)
    names, after = [], None
    while True:
        with database.read() as session:
            page: Page = contact_search.find(session, "", "all", after, size=3)
        names += [row.name for row in page.rows]
        after = page.further
        if after is None:
            break
    assert names == [f"c{number}" for number in range(10, -1, -1)]
