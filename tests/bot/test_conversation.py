from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot import conversation
from bot.catalog import Catalog
from bot.channels.ways import WAYS
from bot.conversation import Arrived
from bot.events import Inbound, Kind
from bot.turns import Desk
from core import contacts, conversations, dispatch, images, outbox, replies, standings
from core.audit import Doer
from core.shop import Shop
from db import locks
from db.database import Database
from db.tables import Contact, Conversation, Coupon, Flow, FlowVersion, OutboxMessage, SendRefusal
from settings import TAIPEI
from tests import cast, release

SHOP = Shop("日日茶", TAIPEI, "https://shop.example")
FLOWS = Path(__file__).parent.parent.parent / "flows"
SECOND = timedelta(seconds=1)


class Chat:
    """One contact's conversation, an event at a time, with the example flows published."""

    def __init__(self, database: Database, now: datetime, who: tuple[str, str] = cast.MEI) -> None:
        self.database, self.now, self.catalog, self.who = database, now, Catalog(), who
        self._numbers = iter(range(1000))
        with database.write() as session:
            cast.campaign(session, now)
            cast.campaign(session, now, cast.GIFT, codes=0)
            for file in sorted(FLOWS.glob("*.yaml")):
                release.publish(session, file, now)
            contact = cast.contact(session, who, now)
            contacts.note_profile(contact, "小美", "", "zh-TW", now)
            self.contact_id = contact.id

    def act(self, kind: Kind = "text", at: datetime | None = None, **more: object) -> list[str]:
        """Something that the customer does (`at`: by the platform's clock); the texts that were queued for it."""
        self.now += SECOND
        number = next(self._numbers)
        more = {"opens_window": True} | more
        inbound = Inbound(f"e{number}", self.who[1], kind, at or self.now, **more)  # type: ignore[arg-type]  # the test's own fields
        before = len(self.outbox())
        with self.database.write() as session:
            contact = locks.contact(session, self.contact_id)
            standing = standings.read(session, [contact.id], self.now)[contact.id]
            desk = Desk(session, self.catalog, SHOP, self.now)
            letter = conversation.handle(desk, contact, standing, Arrived(inbound, self.now))
            dispatch.add(session, [letter] if letter else [], None, self.now)
        return [text_of(row.payload) for row in self.outbox()[before:]]

    def outbox(self) -> list[OutboxMessage]:
        with self.database.read() as session:
            return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))

    def place(self) -> Conversation | None:
        with self.database.read() as session:
            return conversations.load(session, self.contact_id)


def text_of(payload: dict[str, object]) -> str:
    template = payload.get("template")
    return str(template["text"] if isinstance(template, dict) else payload.get("text", payload.get("type")))


@pytest.fixture
def chat(database: Database, now: datetime) -> Chat:
    return Chat(database, now)


def test_a_word_starts_a_flow_and_an_answer_brings_a_coupon(chat: Chat) -> None:
    assert chat.act(text=" ＣＯＵＰＯＮ ", reply_token="t1") == [
        "image",
        "小美您好！日日茶的夏日奶茶買一送一開跑了。",
        "您最想喝哪一種？",
    ]
    assert chat.act(text="珍珠奶茶", reply_token="t2") == ["這是您的買一送一券，到店出示即可使用。"]
    with chat.database.read() as session:
        coupon = session.scalars(select(Coupon)).one()
        assert contacts.tags(session, chat.contact_id) == {"tea-lover"}
    assert coupon.flow_version_id is not None
    template = chat.outbox()[-1].payload["template"]
    assert template["actions"][0]["uri"] == f"https://shop.example/c/{coupon.token}"
    assert [row.reply_token for row in chat.outbox()] == ["t1", "t1", "t1", "t2"]
    assert chat.outbox()[0].payload["originalContentUrl"].startswith("https://shop.example/images/")


def test_a_flow_that_this_version_cannot_read_stops_no_other_flow(chat: Chat) -> None:
    with chat.database.write() as session:
        lost = session.scalars(
            select(FlowVersion)
            .join(Flow, Flow.published_number == FlowVersion.number)
            .where(Flow.id == FlowVersion.flow_id, Flow.name == "welcome-gift")
        ).one()
        session.execute(update(FlowVersion).where(FlowVersion.id == lost.id).values(document={"flow": "of long ago"}))
    assert chat.act(text="coupon")


