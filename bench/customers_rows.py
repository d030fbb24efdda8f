"""Fills a database with customers as a counter finds them: Latin, Chinese and Thai names in turn, phones, e-mails.

Each has one coupon, redeemed, with a serial of its own. Thousands share a name, as it is in a shop of that size; RARE
are three whom nobody else is called like.
"""

from collections.abc import Sequence

from sqlalchemy import select

from bench import seed
from core import names
from db.database import Database
from db.several import insert_all
from db.tables import Contact, ContactName

RARE = ("Zelda Quixote", "龔小喵", "พิมพ์ชนก รุ่งเรือง")
GIVEN = ("Alex", "Bella", "Chris", "Diana", "Emma", "Frank", "Grace", "Henry", "Irene", "Jason")
FAMILY = ("Chen", "Lopez", "Novak", "Smith", "Tanaka", "Wang")
SURNAMES, CHARACTERS = (
    tuple("陳林黃張李王吳劉蔡楊許鄭謝洪郭邱曾廖賴徐"),
    tuple("家豪志明俊傑建宏怡君雅婷淑芬美玲欣惠宜佳承恩"),
)
THAI_GIVEN, THAI_FAMILY = ("สมชาย", "สมหญิง", "วิชัย", "นภา", "กมล"), ("ใจดี", "ศรีสุข", "บุญมา", "ทองคำ")


def _one_of(names: Sequence[str], number: str) -> str:
    """SQL for one of the names by a number that may be any: from a text in which all are as wide as the widest."""
    width = max(len(name) for name in names)
    every = "".join(name.ljust(width) for name in names)
    return f"rtrim(substr('{every}', CAST(1 + {width} * (({number}) % {len(names)}) AS int), {width}))"


LATIN = f"{_one_of(GIVEN, 'n / 3')} || ' ' || {_one_of(FAMILY, 'n / 30')}"
CHINESE = (
    f"{_one_of(SURNAMES, 'n / 3')} || {_one_of(CHARACTERS, 'n / 60')} || "
    f"CASE WHEN n % 7 = 0 THEN '' ELSE {_one_of(CHARACTERS, 'n / 1320')} END"
)
THAI = f"{_one_of(THAI_GIVEN, 'n / 3')} || ' ' || {_one_of(THAI_FAMILY, 'n / 15')}"
NAME = f"CASE n % 3 WHEN 0 THEN {LATIN} WHEN 1 THEN {CHINESE} ELSE {THAI} END"
ROWS = (
    f"UPDATE contacts SET name = (SELECT {NAME} FROM (SELECT contacts.id AS n) AS numbered)",  # noqa: S608 (our own words)
    *(
        f"UPDATE contacts SET name = '{name}' WHERE id = :size / 2 + {number}"  # noqa: S608 (our own words)
        for number, name in enumerate(RARE)
    ),
    (
        "INSERT INTO contact_attributes (contact_id, name, value, set_at) "
        "SELECT n, 'phone', '09' || substr(CAST(100000000 + n AS text), 2), :at FROM {series}"
    ),
    (
        "INSERT INTO contact_attributes (contact_id, name, value, set_at) "
        "SELECT n, 'e-mail', 'c' || n || '@example.com', :at FROM {series} WHERE n % 2 = 0"
    ),
)
AT_ONCE = 10_000  # contacts


def fill(url: str, size: int) -> None:
    """Fill an empty, migrated database with `size` customers, each with a redeemed coupon."""
    seed.product(url, size, size)
    seed.fill(url, ROWS, size)
    database = Database(url)
    for first in range(1, size + 1, AT_ONCE):
        with database.write() as session:
            of_these = select(Contact.id, Contact.name).where(Contact.id.between(first, first + AT_ONCE - 1))
            rows = [
                {"contact_id": contact_id, "part": part}
                for contact_id, name in session.execute(of_these).all()
                for part in names.parts(name)
            ]
            insert_all(session, ContactName, rows)
    database.dispose()
    seed.fill(url, (), 0)  # statistics of the names, too
