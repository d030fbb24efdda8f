import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from bot import chats
from bot.channels.ways import WAYS
from core import campaigns, contacts, conversations, outbox, replies, users
from core.audit import Doer
from core.reasons import Reason
from core.refusal import Refused
from core.replies import Writer, Written
from core.shop import Shop
from db import locks
from db.base import Base
from db.database import Database
from db.tables import Coupon, OutboxMessage, SendRefusal
from settings import TAIPEI
from tests import cast
from tests.deeds import deeds

SHOP = Shop("日日茶", TAIPEI, "https://shop.example")
DAY = timedelta(hours=24)


def writer(user_id: int, form: uuid.UUID | None = None) -> Writer:
    return Writer(user_id, form or uuid.uuid4(), chats, SHOP)


class Desk:
    """Mia at the console, with one contact's chat open."""

    def __init__(self, database: Database, who: tuple[str, str], now: datetime) -> None:
        self.database, self.now = database, now
        with database.write() as session:
            cast.campaign(session, now)
            self.mia = users.create(session, "mia", "a long password", "marketer", None, now).id
            contact = cast.contact(session, who, now)
            contacts.acted(contact, now, opens_window=True)
            self.contact_id = contact.id

    def write(self, text: str = "您好", form: uuid.UUID | None = None, *, may_hold: bool = False) -> Written | Refused:
        with self.database.write() as session:
            by = writer(self.mia, form)
            return replies.write(session, self.contact_id, text, by, self.now, may_hold=may_hold)

    def send(self, slug: str = "summer-tea", form: uuid.UUID | None = None, text: str = "For you") -> Written | Refused:
        with self.database.write() as session:
            by = writer(self.mia, form)
            return replies.send_coupon(session, self.contact_id, slug, text, "Open", by, self.now)

    def rows(self) -> list[OutboxMessage]:
        with self.database.read() as session:
            return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def count(self, table: type[Base]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def line(database: Database, now: datetime) -> Desk:
    return Desk(database, cast.MEI, now)


@pytest.fixture
def messenger(database: Database, now: datetime) -> Desk:
    return Desk(database, cast.ALEX, now)


def test_a_persons_message_is_an_urgent_row_with_their_name_on_it(line: Desk) -> None:
    assert line.write("  您好  ") == Written(is_held=False, is_coupon=False)
    (row,) = line.rows()
    assert (row.payload, row.status, row.user_id, row.urgency) == (
        {"type": "text", "text": "您好"},
        "pending",
        line.mia,
        0,
    )


def test_the_same_form_twice_is_one_message_and_the_first_result(line: Desk) -> None:
    form = uuid.uuid4()
    first, again = line.write("one", form), line.write("one", form)
    assert first == again == Written(is_held=False, is_coupon=False)
    assert [row.payload["text"] for row in line.rows()] == ["one"]
    assert deeds(line.database, "contact") == [("mia", "contact.written", str(line.contact_id))]


def test_a_form_gone_back_to_and_filled_in_otherwise_is_another_act(line: Desk) -> None:
    form = uuid.uuid4()
    line.write("one", form)
    line.write("two", form)
    assert line.send(form=form, text="one") == Written(is_held=False, is_coupon=True)
    assert [row.coupon_id is None for row in line.rows()] == [True, True, False]


def test_the_same_form_twice_in_the_same_instant_is_one_coupon(line: Desk) -> None:
    form, start = uuid.uuid4(), Barrier(2)

    def send(_: int) -> Written | Refused:
        start.wait(timeout=10)
        return line.send(form=form)

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(send, range(2)))
    assert results == [Written(is_held=False, is_coupon=True)] * 2
    assert (line.count(Coupon), len(line.rows())) == (1, 1)
    assert deeds(line.database, "contact") == [("mia", "contact.coupon_sent", str(line.contact_id))]


def test_another_form_is_another_message_and_one_form_serves_two_contacts(line: Desk, database: Database) -> None:
    form = uuid.uuid4()
    line.write("one", form)
    line.write("two")
    with database.write() as session:
        eve = cast.contact(session, cast.EVE, line.now)
        replies.write(session, eve.id, "three", writer(line.mia, form), line.now, may_hold=False)
    assert [row.payload["text"] for row in line.rows()] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", Reason.MESSAGE_EMPTY), (" \n", Reason.MESSAGE_EMPTY), ("x" * 2001, Reason.MESSAGE_TOO_LONG)],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_stored(line: Desk, text: str, reason: Reason) -> None:
    assert line.write(text) == Refused(reason)
    assert line.send(text=text) == Refused(reason)
    assert (line.rows(), line.count(Coupon)) == ([], 0)