def test_words_that_start_nothing_are_not_answered(chat: Chat) -> None:
    assert chat.act(text="今天天氣真好") == []
    assert chat.place() is None


def test_an_answer_to_an_open_question_goes_before_a_word_that_starts_a_flow(chat: Chat) -> None:
    chat.act(text="禮物")
    assert chat.act(text="先不用") == ["沒問題！想領的時候，輸入「禮物」就可以了。"]
    chat.act(text="優惠")
    assert chat.act(text="禮物")[0].startswith("歡迎小美")  # no answer to the tea question, but a start


def test_an_answer_that_does_not_fit_is_asked_again_in_the_same_flow(chat: Chat) -> None:
    chat.act(text="優惠")
    assert chat.act(text="咖啡") == ["請點選下面的其中一個選項。"]
    assert chat.act(text="四季春茶") == ["這是您的買一送一券，到店出示即可使用。"]


def test_a_refused_coupon_is_told_in_the_flows_words_and_kept(chat: Chat) -> None:
    chat.act(text="禮物")
    assert chat.act(text="好啊") == ["見面禮目前無法領取，請稍後再試。"]  # the gift has no serials
    with chat.database.read() as session:
        assert session.scalars(select(SendRefusal.reason)).all() == ["sold_out"]
        assert session.scalars(select(Coupon)).all() == []


SHOWN = """\
flow: shown
starts: [{words: shown}]
steps:
  - send_coupon:
      campaign: summer-tea
      text: here
      image: pictures/summer-tea.jpg
      button: open
      refused: {otherwise: bye}
  - {id: bye, say: bye}
"""


@pytest.mark.parametrize(("who", "name"), [(cast.MEI, "thumbnailImageUrl"), (cast.ALEX, "image_url")])
def test_a_coupons_card_has_the_steps_own_picture(
    database: Database, now: datetime, tmp_path: Path, who: tuple[str, str], name: str
) -> None:
    (tmp_path / "pictures").mkdir()
    picture = FLOWS / "pictures" / "summer-tea.jpg"
    (tmp_path / "pictures" / "summer-tea.jpg").write_bytes(picture.read_bytes())
    file = tmp_path / "shown.yaml"
    file.write_text(SHOWN, encoding="utf-8")
    chat = Chat(database, now, who)
    with database.write() as session:
        release.publish(session, file, now)
    chat.act(text="shown")
    card = str(chat.outbox()[0].payload)
    with database.write() as session:
        kept = images.store(session, picture.read_bytes(), picture.name)
    assert f"'{name}': 'https://shop.example/images/{kept}" in card


def test_while_a_person_has_taken_over_the_bot_is_silent_until_a_start_calls_it_back(chat: Chat) -> None:
    chat.act("follow")
    chat.act(text="我有問題")
    place = chat.place()
    assert place is not None
    assert place.handed_over_at is not None
    assert chat.act(text="你們幾點關門？") == []
    assert chat.act(text="優惠")[-1] == "您最想喝哪一種？"
    place = chat.place()
    assert place is not None
    assert place.handed_over_at is None


def test_a_links_ref_a_postback_and_following_start_flows(chat: Chat) -> None:
    assert chat.act("referral", ref="poster-01")[-1] == "您最想喝哪一種？"
    assert chat.act("postback", data="welcome")[0].startswith("歡迎")
    assert chat.act("postback", data="get-started", ref="poster-01")[-1] == "您最想喝哪一種？"
    assert chat.act("follow")[0].startswith("歡迎")


def test_who_blocks_the_shop_is_unreachable_until_they_come_back(chat: Chat) -> None:
    assert chat.act("unfollow") == []
    with chat.database.read() as session:
        assert session.get_one(Contact, chat.contact_id).unreachable_since is not None
    chat.act("follow")
    with chat.database.read() as session:
        assert session.get_one(Contact, chat.contact_id).unreachable_since is None


def test_the_news_of_a_block_that_comes_after_the_return_changes_nothing(chat: Chat) -> None:
    blocked_at = chat.now
    chat.act("follow", is_unblocked=True)
    chat.act("unfollow", at=blocked_at)
    with chat.database.read() as session:
        assert session.get_one(Contact, chat.contact_id).unreachable_since is None
    chat.act("unfollow")
    with chat.database.read() as session:
        assert session.get_one(Contact, chat.contact_id).unreachable_since is not None


