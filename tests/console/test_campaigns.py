"""Campaigns in the console: the list, the form and what becomes of it, what is done beside it."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from console.campaigns import door, entry
from core import campaign_search, campaigns, images
from core.audit import Doer
from core.campaigns import Spec
from core.images import Drawn
from db.database import Database
from db.tables import AuditEntry, Campaign, Image
from tests import cast
from tests.core.test_images import png
from tests.web import doors
from tests.web.doors import Browser

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
NAMED = {"name.zh-TW": "奶茶買一送一", "expires_count": "7", "redemption_limit": "1", "slug": "milk-tea"}
FIELDS = entry.of_spec(entry.NEW, doors.TAIPEI) | NAMED


def form_of(database: Database, slug: str = "summer-tea") -> dict[str, str]:
    """What a form that shows the campaign as it now is would send, were nothing typed."""
    with database.read() as session:
        campaign = campaigns.by_slug(session, slug)
        assert campaign is not None
        return entry.of_spec(campaigns.spec_of(campaign), doors.TAIPEI) | {"revision": str(campaign.revision)}


def spec_in(database: Database, slug: str) -> Spec:
    with database.read() as session:
        campaign = campaigns.by_slug(session, slug)
        assert campaign is not None
        return campaigns.spec_of(campaign)


def deeds(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        return [(one.actor, one.action) for one in entries]


def send(who: Browser, path: str, form: Mapping[str, object], **more: object) -> TestResponse:
    who.get(path)
    return who.post(path, **(dict(form) | more))


def told(page: TestResponse, name: str) -> str:
    """What stands at a field as wrong."""
    found = re.search(rf'id="{re.escape(name)}-wrong">([^<]*)<', page.text)
    return found[1] if found else ""


@pytest.fixture
def tea(database: Database, now: datetime) -> Spec:
    with database.write() as session:
        cast.campaign(session, now)
    return cast.TEA


def test_without_a_campaign_the_list_says_how_one_comes_to_be(mia: Browser) -> None:
    assert mia.get("/console/").location == "/console/campaigns/"
    page = mia.get("/console/campaigns/").text
    assert "There is no campaign yet." in page and "Add the first campaign" in page


def test_a_campaign_is_listed_with_how_far_its_coupons_have_come(
    mia: Browser, database: Database, now: datetime, tea: Spec
) -> None:
    with database.write() as session:
        token, _ = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
    cast.redeem(database, token, now)
    cast.count(database, now)
    page = mia.get("/console/campaigns/").text
    assert tea.name in page and "summer-tea" in page
    assert 'aria-label="Sent 2, Opened 1, Redeemed 1, Verified 0"' in page
    assert re.search(r"Can be redeemed</span> <strong>2<", page)


def test_the_list_is_searched_by_status_name_and_slug_and_leaves_the_archive_out(
    mia: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        for slug, name, more in (
            ("a-draft", "Über Tea", {"is_published": False}),
            ("a-plan", "Plan", {"sends_from": datetime.now(UTC) + timedelta(days=9)}),
            ("a-runner", "跑者", {"translations": {"en": {"name": "Runner"}}}),
            ("an-end", "End", {}),
            ("an-old-one", "Old", {"is_published": False}),
        ):
            cast.campaign(session, now, replace(cast.TEA, slug=slug, name=name, **more), 0)
        campaigns.end(session, "an-end", datetime.now(UTC))
        campaigns.archive(session, "an-old-one", datetime.now(UTC))

    def shown(query: str) -> set[str]:
        return set(re.findall(r"<code>(an?-[a-z-]+)</code>", mia.get(f"/console/campaigns/{query}").text))

    assert shown("") == {"a-draft", "a-plan", "a-runner", "an-end"}
    assert shown("?show=draft") == {"a-draft"}
    assert shown("?show=scheduled") == {"a-plan"}
    assert shown("?show=running") == {"a-runner"}
    assert shown("?show=ended") == {"an-end"}
    assert shown("?show=archived") == {"an-old-one"}
    assert shown("?q=ÜBER") == {"a-draft"}
    assert shown("?q=runn") == {"a-runner"}
    assert shown("?q=an-&show=ended") == {"an-end"}
    assert shown("?q=%00nothing%25") == set()


def test_the_list_comes_in_pages(mia: Browser, database: Database, now: datetime) -> None:
    with database.write() as session:
        for number in range(campaign_search.PAGE + 1):
            cast.campaign(session, now, replace(cast.TEA, slug=f"tea-{number}"), 0)
    first = mia.get("/console/campaigns/").text
    assert first.count('data-testid="campaign"') == campaign_search.PAGE and "Page 1 of 2" in first
    assert "tea-0<" not in first
    for page in ("?page=2", "?page=99999999999999999999"):
        assert "tea-0<" in mia.get(f"/console/campaigns/{page}").text


def test_a_new_campaign_has_all_that_was_typed_and_is_written_down(mia: Browser, database: Database) -> None:
    typed = FIELDS | {
        "instructions.zh-TW": "出示此頁\r\n一人一次",
        "name.en": "Two teas for one",
        "sold_out_text.en": "All gone",
        "sends_from": "2026-12-01T09:00",
        "sends_until": "2026-12-24T23:59",
        "shown_until": "2026-12-31T23:59",
        "expires_from": "redemption",
        "expires_count": "３０",
        "expires_unit": "minute",
        "redemption_limit": "2",
        "limit_by": "contact",
        "total_limit": "1,000",
        "barcode": "code128",
        "background_color": "#101010",
        "used_in": "store",
        "stores": ["Xinyi", "Banqiao"],
        "used_from": "2026-12-24T09:00",
        "is_at_counter": "on",
        "products_url": "https://shop.example/tea",
        "has_verify_button": "on",
    }
    answer = send(mia, "/console/campaigns/new", typed, act="save", picture=(BytesIO(png((640, 640))), "茶.png"))
    assert answer.location == "/console/campaigns/milk-tea/?done=created"
    spec = spec_in(database, "milk-tea")
    with database.read() as session:
        image_id = session.scalars(select(Image.id)).one()
    assert spec == Spec(
        slug="milk-tea",
        name="奶茶買一送一",
        instructions="出示此頁\n一人一次",
        sends_from=datetime(2026, 12, 1, 1, 0, tzinfo=UTC),
        sends_until=datetime(2026, 12, 24, 15, 59, tzinfo=UTC),
        shown_until=datetime(2026, 12, 31, 15, 59, tzinfo=UTC),
        expires_from="redemption",
        expires_after_seconds=1800,
        redemption_limit=2,
        limit_by="contact",
        total_limit=1000,
        image_id=image_id,
        barcode="code128",
        background_color="#101010",
        has_verify_button=True,
        used_in="store",
        stores=("Banqiao", "Xinyi"),
        used_from=datetime(2026, 12, 24, 1, 0, tzinfo=UTC),
        is_at_counter=True,
        products_url="https://shop.example/tea",
        translations={"en": {"name": "Two teas for one", "sold_out_text": "All gone"}},
        is_published=False,
    )
    assert deeds(database) == [("mia", "campaign.created")]
    page = mia.get(answer.location).text
    assert "Added." in page and "Add serials" in page and "campaign: milk-tea" in page


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        ({"name.zh-TW": "奶茶", "name.en": "Milk Tea!"}, "milk-tea"),
        ({"name.zh-TW": "奶茶"}, r"coupon-\d{4}-\d\d-\d\d"),
        ({"name.zh-TW": "Summer  tea"}, "summer-tea-2"),
    ],
)
@pytest.mark.usefixtures("tea")
def test_a_campaign_without_a_name_in_files_gets_one_that_is_free(
    mia: Browser, names: dict[str, str], slug: str
) -> None:
    answer = send(mia, "/console/campaigns/new", FIELDS | {"slug": ""} | names, act="publish")
    assert re.fullmatch(rf"/console/campaigns/{slug}/\?done=created", answer.location)


def test_each_mistake_stands_at_its_field_and_nothing_that_was_typed_is_lost(mia: Browser, database: Database) -> None:
    wrong = {
        "name.zh-TW": "",
        "slug": "Milk Tea",
        "name.en": "x" * 101,
        "sends_from": "2026-12-24T09:00",
        "sends_until": "2026-12-01T09:00",
        "shown_until": "whenever",
        "expires_count": "soon",
        "redemption_limit": "-1",
        "total_limit": "many",
        "products_url": "javascript:alert(1)",
        "button_color": "red",
        "background_color": "#abc123",
        "instructions.zh-TW": "<b>kept</b>",
    }
    page = send(mia, "/console/campaigns/new", FIELDS | wrong, act="publish", picture=(BytesIO(b"<svg/>"), "a.png"))
    assert page.status_code == 422
    right = {"background_color", "instructions.zh-TW", "sends_from"}
    for name in ("picture", *(set(wrong) - right)):
        assert told(page, name), name
        assert f'href="#{name}"' in page.text
        assert re.search(rf'aria-describedby="[^"]*{re.escape(name)}-wrong[^"]*" aria-invalid="true"', page.text), name
    for name in right:
        assert not told(page, name)
    assert "a.png is not a whole JPEG or PNG picture." in told(page, "picture")
    assert 'value="many"' in page.text and "&lt;b&gt;kept&lt;/b&gt;" in page.text and 'value="whenever"' in page.text
    beyond = send(mia, "/console/campaigns/new", FIELDS | {"shown_until": "0001-01-01T00:00"})  # none such in UTC
    assert "is at the end of the calendar (year 1)" in told(beyond, "shown_until")
    with database.read() as session:
        assert session.scalars(select(Campaign)).all() == []
        assert session.scalars(select(AuditEntry)).all() == []


def test_a_picture_survives_a_mistake_elsewhere(mia: Browser, database: Database) -> None:
    page = send(
        mia,
        "/console/campaigns/new",
        FIELDS | {"name.zh-TW": ""},
        act="save",
        picture=(BytesIO(png((640, 320))), "a.png"),
    )
    image_id = dict(HIDDEN.findall(page.text))["image_id"]
    assert "not square" in page.text and f"/images/{image_id}" in page.text
    assert send(mia, "/console/campaigns/new", FIELDS | {"image_id": image_id}, act="save").status_code == 303
    assert spec_in(database, "milk-tea").image_id == image_id
    changed = form_of(database, "milk-tea")
    assert send(mia, "/console/campaigns/milk-tea/edit", changed, no_picture="1").status_code == 303
    assert spec_in(database, "milk-tea").image_id is None
    for nobody in ("f" * 64, "../secret"):
        send(mia, "/console/campaigns/milk-tea/edit", form_of(database, "milk-tea") | {"image_id": nobody})
        assert spec_in(database, "milk-tea").image_id is None


@pytest.mark.usefixtures("tea")
def test_without_scripts_a_picture_of_many_megabytes_is_refused_at_its_field_and_the_form_comes_back(
    app: Flask, mia: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file() -> FileStorage:
        return FileStorage(BytesIO(b"\xff\xd8\xff\xe0" + bytes(3_000_000)), "photo.jpg")

    for path in ("new", "summer-tea/edit"):
        typed = FIELDS | {"instructions.zh-TW": "Typed for an hour", "button_color": "#abc123"}
        mia.get(f"/console/campaigns/{path}")
        page = mia.post_large(f"/console/campaigns/{path}", **typed, act="publish", picture=file())
        assert page.status_code == 422
        assert "photo.jpg has 3,000,004 bytes; a picture must be under 1,000,000 (1 MB)" in told(page, "picture")
        assert "Typed for an hour" in page.text and 'value="#abc123"' in page.text and NAMED["name.zh-TW"] in page.text
    shown = mia.post_large("/console/campaigns/_preview", **FIELDS, face="open", picture=file())
    assert shown.status_code == 200
    stranger = doors.browser(app)
    stranger.get("/login")
    for who, path in ((stranger, "new"), (mia, "_picture"), (mia, "_contrast")):
        sent = who.post_large(f"/console/campaigns/{path}", **FIELDS, picture=file())
        assert sent.status_code == 413, path
    monkeypatch.setattr(door, "LARGEST_FORM", 2_900_000)
    for path in ("new", "summer-tea/edit", "_preview"):
        sent = mia.post_large(f"/console/campaigns/{path}", **FIELDS, picture=file())
        assert sent.status_code == 413, path
    assert spec_in(database, "summer-tea") == cast.TEA
    with database.read() as session:
        assert len(session.scalars(select(Campaign)).all()) == 1
        assert session.scalars(select(Image)).all() == []


def test_a_picture_is_stored_for_a_script_or_refused_in_a_sentence(
    mia: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, redraw, writers = Database.write, images.redrawn, 0

    @contextmanager
    def counted(self: Database) -> Iterator[Session]:
        nonlocal writers
        writers += 1
        with write(self) as session:
            yield session
        writers -= 1

    def redrawn(content: bytes, name: str) -> Drawn:
        assert writers == 0  # else nobody could write on SQLite while it is drawn
        return redraw(content, name)

    monkeypatch.setattr(Database, "write", counted)
    monkeypatch.setattr(images, "redrawn", redrawn)
    mia.get("/console/campaigns/new")
    stored = mia.post("/console/campaigns/_picture", picture=(BytesIO(png((640, 640))), "a.png"))
    assert stored.get_json()["told"] == ""
    with database.read() as session:
        assert images.load(session, stored.get_json()["id"]) is not None
    refused = mia.post("/console/campaigns/_picture", picture=(BytesIO(b"GIF89a"), "a.gif"))
    assert (refused.status_code, "JPG or PNG" in refused.get_json()["error"]) == (422, True)


@pytest.mark.usefixtures("tea")
def test_saving_what_was_not_changed_changes_nothing(mia: Browser, database: Database, now: datetime) -> None:
    last = datetime(2026, 12, 24, 15, 59, 59, 999999, tzinfo=UTC)  # the end of a day, as a file says it
    with database.write() as session:
        campaigns.change(session, "summer-tea", replace(cast.TEA, sends_until=last), None, Doer(), "file", now)
    before = spec_in(database, "summer-tea")
    answer = send(mia, "/console/campaigns/summer-tea/edit", form_of(database))
    assert answer.location == "/console/campaigns/summer-tea/?done=unchanged"
    assert spec_in(database, "summer-tea") == before


@pytest.mark.usefixtures("tea")
def test_a_change_is_explained_before_it_is_saved_once_coupons_are_out(
    mia: Browser, database: Database, now: datetime
) -> None:
    with database.write() as session:
        cast.sent(session, cast.MEI, now)
    path, typed = "/console/campaigns/summer-tea/edit", form_of(database) | {"expires_count": "3"}
    question = send(mia, path, typed, act="save")
    assert "1 coupons already sent keep their date" in question.text
    assert spec_in(database, "summer-tea") == cast.TEA
    again = dict(HIDDEN.findall(question.text))
    assert again.keys() >= set(entry.FIELDS)
    back = mia.post(path, **again, back="1")
    assert 'value="3"' in back.text and spec_in(database, "summer-tea") == cast.TEA
    assert mia.post(path, **again, act="save").location.endswith("?done=changed")
    assert spec_in(database, "summer-tea").expires_after_seconds == 3 * 86_400
    assert deeds(database)[-1] == ("mia", "campaign.changed")


@pytest.mark.usefixtures("tea")
def test_what_cannot_change_any_more_is_refused_at_its_field(mia: Browser, database: Database) -> None:
    page = send(mia, "/console/campaigns/summer-tea/edit", form_of(database) | {"barcode": "qr"}, act="save")
    assert page.status_code == 409
    assert "cannot change once the campaign has serials" in told(page, "barcode")
    assert spec_in(database, "summer-tea") == cast.TEA


@pytest.mark.usefixtures("tea")
def test_a_stale_form_takes_over_what_others_changed_and_keeps_what_was_typed(
    mia: Browser, database: Database, now: datetime
) -> None:
    path, stale = "/console/campaigns/summer-tea/edit", form_of(database)
    theirs = replace(
        cast.TEA, name="Leo's tea", instructions="Leo's words", redemption_limit=5, expires_after_seconds=1800
    )
    with database.write() as session:
        campaigns.change(session, "summer-tea", theirs, 1, Doer(None, "leo"), "console", now)
    mine = stale | {"name.zh-TW": "Mia's tea", "used_in": "store", "stores": "Xinyi", "expires_count": "3"}
    page = send(mia, path, mine, act="save")
    assert page.status_code == 409
    assert spec_in(database, "summer-tea") == theirs
    assert "leo" in page.text and "Redemption limit" in page.text
    assert "Mia&#39;s tea" in page.text and 'id="name.zh-TW-theirs"' in page.text
    assert 'name="redemption_limit" type="text" value="5"' in page.text
    assert '<option value="day" selected>' in page.text and "They saved: <q>30 minutes</q>" in page.text
    assert "Leo&#39;s words</textarea>" in page.text and 'id="instructions.zh-TW-theirs"' not in page.text
    taken = mia.post(path, **(mine | {"revision": "2"}), take="name.zh-TW=Leo's tea")
    assert "Leo&#39;s tea" in taken.text
    merged = mine | {"revision": "2", "redemption_limit": "5", "instructions.zh-TW": "Leo's words"}
    assert mia.post(path, **merged, act="save").status_code == 303
    assert spec_in(database, "summer-tea") == replace(
        theirs, name="Mia's tea", used_in="store", stores=("Xinyi",), expires_after_seconds=3 * 86_400
    )


def test_poor_contrast_is_warned_of_with_a_colour_to_take(mia: Browser) -> None:
    weak = FIELDS | {"button_color": "#F97316"}
    mia.get("/console/campaigns/new")
    fragment = mia.post("/console/campaigns/_contrast", **weak).text
    assert "contrast of 2.8:1" in fragment
    better = re.search(r'value="button_color=(#[0-9a-f]{6})"', fragment)
    assert better is not None
    page = mia.post("/console/campaigns/new", **weak, take=f"button_color={better[1]}").text
    assert f'name="button_color" value="{better[1]}"' in page and "can be read well" in page
    assert "can be read well" in mia.post("/console/campaigns/_contrast", button_color="nonsense").text


@pytest.mark.usefixtures("tea")
def test_what_is_done_beside_the_form_is_asked_for_done_said_and_written_down(mia: Browser, database: Database) -> None:
    path = "/console/campaigns/summer-tea"
    refused = send(mia, f"{path}/archive", {})
    assert (refused.status_code, "End it first." in refused.text) == (409, True)
    assert "How to send it" in mia.get(f"{path}/").text
    for act, says in (("end", "Nothing of it is sent"), ("archive", "It leaves the list")):
        assert says in mia.get(f"{path}/{act}").text
        assert mia.post(f"{path}/{act}").location == f"{path}/?done={act}"
        assert "How to send it" not in mia.get(f"{path}/").text
    assert "Take out of the archive" in mia.get(f"{path}/?done=archive").text
    assert 'data-testid="archived"' in mia.get(f"{path}/edit").text
    archived = send(mia, f"{path}/edit", form_of(database) | {"name.zh-TW": "New"}, act="save")
    assert (archived.status_code, "take it out of the archive first" in archived.text) == (409, True)
    for act in ("unarchive", "resume", "unpublish", "publish"):
        assert mia.post(f"{path}/{act}").location == f"{path}/?done={act}"
    copy = mia.post(f"{path}/duplicate")
    assert copy.location == "/console/campaigns/summer-tea-2/edit?done=duplicate"
    assert "This is the copy" in mia.get(copy.location).text
    assert spec_in(database, "summer-tea-2") == replace(cast.TEA, slug="summer-tea-2", is_published=False)
    done = [action.removeprefix("campaign.") for who, action in deeds(database) if who == "mia"]
    assert done == ["ended", "archived", "unarchived", "resumed", "unpublished", "published", "created"]
    assert "Made the campaign a draft again" in mia.get(f"{path}/").text


@pytest.mark.usefixtures("tea")
def test_what_marketers_write_is_text_on_every_page(mia: Browser, database: Database, now: datetime) -> None:
    hostile = "<script>alert(1)</script>{{ 7*7 }}"
    spec = replace(cast.TEA, slug="hostile", name=hostile, instructions=hostile, translations={"en": {"name": hostile}})
    with database.write() as session:
        cast.campaign(session, now, spec, 0)
        campaigns.change(session, "hostile", replace(spec, expired_text=hostile), 1, Doer(None, hostile), "file", now)
    for page in ("", "hostile/", "hostile/edit", "hostile/end", f"?q={hostile}"):
        shown = mia.get(f"/console/campaigns/{page}").text
        assert "<script>alert" not in shown and "&lt;script&gt;" in shown


@pytest.mark.usefixtures("tea")
def test_every_page_about_a_campaign_has_the_same_head_and_one_heading(mia: Browser) -> None:
    for path in ("", "edit", "packs/", "records", "records/refused", "statistics", "end", "packs/1/withdraw"):
        page = mia.get(f"/console/campaigns/summer-tea/{path}").text
        for once in ("<h1", 'data-testid="campaign-name"', "← All campaigns", 'class="badge running"', 'class="parts"'):
            assert page.count(once) == 1, (path, once)
        is_within_a_tab = path in ("end", "packs/1/withdraw")
        assert (page.index("<h1") > page.index('class="parts"')) == is_within_a_tab, path


@pytest.mark.parametrize("path", ["nothing-here/", "nothing-here/edit", "nothing-here/end", "a%00b/"])
def test_an_unknown_campaign_is_not_found(mia: Browser, path: str) -> None:
    assert mia.get(f"/console/campaigns/{path}").status_code == 404


@pytest.mark.usefixtures("tea")
def test_the_preview_is_of_what_is_typed_and_can_do_nothing(mia: Browser, database: Database) -> None:
    mia.get("/console/campaigns/summer-tea/edit")
    typed = form_of(database) | {"name.zh-TW": "Typed", "button_color": "}*{color:red", "expires_count": "x"}
    answer = mia.post("/console/campaigns/_preview", **typed, face="expired", preview_language="ja")
    assert answer.text == "expired ja Typed #C2410C"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'; ") and "script-src" not in policy
    odd = mia.post("/console/campaigns/_preview", **FIELDS, face="nonsense", preview_language="xx")
    assert odd.text.startswith("open zh-TW ")
    assert spec_in(database, "summer-tea") == cast.TEA


def test_only_marketers_are_let_in(app: Flask, database: Database) -> None:
    staff = doors.logged_in(app, "ann")
    for path in ("", "new", "summer-tea/", "summer-tea/edit"):
        assert staff.get(f"/console/campaigns/{path}").status_code == 403
    for path in ("new", "_preview", "_contrast", "_picture", "summer-tea/end", "summer-tea/publish"):
        assert staff.post(f"/console/campaigns/{path}", **FIELDS).status_code == 403
    with database.read() as session:
        assert session.scalars(select(Campaign)).all() == []
