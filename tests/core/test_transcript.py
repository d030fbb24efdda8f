from datetime import datetime, timedelta

from bot import chats
from bot.channels import CHANNELS
from bot.messages import Button, Message
from core import inbox, outgoing, replies, transcript, users
from core.inbox import Arrival, Delivery
from core.reasons import Reason
from core.transcript import Bubble, Page, Place
from db.database import Database
from db.tables import Contact, InboxEvent, OutboxMessage
from tests import cast, talk
from tests.core.test_replies import writer

SECOND = timedelta(seconds=1)


def words(page: Page) -> list[str]:
    """What each bubble says, whoever says it."""
    texts = [(bubble.said and bubble.said.words) or (bubble.shown and bubble.shown.text) for bubble in page.bubbles]
    return [text or "" for text in texts]


def talked(database: Database, now: datetime, turns: int = 3) -> Contact:
    """Mei says `turns` things and the bot answers each within the second; Eve says something too."""
    with database.write() as session:
        mei, eve = cast.contact(session, cast.MEI, now), cast.contact(session, cast.EVE, now)
        for turn in range(turns):
            at = now + turn * SECOND
            talk.said(session, cast.MEI, f"q{turn}", at)
            talk.answered(session, mei.id, "line", f"a{turn}", at + SECOND / 2)
        talk.said(session, cast.EVE, "a secret of Eve's", now)
        talk.answered(session, eve.id, "line", "an answer to Eve", now)
    return mei


def read(database: Database, contact: Contact, before: Place | None = None, size: int = 40) -> Page:
    with database.read() as session:
        return transcript.read(session, contact, chats, before, size)


def test_both_sides_are_in_one_order_of_time_and_nobody_elses_words_are_among_them(
    database: Database, now: datetime
) -> None:
    page = read(database, talked(database, now))
    assert words(page) == ["q0", "a0", "q1", "a1", "q2", "a2"]
    assert page.older is None


def test_older_pages_join_without_a_gap_and_without_a_word_twice(database: Database, now: datetime) -> None:
    mei = talked(database, now, turns=7)
    found: list[str] = []
    page = read(database, mei, size=4)
    while True:
        found = words(page) + found
        if page.older is None:
            break
        page = read(database, mei, page.older, size=4)
    assert found == [word for turn in range(7) for word in (f"q{turn}", f"a{turn}")]


def test_things_of_the_same_moment_are_paged_each_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        mei = cast.contact(session, cast.MEI, now)
        for number in range(5):
            talk.said(session, cast.MEI, f"q{number}", now)
            talk.answered(session, mei.id, "line", f"a{number}", now)
    found: list[str] = []
    page = read(database, mei, size=3)
    while True:
        found = words(page) + found
        if page.older is None:
            break
        page = read(database, mei, page.older, size=3)
    assert found == [f"q{number}" for number in range(5)] + [f"a{number}" for number in range(5)]


def test_a_question_stands_before_its_answer_though_the_platforms_clock_is_ahead(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        mei = cast.contact(session, cast.MEI, now)
        talk.said(session, cast.MEI, "question", now + timedelta(minutes=3), received=now)
        talk.answered(session, mei.id, "line", "answer", now + SECOND)
    assert words(read(database, mei)) == ["question", "answer"]


def test_a_bubble_says_whether_it_left_and_why_not(database: Database, now: datetime) -> None:
    mei = talked(database, now, turns=1)
    with database.write() as session:
        row = session.query(OutboxMessage).filter_by(contact_id=mei.id).one()
        row.status, row.reason, row.detail = "failed", Reason.MESSAGE_REFUSED, "messages[0].text"
    (_, answer) = read(database, mei).bubbles
    assert (answer.status, answer.reason, answer.detail) == ("failed", "message_refused", "messages[0].text")


def test_what_the_bot_could_not_handle_has_its_reason(database: Database, now: datetime) -> None:
    mei = talked(database, now, turns=1)
    with database.write() as session:
        event = session.query(InboxEvent).filter_by(account_id=mei.account_id).one()
        event.handled_at = None
        session.flush()
        inbox.give_up(session, event.id, Reason.FLOW_TEMPLATE, "flow tea, step 2: no such word", now)
    question: Bubble = read(database, mei).bubbles[0]
    assert (question.reason, question.detail) == ("flow_template", "flow tea, step 2: no such word")


def test_what_shows_nothing_in_a_chat_is_left_out(database: Database, now: datetime) -> None:
    mei = talked(database, now, turns=1)
    with database.write() as session:
        unsend = talk.line_event(mei.account_id, now, type="unsend", unsend={"messageId": "1"})
        arrival = Arrival("unsent", mei.account_id, now, unsend, needs_work=False)
        inbox.store(session, [Delivery("line", [arrival], now)])
    assert words(read(database, mei)) == ["q0", "a0"]


def test_a_coupons_token_is_never_shown(database: Database, now: datetime) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        mia = users.create(session, "mia", "a long password", "marketer", None, now)
        mei = cast.contact(session, cast.MEI, now)
        sent = replies.send_coupon(session, mei.id, "summer-tea", "For you", "Open", writer(mia.id), now)
        talk.said(session, cast.MEI, "http://localhost/c/abcdefghijklmnopqrstuv is mine", now)
        link = "https://shop.example/c/abcdefghijklmnopqrstuv"
        message = Message(text="Yours", title=link, buttons=(Button(link, postback="x"),), choices=(link,))
        alex = cast.contact(session, cast.ALEX, now)
        outgoing.store(session, outgoing.rows(alex.id, CHANNELS["messenger"].render(message), now))
    assert isinstance(sent, replies.Written)
    question, coupon = read(database, mei).bubbles
    assert question.said is not None and question.said.words == "http://localhost/c/… is mine"
    assert coupon.by == "mia" and coupon.shown is not None
    assert [button.url for button in coupon.shown.buttons] == ["https://shop.example/c/…"]
    assert "abcdef" not in str(read(database, alex).bubbles)
