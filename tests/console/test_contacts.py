import re
import uuid
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from console.sentences import sentence
from core import campaigns, clock, contacts, conversations, flows
from core.flows import Draft
from core.reasons import Reason
from db.base import Base
from db.database import Database
from db.tables import (
    ChannelNote,
    Contact,
    ContactAttribute,
    ContactTag,
    Conversation,
    Coupon,
    OutboxMessage,
    SendRefusal,
    StaffNotice,
    User,
    Wait,
)
from tests import cast, talk
from tests.deeds import deeds
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser

MINUTE = timedelta(minutes=1)
FORM = re.compile(r'name="form" value="([^"]+)"')


@pytest.fixture
def app(database: Database, watch: Watch) -> Flask:
    assert clock.now() == watch.at
    doors.people(database)
    return doors.application(database)


@pytest.fixture
def mia(app: Flask) -> Browser:
    return doors.logged_in(app, "mia")


@pytest.fixture
def mei(database: Database, now: datetime) -> int:
    """Mei in LINE: asked for a coupon, and was answered."""
    return arrive(database, cast.MEI, "王小美", now)


@pytest.fixture
def alex(database: Database, now: datetime) -> int:
    """Alex in Messenger, likewise."""
    return arrive(database, cast.ALEX, "Alex", now)


def arrive(database: Database, who: tuple[str, str], name: str, now: datetime) -> int:
    with database.write() as session:
        contact = cast.contact(session, who, now)
        contacts.note_profile(contact, name, "https://elsewhere.example/face.jpg", "zh-TW", now)
        contacts.acted(contact, now, opens_window=True)
        talk.said(session, who, "優惠", now)
        talk.answered(session, contact.id, who[0], "您最想喝哪一種？", now + timedelta(seconds=1))
        return contact.id


def place(contact_id: int, act: str = "") -> str:
    return f"/console/contacts/{contact_id}{act and '/' + act}"


def form_of(page: str) -> str:
    found = FORM.search(page)
    assert found
    return found[1]


def count(database: Database, table: type[Base]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def by_people(database: Database) -> list[OutboxMessage]:
    """The messages that a person wrote."""
    with database.read() as session:
        return list(session.scalars(select(OutboxMessage).where(OutboxMessage.user_id.is_not(None))))


def conversation(database: Database, contact_id: int) -> Conversation | None:
    with database.read() as session:
        return conversations.load(session, contact_id)


def test_without_a_contact_the_list_says_when_one_appears(mia: Browser) -> None:
    page = mia.get("/console/contacts/")
    assert page.status_code == 200
    assert "There is no contact yet." in page.text and 'aria-current="page"' in page.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("show=handed_over", "Nobody waits for a person."),
        ("show=stopped", "No flow has stopped."),
        ("show=unreachable", "Everybody can be reached."),
        ("q=nobody", "No contact fits “nobody”."),
    ],
)
def test_an_empty_filter_says_what_would_stand_there(mia: Browser, mei: int, query: str, words: str) -> None:
    page = mia.get(f"/console/contacts/?{query}").text
    assert words in page and place(mei) not in page


def test_the_list_shows_who_is_with_a_person_and_whose_flow_stopped_and_why(
    mia: Browser, database: Database, mei: int, alex: int, now: datetime
) -> None:
    with database.write() as session:
        conversations.save(session, None, mei, (None, {}), now)
        conversations.hand_over(session, mei, "asks a question", now)
        conversations.save(session, None, alex, (None, {}), now)
        stopped = conversations.load(session, alex)
        assert stopped is not None
        stopped.stopped_at, stopped.stopped_reason, stopped.stopped_detail = now, Reason.FLOW_TEMPLATE, "step 2: hm"
    page = mia.get("/console/contacts/").text
    for words in ("王小美", "asks a question", "<code>flow_template</code>", "Correct the text.", "2026-12-01 12:00"):
        assert words in page
    assert place(alex) not in mia.get("/console/contacts/?show=handed_over").text
    assert "step 2: hm" in mia.get(place(alex)).text