@pytest.mark.parametrize("ahead", [SECOND, timedelta(days=365), timedelta(days=365 * 7900)])
def test_a_platform_whose_clock_is_ahead_opens_the_window_for_no_longer(
    database: Database, now: datetime, ahead: timedelta
) -> None:
    chat = Chat(database, now, cast.ALEX)
    assert chat.act(text="優惠", at=now + ahead + SECOND)
    with database.write() as session:
        contact = locks.contact(session, chat.contact_id)
        assert contact.window_opened_at == chat.now
        assert outbox.take(session, contact.id, WAYS["messenger"], "worker", chat.now + timedelta(hours=24)) is None
        assert {row.status for row in session.scalars(select(OutboxMessage))} == {"held"}


def test_a_conversation_finishes_on_the_version_it_began_with(chat: Chat, tmp_path: Path) -> None:
    chat.act(text="優惠")
    changed = (FLOWS / "summer-tea.yaml").read_text(encoding="utf-8").replace("這是您的買一送一券", "新的")
    file = tmp_path / "summer-tea.yaml"
    file.write_text(changed.replace("      image: pictures/summer-tea.jpg\n", ""), encoding="utf-8")
    with chat.database.write() as session:
        version, is_new = release.publish(session, file, chat.now)
    assert (version.number, is_new) == (2, True)
    assert chat.act(text="珍珠奶茶") == ["這是您的買一送一券，到店出示即可使用。"]
    chat.act(text="優惠")
    assert chat.act(text="珍珠奶茶")[0].startswith("新的")


def test_publishing_the_same_text_again_makes_no_new_version(chat: Chat) -> None:
    with chat.database.write() as session:
        version, is_new = release.publish(session, FLOWS / "summer-tea.yaml", chat.now)
    assert (version.number, is_new) == (1, False)


def test_a_contacts_act_releases_what_was_held_for_the_window(database: Database, now: datetime) -> None:
    chat = Chat(database, now, cast.ALEX)
    chat.act(text="優惠")
    with database.write() as session:
        for row in session.scalars(select(OutboxMessage)):
            row.status, row.reason = "held", "window_closed"
    chat.act(text="hello?")
    assert {row.status for row in chat.outbox()} == {"pending"}


def test_a_person_who_takes_over_answers_alone_and_the_flow_goes_on_where_it_was_once_given_back(chat: Chat) -> None:
    chat.act(text="優惠")
    with chat.database.write() as session:
        replies.take_over(session, chat.contact_id, Doer(None, "mia"), chat.now)
    assert chat.act(text="珍珠奶茶") == []
    with chat.database.write() as session:
        replies.give_back(session, chat.contact_id, Doer(None, "mia"), chat.now)
    assert len(chat.act(text="珍珠奶茶")) == 1
    with chat.database.read() as session:
        assert session.scalars(select(Coupon.contact_id)).all() == [chat.contact_id]


def test_a_person_who_takes_over_from_nobody_answers_alone_too(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "pardon.yaml"
    file.write_text(
        'flow: pardon\nlanguages: [en]\nstarts: [otherwise: true]\nsteps: [say: "Pardon?"]\n', encoding="utf-8"
    )
    with chat.database.write() as session:
        release.publish(session, file, chat.now)
        replies.take_over(session, chat.contact_id, Doer(None, "mia"), chat.now)
    assert chat.act(text="is anybody there?") == []
    with chat.database.write() as session:
        replies.give_back(session, chat.contact_id, Doer(None, "mia"), chat.now)
    assert chat.act(text="is anybody there?") == ["Pardon?"]


@pytest.mark.parametrize(("who", "is_kept"), [(cast.MEI, True), (cast.ALEX, False)])
def test_every_act_is_the_newest_one_where_no_platform_counts_a_window(
    database: Database, now: datetime, who: tuple[str, str], *, is_kept: bool
) -> None:
    chat = Chat(database, now, who)
    chat.act(text="nothing that a flow knows", opens_window=False)
    with database.read() as session:
        assert session.scalars(select(Contact.window_opened_at)).all() == [chat.now if is_kept else None]