def test_who_has_blocked_the_shop_is_not_written_to(line: Desk, database: Database) -> None:
    with database.write() as session:
        contacts.left(locks.contact(session, line.contact_id), line.now, line.now)
    assert line.write(may_hold=True) == Refused(Reason.UNREACHABLE)
    assert line.send() == Refused(Reason.UNREACHABLE)
    assert (line.rows(), line.count(Coupon)) == ([], 0)


def test_within_the_window_a_message_goes_out_until_its_last_second(messenger: Desk) -> None:
    messenger.now += DAY - timedelta(seconds=1)
    assert messenger.write() == Written(is_held=False, is_coupon=False)
    messenger.now += timedelta(seconds=1)
    assert messenger.write() == Refused(Reason.WINDOW_CLOSED)
    assert [row.status for row in messenger.rows()] == ["pending"]


def test_outside_the_window_it_is_held_only_where_the_writer_was_told_and_goes_out_once_it_opens(
    messenger: Desk, database: Database
) -> None:
    messenger.now += DAY
    assert messenger.write(may_hold=False) == Refused(Reason.WINDOW_CLOSED)
    assert messenger.rows() == []
    form = uuid.uuid4()
    assert messenger.write("later", form, may_hold=True) == Written(is_held=True, is_coupon=False)
    assert messenger.write("later", form, may_hold=True) == Written(is_held=True, is_coupon=False)
    (row,) = messenger.rows()
    assert (row.status, row.reason) == ("held", "window_closed")
    with database.write() as session:
        assert outbox.take(session, messenger.contact_id, WAYS["messenger"], "w", messenger.now) is None
        contacts.acted(locks.contact(session, messenger.contact_id), messenger.now, opens_window=True)
        outbox.release_held(session, messenger.contact_id, messenger.now)
        taken = outbox.take(session, messenger.contact_id, WAYS["messenger"], "w", messenger.now)
    assert taken is not None and taken.payloads == ({"text": "later"},)


def test_a_coupon_is_never_held(messenger: Desk) -> None:
    messenger.now += DAY
    assert messenger.send() == Refused(Reason.WINDOW_CLOSED)
    assert (messenger.rows(), messenger.count(Coupon)) == ([], 0)


def test_a_persons_coupon_is_a_row_with_its_message(line: Desk) -> None:
    assert line.send() == Written(is_held=False, is_coupon=True)
    (row,) = line.rows()
    with line.database.read() as session:
        coupon = session.scalars(select(Coupon)).one()
    assert (row.coupon_id, row.user_id, coupon.contact_id) == (coupon.id, line.mia, line.contact_id)
    shown = chats.shown("line", row.payload)
    assert (shown.text, shown.buttons[0].url) == ("For you", f"https://shop.example/c/{coupon.token}")


def test_a_coupon_that_cannot_be_sent_says_why_and_keeps_the_refusal_alone(line: Desk, database: Database) -> None:
    assert line.send("nothing-here") == Refused(Reason.UNKNOWN_CAMPAIGN, "nothing-here")
    with database.write() as session:
        cast.campaign(session, line.now, cast.GIFT, codes=0)
    assert line.send("welcome-gift") == Refused(Reason.SOLD_OUT, "welcome-gift")
    with database.write() as session:
        campaigns.end(session, "summer-tea", line.now)
    assert line.send() == Refused(Reason.ENDED, "summer-tea")
    assert (line.rows(), line.count(Coupon), line.count(SendRefusal)) == ([], 0, 3)


def test_taking_over_and_giving_back_twice_is_once(line: Desk, database: Database) -> None:
    later = line.now + timedelta(minutes=1)
    with database.write() as session:
        replies.take_over(session, line.contact_id, Doer(line.mia, "mia"), line.now)
        replies.take_over(session, line.contact_id, Doer(None, "bob"), later)
    with database.read() as session:
        taken = conversations.load(session, line.contact_id)
    assert taken is not None and (taken.handed_over_at, taken.hand_over_reason) == (line.now, "mia")
    with database.write() as session:
        for _ in range(2):
            replies.give_back(session, line.contact_id, Doer(None, "bob"), later)
    with database.read() as session:
        given = conversations.load(session, line.contact_id)
    assert given is not None and given.handed_over_at is None
    done = [("mia", "contact.taken_over"), ("bob", "contact.given_back")]
    assert deeds(database, "contact") == [(*one, str(line.contact_id)) for one in done]