def test_the_list_goes_on_behind_its_first_page(mia: Browser, database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(51):
            contacts.note_profile(cast.contact(session, ("line", f"U{number:032x}"), now), f"c{number}.", "", "", now)
    first = mia.get("/console/contacts/").text
    assert "c50." in first and ">c0.<" not in first
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further
    second = mia.get(further[1].replace("&amp;", "&")).text
    assert ">c0.<" in second and "c50." not in second and 'rel="next"' not in second


NO_PLACES = ["nonsense", "2026-12-01T04:00:00~1", "2026-12-01T04:00:00%2B00:00~x", "~"]
AT_THE_ENDS = ["0001-01-01T00:00:00%2B14:00~1", "9999-12-31T23:59:59-14:00~1"]


@pytest.mark.parametrize("after", [*NO_PLACES, *AT_THE_ENDS, *(f"{end}~1" for end in AT_THE_ENDS)])
def test_a_place_that_is_none_is_refused(mia: Browser, mei: int, after: str) -> None:
    assert mia.get(f"/console/contacts/?after={after}").status_code == 400
    assert mia.get(f"{place(mei)}?before={after}").status_code == 400


def test_a_contacts_page_has_both_sides_and_all_that_is_known(
    mia: Browser, database: Database, mei: int, now: datetime
) -> None:
    document = {"title": "Summer tea", "steps": [{"say": "Hi"}, {"id": "drink", "ask": {"text": "Which?"}}]}
    with database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        version, _ = flows.publish(session, Draft("summer-tea", "...", document, {}), now)
        conversations.save(session, None, mei, (version.id, {"step": 1, "answers": {}, "waits_for": "answer"}), now)
        session.add(
            Wait(contact_id=mei, flow_version_id=version.id, due_at=now + 60 * MINUTE, happens=[], created_at=now)
        )
        contacts.tag(session, mei, "tea-lover", now)
        session.add(ContactAttribute(contact_id=mei, name="birthday", value="05-12", set_at=now))
        other = cast.contact(session, cast.ALEX, now)
        other.person_id, other.name = session.get_one(Contact, mei).person_id, "Mei on Messenger"
        quota = {"limit": 200, "used": 150}
        session.add(ChannelNote(channel="line", name="quota", value=quota, noted_at=now))
    cast.redeem(database, token, now)
    page = mia.get(place(mei)).text
    for words in (
        "優惠",
        "您最想喝哪一種？",
        "being sent",
        "Summer tea",
        "<code>drink</code>",
        "the customer&#39;s answer, at the latest 2026-12-01 13:00",
        "tea-lover",
        "birthday",
        "05-12",
        "Mei on Messenger",
        "50 of 200 pushed messages left this month",
        'data-status="redeemed"',
        cast.TEA.name,
    ):
        assert words in page
    assert token not in page
    assert "elsewhere.example" not in page  # nothing is loaded from other hosts


def test_what_customers_and_flows_write_is_shown_as_text(
    mia: Browser, database: Database, mei: int, now: datetime
) -> None:
    with database.write() as session:
        session.get_one(Contact, mei).name = "<script>alert(1)</script>"
        talk.said(session, cast.MEI, "<b>bold</b>", now)
        session.add(StaffNotice(contact_id=mei, text="<i>help</i>", created_at=now))
    for path in ("/console/contacts/", place(mei)):
        page = mia.get(path).text
        assert not any(markup in page for markup in ("<script>alert", "<b>bold", "<i>help"))


def test_older_messages_are_a_page_away(mia: Browser, database: Database, mei: int, now: datetime) -> None:
    with database.write() as session:
        for number in range(45):
            talk.said(session, cast.MEI, f"word {number}.", now + number * MINUTE / 60)
    first = mia.get(place(mei)).text
    assert "word 44." in first and "word 1." not in first
    older = re.search(r'href="([^"]+before=[^"]+)"', first)
    assert older
    second = mia.get(older[1].replace("&amp;", "&")).text
    assert "word 1." in second and "word 44." not in second and "Newest messages" in second


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("held", Reason.WINDOW_CLOSED, "held: The 24 hours since"),
        ("failed", Reason.QUOTA_USED_UP, "not delivered: LINE&#39;s messages of this month are used up"),
        ("unknown", Reason.OUTCOME_UNKNOWN, "unknown: The platform did not say"),
        ("pending", Reason.RATE_LIMITED, "not sent yet: The platform asks to slow down"),
    ],
)
def test_a_message_that_has_not_arrived_says_why(
    mia: Browser, database: Database, mei: int, status: str, reason: Reason, words: str
) -> None:
    with database.write() as session:
        row = session.scalars(select(OutboxMessage)).one()
        row.status, row.reason = status, reason
    page = mia.get(place(mei)).text
    assert words in page and f"<code>{reason}</code>" in page


def test_a_message_is_queued_once_however_often_its_form_is_sent(mia: Browser, database: Database, mei: int) -> None:
    form = form_of(mia.get(place(mei)).text)
    for _ in range(2):
        sent = mia.post(place(mei, "messages"), form=form, text="我們營業到\0九點。\r\n歡迎光臨")
        assert (sent.status_code, sent.location) == (303, place(mei))
        assert "The message is on its way." in mia.get(place(mei)).text
    (row,) = by_people(database)
    assert row.payload == {"type": "text", "text": "我們營業到九點。\n歡迎光臨"}
    page = mia.get(place(mei)).text
    assert "The message is on its way." not in page and 'data-side="person"' in page and "mia" in page


def test_an_empty_message_is_refused_and_nothing_is_sent(mia: Browser, database: Database, mei: int) -> None:
    refused = mia.post(place(mei, "messages"), form=uuid.uuid4(), text=" ")
    assert refused.status_code == 409
    assert 'data-reason="message_empty"' in refused.text and "Nothing was sent." in refused.text
    assert by_people(database) == []


def test_the_window_is_shown_and_what_is_written_after_it_is_held_as_said_before(
    mia: Browser, database: Database, alex: int, watch: Watch
) -> None:
    page = mia.get(place(alex)).text
    assert "You can write for another 23 h 55 min" in page and "may_hold" not in page
    watch.at += timedelta(hours=24)
    late = mia.post(place(alex, "messages"), form=form_of(page), text="still there?")
    assert late.status_code == 409
    assert 'data-reason="window_closed"' in late.text and ">still there?</textarea>" in late.text
    assert by_people(database) == []
    assert "What you write now is held." in late.text
    held = mia.post(place(alex, "messages"), form=form_of(late.text), text="still there?", may_hold="1")
    assert held.status_code == 303
    assert "The message is held." in mia.get(place(alex)).text
    assert [(row.status, row.reason) for row in by_people(database)] == [("held", "window_closed")]


def test_a_coupon_is_sent_once_however_often_its_form_is_sent(
    mia: Browser, database: Database, mei: int, now: datetime
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
    page = mia.get(place(mei)).text
    assert "3 serials left" in page and "這是送給您的優惠券。" in page
    for _ in range(2):
        sent = mia.post(place(mei, "coupons"), form=form_of(page), campaign="summer-tea", coupon_text="送您")
        assert sent.status_code == 303
        assert "The coupon is on its way." in mia.get(place(mei)).text
    assert (count(database, Coupon), len(by_people(database))) == (1, 1)


@pytest.mark.parametrize(
    ("slug", "reason"), [("summer-tea", "ended"), ("welcome-gift", "sold_out"), ("no-such", "unknown_campaign")]
)
def test_a_coupon_that_cannot_be_sent_says_why(
    mia: Browser, database: Database, mei: int, now: datetime, slug: str, reason: str
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
        cast.campaign(session, now, cast.GIFT, codes=0)
        campaigns.end(session, "summer-tea", now)
    page = mia.get(place(mei)).text
    assert '<option value="summer-tea"' not in page
    refused = mia.post(place(mei, "coupons"), form=form_of(page), campaign=slug, coupon_text="For you")
    assert refused.status_code == 409
    assert f'data-reason="{reason}"' in refused.text
    assert (count(database, Coupon), by_people(database), count(database, SendRefusal)) == (0, [], 1)


def test_a_coupon_is_not_sent_after_the_window(
    mia: Browser, database: Database, alex: int, now: datetime, watch: Watch
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
    watch.at += timedelta(hours=24)
    page = mia.get(place(alex)).text
    assert "a coupon cannot be held" in page
    refused = mia.post(place(alex, "coupons"), form=form_of(page), campaign="summer-tea", coupon_text="For you")
    assert refused.status_code == 409 and 'data-reason="window_closed"' in refused.text
    assert (count(database, Coupon), by_people(database)) == (0, [])


def test_a_person_takes_over_and_gives_back(mia: Browser, database: Database, mei: int) -> None:
    mia.get(place(mei))
    for _ in range(2):
        assert mia.post(place(mei, "take-over")).status_code == 303
    page = mia.get(place(mei)).text
    assert "You have taken over." in page and 'data-testid="give-back"' in page
    taken = conversation(database, mei)
    assert taken is not None and taken.hand_over_reason == "mia"
    for _ in range(2):
        assert mia.post(place(mei, "give-back")).status_code == 303
    assert "The bot answers again." in mia.get(place(mei)).text
    given = conversation(database, mei)
    assert given is not None and given.handed_over_at is None


def test_tags_are_added_and_removed_and_one_that_no_flow_could_name_is_refused(
    mia: Browser, database: Database, mei: int
) -> None:
    mia.get(place(mei))
    for _ in range(2):
        assert mia.post(place(mei, "tags"), add=" Tea-Lover ").status_code == 303
    assert tags(database) == ["tea-lover"]
    refused = mia.post(place(mei, "tags"), add="愛茶人")
    assert refused.status_code == 409 and 'data-reason="tag_malformed"' in refused.text
    assert tags(database) == ["tea-lover"]
    for _ in range(2):
        assert mia.post(place(mei, "tags"), remove="tea-lover").status_code == 303
    assert tags(database) == []
    assert mia.post(place(mei, "tags")).status_code == 400
    assert deeds(database) == [("mia", f"contact.{done}", str(mei)) for done in ("tagged", "untagged")]


def tags(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(ContactTag.tag)))


def test_a_notice_stands_on_every_page_until_somebody_has_seen_it(
    mia: Browser, database: Database, mei: int, now: datetime
) -> None:
    with database.write() as session:
        notice = StaffNotice(contact_id=mei, text="wants to talk about a wedding", created_at=now)
        session.add(notice)
        session.flush()
        path = f"/console/contacts/notices/{notice.id}/seen"
    for page in ("/console/campaigns/", "/console/contacts/", place(mei)):
        assert "wants to talk about a wedding" in mia.get(page).text
    assert mia.post(path, back=place(mei)).location == place(mei)
    for elsewhere in ("", "https://elsewhere.example/", "//elsewhere.example/console/"):
        assert mia.post(path, back=elsewhere).location == "/console/contacts/"
    assert "wedding" not in mia.get("/console/campaigns/").text
    with database.read() as session:
        user_id = session.scalars(select(User.id).where(User.username == "mia")).one()
        assert session.scalars(select(StaffNotice.user_id)).one() == user_id
    assert mia.post("/console/contacts/notices/999/seen").status_code == 404


ACTS = [
    ("messages", {"text": "hi"}),
    ("coupons", {"campaign": "summer-tea", "coupon_text": "hi"}),
    ("tags", {"add": "tea"}),
    ("take-over", {}),
    ("give-back", {}),
]


def nothing_happened(database: Database, contact_id: int) -> bool:
    is_untouched = conversation(database, contact_id) is None
    return is_untouched and not by_people(database) and not count(database, Coupon) and not tags(database)


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_nobody_else_does_anything(
    app: Flask, mia: Browser, database: Database, mei: int, now: datetime, act: str, fields: dict[str, str]
) -> None:
    with database.write() as session:
        cast.campaign(session, now)
    form = str(uuid.uuid4())
    stranger = doors.browser(app)
    stranger.get("/login")
    away = stranger.post(place(mei, act), form=form, **fields)
    assert away.status_code == 302 and "/login" in away.location
    staff = doors.logged_in(app, "ann")
    assert staff.post(place(mei, act), form=form, **fields).status_code == 403
    assert mia.post(place(mei, act), csrf_token="", form=form, **fields).status_code == 400
    assert mia.get(place(mei, act)).status_code == 405
    assert nothing_happened(database, mei)


@pytest.mark.parametrize(("act", "fields"), ACTS)
def test_of_an_unknown_contact_there_is_nothing(
    mia: Browser, database: Database, mei: int, act: str, fields: dict[str, str]
) -> None:
    for nobody in (mei + 1, 2**63):
        assert mia.get(place(nobody)).status_code == 404
    mia.get(place(mei))
    assert mia.post(place(mei + 1, act), form=uuid.uuid4(), **fields).status_code == 404
    assert nothing_happened(database, mei)


def test_staff_of_the_counter_and_strangers_see_no_contact(app: Flask, mei: int) -> None:
    for path in ("/console/contacts/", place(mei)):
        assert doors.browser(app).get(path).status_code == 302
        assert doors.logged_in(app, "ann").get(path).status_code == 403


@pytest.mark.parametrize("form", ["", "nonsense"])
def test_a_form_without_its_key_sends_nothing(mia: Browser, database: Database, mei: int, form: str) -> None:
    mia.get(place(mei))
    assert mia.post(place(mei, "messages"), form=form, text="hi").status_code == 400
    assert by_people(database) == []


AT_PUBLISHING = {  # no chat meets these
    Reason.FLOW_HAS_MISTAKES,
    Reason.FLOW_TALKS_OTHERWISE,
    Reason.FLOW_CHANGED_IN_CONSOLE,
    Reason.FLOW_CHANGED_MEANWHILE,
    Reason.FLOW_DRAFT_CHANGED,
    Reason.FLOW_OTHERS_CHANGED,
}
UNDELIVERED = [reason for reason in Reason if reason.startswith("flow_") and reason not in AT_PUBLISHING] + [
    Reason.WINDOW_CLOSED,
    Reason.OUTCOME_UNKNOWN,
    Reason.RETRIES_USED_UP,
    Reason.RATE_LIMITED,
    Reason.QUOTA_USED_UP,
    Reason.RECIPIENT_UNREACHABLE,
    Reason.MESSAGE_REFUSED,
    Reason.CHANNEL_CREDENTIALS,
    Reason.CHANNEL_UNAVAILABLE,
    Reason.REPLY_TOKEN_REFUSED,
    Reason.EVENT_UNREADABLE,
]


@pytest.mark.parametrize("reason", UNDELIVERED)
def test_whatever_goes_wrong_in_a_chat_has_a_sentence_in_both_languages(mia: Browser, reason: Reason) -> None:
    for language in ("en", "zh-TW"):
        with mia.client.application.test_request_context(headers={"Accept-Language": language}):
            assert sentence(reason) != reason
