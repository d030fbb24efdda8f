"""The customer at the counter: found by whatever they show, and their coupons claimed and used, once."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from core import campaigns, serials, users
from core.campaigns import Spec
from core.coupon_view import State, look
from db.database import Database
from db.tables import (
    AuditEntry,
    Campaign,
    Contact,
    ContactAttribute,
    Coupon,
    Redemption,
    Store,
    Verification,
    VerificationAttempt,
)
from tests import cast
from tests.deeds import deeds
from tests.watch import Watch
from tests.web import doors
from tests.web.doors import Browser

HOUR = timedelta(hours=1)
CARD = re.compile(r'data-testid="coupon" data-kind="(\w+)" data-campaign="(\d+)"(?: data-reason="(\w+)")?')
HERE = replace(cast.GIFT, used_in="store", is_at_counter=True)  # 30 minutes from redemption


@pytest.fixture
def app(database: Database, now: datetime, watch: Watch) -> Flask:
    """A counter, Mei and Alex, and a tea for Mei."""
    assert watch.at > now
    doors.people(database)
    with database.write() as session:
        cast.campaign(session, now)
        cast.sent(session, cast.MEI, now)
        mei, alex = cast.contact(session, cast.MEI, now, "王小美"), cast.contact(session, cast.ALEX, now, "Alex Chen")
        session.add(ContactAttribute(contact_id=mei.id, name="手機", value="0912-345-678", set_at=now))
        session.add(ContactAttribute(contact_id=alex.id, name="email", value="Alex@Example.com", set_at=now))
    return doors.application(database)


def made(database: Database, now: datetime, *specs: Spec, fixed: str = "", quantity: int = 5) -> None:
    with database.write() as session:
        for number, spec in enumerate(specs):
            campaign = cast.campaign(session, now, spec, codes=0)
            if fixed:
                serials.add_fixed(session, campaign.id, fixed, quantity, now)
            else:
                codes = "\n".join(f"{number}-{code:04}" for code in range(quantity))
                serials.import_csv(session, campaign.id, f"serial\n{codes}\n".encode(), now)


def contact(database: Database, name: str = "王小美") -> int:
    with database.read() as session:
        return session.scalars(select(Contact.id).where(Contact.name == name)).one()


def names(page: str) -> list[str]:
    """The coupons on a profile in their order."""
    return re.findall(r"<h3>([^<]+)</h3>", page)


def cards(page: str) -> list[tuple[str, str]]:
    """Their kinds, and why they cannot be used or claimed."""
    return [(kind, reason) for kind, _, reason in CARD.findall(page)]


def fields(page: str, name: str = "") -> dict[str, str]:
    """The hidden fields of a coupon's form, or of the page's only one."""
    part = page[page.index(f"<h3>{name}</h3>") :] if name else page
    found = re.findall(r'<input type="hidden" name="(campaign_id|coupon_id|seen)" value="(\d*)">', part)
    return dict(found[:3])


def use(ann: Browser, who: int, page: str, name: str) -> dict[str, str]:
    """Tap Use: the warning's form."""
    part = page[page.index(f"<h3>{name}</h3>") :]
    link = re.search(r'href="([^"]+/use\?[^"]+)"', part)
    assert link is not None
    asked = ann.get(link[1].replace("&amp;", "&"))
    assert asked.status_code == 200 and "it cannot be restored" in asked.text
    assert f"/pos/customers/{who}/use" in asked.text
    return fields(asked.text)


def count(database: Database) -> tuple[int, int]:
    """How many coupons are redeemed and verified."""
    with database.read() as session:
        return (
            session.scalar(select(func.count()).select_from(Redemption)) or 0,
            session.scalar(select(func.count()).select_from(Verification)) or 0,
        )


@pytest.mark.parametrize(
    "entered",
    [
        "reference",
        "link",
        "TEA-0001",
        "王小",
        "小美",
        "0912 345 678",
        "+886 912-345-678",
        "０９１２３４５６７８",
        cast.MEI[1],
    ],
)
def test_a_customer_is_found_by_whatever_they_show_and_looking_leaves_no_trace(
    ann: Browser, database: Database, now: datetime, entered: str
) -> None:
    with database.read() as session:
        coupon = session.scalars(select(Coupon)).one()
    if entered == "TEA-0001":
        cast.redeem(database, coupon.token, now)
    shown = {
        "reference": f"{coupon.reference[:4]}-{coupon.reference[4:]}".lower(),
        "link": f"http://localhost/c/{coupon.token}",
    }
    before = deeds(database)
    found = ann.post("/pos/customers/find", entered=shown.get(entered, entered))
    assert (found.status_code, found.location) == (303, f"/pos/customers/{contact(database)}")
    page = ann.get(found.location)
    assert "王小美" in page.text and "LINE" in page.text
    with database.read() as session:
        assert session.scalars(select(VerificationAttempt)).all() == []
    assert deeds(database) == before


def test_several_are_a_list_to_choose_from_a_person_once(ann: Browser, database: Database, now: datetime) -> None:
    with database.write() as session:
        for number, who in enumerate([cast.EVE, *(("line", f"U{n:032x}") for n in range(25))]):
            cast.contact(session, who, now, "王大明" if number else "王小美")
    few = ann.post("/pos/customers/find", entered="王小美").text
    assert (few.count('data-testid="choice"'), "There may be more" in few) == (2, False)
    assert "camera=(self)" in ann.get("/pos/customers/").headers["Permissions-Policy"]
    assert "camera=()" in ann.get("/pos/today/").headers["Permissions-Policy"]
    many = ann.post("/pos/customers/find", entered="王大").text
    assert (many.count('data-testid="choice"'), "There may be more" in many) == (20, True)
    with database.write() as session:
        eve, mei = cast.contact(session, cast.EVE, now), cast.contact(session, cast.MEI, now)
        eve.person_id = mei.person_id
    assert ann.post("/pos/customers/find", entered="王小美").status_code == 303


@pytest.mark.parametrize(
    ("entered", "reason", "words"),
    [
        ("Nobody", "", "Nobody was found"),
        ("TEA-0002", "not_redeemed", "not been given to anybody"),
        ("https://other.example/c/abcdefghijklmnopqrstuv", "wrong_shop", "another shop"),
        ("http://localhost/c/abcdefghijklmnopqrstuv", "unknown_coupon", "no coupon behind this link"),
        ("<script>alert(1)</script>", "", "Nobody was found"),
        ("%", "", "Nobody was found"),
        ("\x00", "", "Scan or type"),
    ],
)
def test_who_is_not_found_is_told_with_what_to_do(ann: Browser, entered: str, reason: str, words: str) -> None:
    page = ann.post("/pos/customers/find", entered=entered)
    assert page.status_code == 200
    assert words in page.text and (f'data-reason="{reason}"' in page.text) == bool(reason)
    assert "<script>alert" not in page.text


def test_coupons_stand_in_the_order_of_where_they_are_used_the_oldest_promotion_first(
    ann: Browser, database: Database, now: datetime
) -> None:
    day = timedelta(days=1)

    def at(slug: str, used_in: str, begins: int, **more: object) -> Spec:
        values = {"slug": slug, "name": slug, "used_in": used_in, "sends_from": now + begins * day, **more}
        return replace(HERE, **values)  # type: ignore[arg-type]

    made(
        database,
        now,
        at("online", "online", -9),
        at("both-new", "both", -1),
        at("both-old", "both", -3),
        at("store-new", "store", -2, stores=("Banqiao",)),
        at("store-old", "store", -5),
        at("not-shown", "store", -7, is_at_counter=False),
        at("a-draft", "store", -7, is_published=False),
        at("to-come", "store", 1),
    )
    page = ann.get(f"/pos/customers/{contact(database)}").text
    assert names(page) == ["store-old", "store-new", "both-old", "both-new", "夏日奶茶買一送一", "online"]
    assert cards(page) == [("claimable", "")] * 6
    assert "Stores: Banqiao" in page and "Online store" in page and "2026-12-01 12:35" in page
    assert names(ann.get(f"/pos/customers/{contact(database, 'Alex Chen')}").text) == [
        *("store-old", "store-new", "both-old", "both-new", "online")
    ]


def test_a_claimed_coupon_waits_for_its_use_its_time_or_its_store(
    ann: Browser, database: Database, now: datetime, watch: Watch
) -> None:
    made(
        database,
        now,
        replace(HERE, slug="here", name="here"),
        replace(HERE, slug="later", name="later", used_from=watch.at + HOUR, expires_after_seconds=86_400),
        replace(HERE, slug="there", name="there", stores=("Banqiao",)),
        replace(HERE, slug="web", name="web", used_in="online", products_url="https://shop.example/tea"),
    )
    who = contact(database)
    page = ann.get(f"/pos/customers/{who}").text
    waits = {
        "here": "It can be used now",
        "later": "Not started yet",
        "there": "Only in Banqiao",
        "web": "Online store only",
    }
    for name, words in waits.items():
        claimed = ann.post(f"/pos/customers/{who}/claim", **fields(page, name))
        assert claimed.status_code == 303
        page = ann.get(claimed.location).text
        assert 'data-testid="claimed"' in page and words in page
    found = dict(zip(names(page), cards(page), strict=True))
    assert {name: found[name] for name in waits} == {
        "here": ("claimed", ""),
        "later": ("claimed", "not_yet_valid"),
        "there": ("claimed", "other_store_only"),
        "web": ("claimed", "online_store_only"),
    }
    assert page.count('data-testid="use"') == 1
    with database.write() as session:
        session.execute(update(Store).values(closed_at=watch.at))
    closed = ann.get(f"/pos/customers/{who}").text
    assert 'data-testid="use"' not in closed and closed.count("The store is closed") == 4
    with database.write() as session:
        session.execute(update(Store).values(closed_at=None))
    assert "You are about to leave the counter for shop.example" in page
    assert count(database) == (4, 0)
    claimed_deeds = [deed for deed in deeds(database, "coupon") if deed[1] == "coupon.claimed"]
    assert [who for who, *_ in claimed_deeds] == ["ann"] * 4
    watch.at += 2 * HOUR
    late = ann.get(f"/pos/customers/{who}").text
    assert set(names(late)) & set(waits) == {"later"}  # the others were good for 30 minutes
    assert dict(zip(names(late), cards(late), strict=True))["later"] == ("claimed", "")


def test_a_sent_coupon_is_claimed_once_and_its_page_shows_it_at_once(
    ann: Browser, database: Database, watch: Watch
) -> None:
    who = contact(database)
    form = fields(ann.get(f"/pos/customers/{who}").text)
    for _ in range(2):
        assert ann.post(f"/pos/customers/{who}/claim", **form).status_code == 303
    assert count(database) == (1, 0)
    with database.read() as session:
        token = session.scalars(select(Coupon.token)).one()
        view = look(session, token, watch.at)
    assert view is not None and (view.state, view.serial) == (State.REDEEMED, "TEA-0001")
    assert [deed[1] for deed in deeds(database, "coupon")] == ["coupon.claimed"]


def test_a_tap_sent_twice_claims_once_and_nothing_is_given_past_a_limit(
    ann: Browser, database: Database, now: datetime
) -> None:
    made(database, now, replace(HERE, redemption_limit=2), quantity=3)
    who = contact(database)
    form = fields(ann.get(f"/pos/customers/{who}").text, "Cookie")
    for _ in range(3):
        assert ann.post(f"/pos/customers/{who}/claim", **form).status_code == 303
    assert count(database) == (1, 0)
    again = fields(ann.get(f"/pos/customers/{who}").text.split('data-kind="claimable"')[1], "Cookie") | {
        "coupon_id": ""
    }
    again["seen"] = "1"
    assert ann.post(f"/pos/customers/{who}/claim", **again).status_code == 303
    assert count(database) == (2, 0)
    refused = ann.post(f"/pos/customers/{who}/claim", **(again | {"seen": "2"}))
    assert (refused.status_code, 'data-reason="limit_reached"' in refused.text) == (409, True)
    alex = contact(database, "Alex Chen")
    assert ann.post(f"/pos/customers/{alex}/claim", **(again | {"seen": "0"})).status_code == 303
    sold_out = ann.post(f"/pos/customers/{alex}/claim", **(again | {"seen": "1"}))
    assert (sold_out.status_code, 'data-reason="sold_out"' in sold_out.text) == (409, True)
    assert count(database) == (3, 0)


@pytest.mark.parametrize("act", ["claim", "use"])
def test_of_taps_in_the_same_instant_one_alone_gives(
    ann: Browser, app: Flask, database: Database, now: datetime, act: str
) -> None:
    """Two tabs, and a colleague in another store: the limit of two would let two of them have one each."""
    made(database, now, replace(HERE, redemption_limit=2), fixed="EVERYBODY" if act == "use" else "")
    who, start = contact(database), Barrier(3)
    with database.read() as session:
        campaign_id = session.scalars(select(Campaign.id).where(Campaign.slug == HERE.slug)).one()

    def tap(staff: Browser) -> int:
        start.wait(timeout=10)
        form = {"campaign_id": campaign_id, "coupon_id": "", "seen": 0}
        return staff.post(f"/pos/customers/{who}/{act}", **form).status_code

    with ThreadPoolExecutor(3) as pool:
        answers = sorted(pool.map(tap, (ann, doors.logged_in(app, "ann"), doors.logged_in(app, "bob"))))
    assert (count(database), answers.count(303)) == (((1, 0), 3) if act == "claim" else ((1, 1), answers.count(303)))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Coupon).where(Coupon.campaign_id == campaign_id)) == 1


def test_who_has_blocked_the_chat_can_claim_at_the_counter(ann: Browser, database: Database, now: datetime) -> None:
    made(database, now, HERE)
    who = contact(database)
    with database.write() as session:
        session.get_one(Contact, who).unreachable_since = now
    form = fields(ann.get(f"/pos/customers/{who}").text, "Cookie")
    assert ann.post(f"/pos/customers/{who}/claim", **form).status_code == 303
    assert count(database) == (1, 0)


def test_a_used_coupon_shows_its_code_to_be_scanned_to_whoever_used_it_for_a_while(
    ann: Browser, app: Flask, database: Database, watch: Watch
) -> None:
    who = contact(database)
    ann.post(f"/pos/customers/{who}/claim", **fields(ann.get(f"/pos/customers/{who}").text))
    form = use(ann, who, ann.get(f"/pos/customers/{who}").text, cast.TEA.name)
    used = ann.post(f"/pos/customers/{who}/use", **form)
    assert used.status_code == 303
    assert ann.post(f"/pos/customers/{who}/use", **form).location == used.location
    code = ann.get(used.location)
    assert "code128 of TEA-0001" in code.text and "Scan this at checkout" in code.text
    assert count(database) == (1, 1)
    with database.read() as session:
        attempts = session.execute(select(VerificationAttempt.outcome, Store.name).join(Store)).all()
        assert session.scalars(select(Store.name).join(Verification)).all() == ["Xinyi"]
    assert ("verified", "Xinyi") in [(*one,) for one in attempts]
    assert cast.TEA.name not in names(ann.get(f"/pos/customers/{who}").text)
    with database.write() as session:
        users.create(session, "ben", doors.PASSWORD, "staff", "Xinyi", watch.at)
    for other in ("bob", "ben"):  # of another store, and of this one
        assert doors.logged_in(app, other).get(used.location).status_code == 404
    assert ann.get(used.location.replace(f"/{who}/", f"/{contact(database, 'Alex Chen')}/")).status_code == 404
    watch.at += timedelta(seconds=30)
    again = ann.post(f"/pos/customers/{who}/use", **form)
    assert (again.status_code, 'data-reason="already_verified"' in again.text) == (409, True)
    watch.at += timedelta(minutes=15)
    assert ann.get(used.location).status_code == 404
    elsewhere = ann.post("/pos/find", entered="TEA-0001").text  # the other way to the same coupon
    assert 'data-reason="already_verified"' in elsewhere


def test_a_first_purchases_code_stays_until_the_promotion_ends_and_is_used_once(
    ann: Browser, database: Database, now: datetime, watch: Watch
) -> None:
    first = replace(HERE, name="Hello", is_first_purchase=True, sends_until=now + timedelta(days=9))
    made(database, now, first, fixed="HELLO2026")
    who = contact(database)
    page = ann.get(f"/pos/customers/{who}").text
    assert ("single", "") in cards(page) and "Single code" in page
    used = ann.post(f"/pos/customers/{who}/use", **use(ann, who, page, "Hello"))
    assert (used.status_code, "qr of HELLO2026" in ann.get(used.location).text) == (303, True)
    assert count(database) == (1, 1)
    watch.at += HOUR
    page = ann.get(f"/pos/customers/{who}").text
    assert "First purchase, used" in page and "Xinyi" in page
    refused = ann.post(f"/pos/customers/{who}/use", **use(ann, who, page, "Hello"))
    assert (refused.status_code, 'data-reason="first_purchase_used"' in refused.text) == (409, True)
    assert "Hello" not in names(refused.text)
    assert "Hello" in names(ann.get(f"/pos/customers/{who}").text)
    stale = ann.post(f"/pos/customers/{who}/use", **(fields(page) | {"campaign_id": "2", "coupon_id": "", "seen": "1"}))
    assert 'data-reason="first_purchase_used"' in stale.text
    assert count(database) == (1, 1)
    watch.at = now + timedelta(days=9)
    ann.log_in("ann")
    assert "Hello" not in names(ann.get(f"/pos/customers/{who}").text)


def test_a_single_code_that_cannot_be_used_here_gives_nothing(
    ann: Browser, database: Database, now: datetime, watch: Watch
) -> None:
    made(
        database,
        now,
        replace(HERE, slug="there", name="there", stores=("Banqiao",)),
        replace(HERE, slug="later", name="later", used_from=watch.at + HOUR),
        replace(HERE, slug="web", name="web", used_in="online"),
        fixed="EVERYBODY",
    )
    who = contact(database)
    page = ann.get(f"/pos/customers/{who}").text
    reasons = {"there": "other_store_only", "later": "not_yet_valid", "web": "online_store_only"}
    found = dict(zip(names(page), cards(page), strict=True))
    for name, reason in reasons.items():
        assert found[name] == ("single", reason)
        with database.read() as session:
            campaign = campaigns.by_slug(session, name)
            assert campaign is not None
        assert ann.get(f"/pos/customers/{who}/use?campaign={campaign.id}").status_code == 409
        refused = ann.post(f"/pos/customers/{who}/use", campaign_id=campaign.id, coupon_id="", seen=0)
        assert (refused.status_code, f'data-reason="{reason}"' in refused.text) == (409, True)
    assert count(database) == (0, 0)
    with database.read() as session:
        kept = session.execute(select(VerificationAttempt.entered, VerificationAttempt.outcome)).all()
        assert session.scalars(select(Store.name).join(VerificationAttempt)).all() == ["Xinyi"] * 3
    assert {(entered, outcome) for entered, outcome in kept} == set(reasons.items())


def test_a_single_code_of_which_none_is_left_is_refused_when_it_is_used(
    ann: Browser, database: Database, now: datetime
) -> None:
    made(database, now, HERE, fixed="ONLYONE", quantity=1)
    who, alex = contact(database), contact(database, "Alex Chen")
    form = use(ann, alex, ann.get(f"/pos/customers/{alex}").text, "Cookie")
    assert ann.post(f"/pos/customers/{who}/use", **form).status_code == 303
    refused = ann.post(f"/pos/customers/{alex}/use", **form)
    assert (refused.status_code, 'data-reason="sold_out"' in refused.text) == (409, True)
    assert count(database) == (1, 1)


def test_a_forged_use_of_a_claimed_coupon_is_refused_and_kept_as_a_try(
    ann: Browser, database: Database, now: datetime, watch: Watch
) -> None:
    """The page shows no button for these; whoever writes the form by hand comes no further, and is seen."""
    specs = {
        "other_store_only": replace(HERE, slug="there", name="there", stores=("Banqiao",)),
        "not_yet_valid": replace(HERE, slug="later", name="later", used_from=watch.at + HOUR),
        "online_store_only": replace(HERE, slug="web", name="web", used_in="online"),
    }
    made(database, now, *specs.values())
    who, alex = contact(database), contact(database, "Alex Chen")
    for spec in specs.values():
        claimed = ann.post(f"/pos/customers/{who}/claim", **fields(ann.get(f"/pos/customers/{who}").text, spec.name))
        assert claimed.status_code == 303
    for reason, spec in specs.items():
        with database.read() as session:
            coupon = session.scalars(select(Coupon).join(Campaign).where(Campaign.slug == spec.slug)).one()
        form = {"campaign_id": coupon.campaign_id, "coupon_id": coupon.id, "seen": 0}
        refused = ann.post(f"/pos/customers/{who}/use", **form)
        assert (refused.status_code, f'data-reason="{reason}"' in refused.text) == (409, True)
        assert ann.post(f"/pos/customers/{alex}/use", **form).status_code == 409  # not theirs
        asked = f"/pos/customers/{who}/use?campaign={coupon.campaign_id}&coupon={coupon.id}"
        assert ann.get(asked).status_code == 409
    assert count(database) == (3, 0)
    assert tries(database) == [try_ for reason in specs for try_ in ((reason, "Xinyi"), ("not_redeemed", "Xinyi"))]


def tries(database: Database) -> list[tuple[str, str]]:
    """What came of each try, and in which store."""
    kept = select(VerificationAttempt.outcome, Store.name).join(Store).order_by(VerificationAttempt.id)
    with database.read() as session:
        return [(*one,) for one in session.execute(kept)]


def test_a_form_that_says_that_less_than_nothing_was_seen_is_one_that_saw_nothing(
    ann: Browser, database: Database, now: datetime
) -> None:
    made(database, now, HERE)
    who = contact(database)
    form = fields(ann.get(f"/pos/customers/{who}").text, "Cookie") | {"seen": "-1"}
    for _ in range(2):
        assert ann.post(f"/pos/customers/{who}/claim", **form).status_code == 303
    assert count(database) == (1, 0)


@pytest.mark.parametrize("made_up", ["", "0", "-1", "99", "nonsense", str(2**63), "9" * 5000])
def test_a_form_that_somebody_made_up_gives_nothing(ann: Browser, database: Database, made_up: str) -> None:
    who, alex = contact(database), contact(database, "Alex Chen")
    form = fields(ann.get(f"/pos/customers/{who}").text)
    for act in ("claim", "use"):
        for values in (form | {"campaign_id": made_up}, form | {"coupon_id": made_up or "0"}):
            assert ann.post(f"/pos/customers/{who}/{act}", **values).status_code == 409
        assert ann.post(f"/pos/customers/{alex}/{act}", **form).status_code == 409
        assert ann.post(f"/pos/customers/99/{act}", **form).status_code == 404
        assert ann.post(f"/pos/customers/{who}/{act}", **form, csrf_token="").status_code == 400
    assert ann.post(f"/pos/customers/{who}/use", **form).status_code == 409  # not claimed yet
    assert count(database) == (0, 0)
    with database.read() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "coupon.claimed")).all() == []


def test_what_is_not_for_anybody_is_not_claimed_nor_a_coupon_in_another_campaigns_name(
    ann: Browser, database: Database, now: datetime
) -> None:
    made(database, now, replace(HERE, slug="invited", name="invited", is_at_counter=False))
    who = contact(database)
    form = fields(ann.get(f"/pos/customers/{who}").text)  # of the tea that was sent
    with database.read() as session:
        invited = session.scalars(select(Campaign.id).where(Campaign.slug == "invited")).one()
    for forged in ({"campaign_id": invited, "seen": 0}, form | {"campaign_id": invited}):
        refused = ann.post(f"/pos/customers/{who}/claim", **forged)
        assert (refused.status_code, 'data-reason="unknown_coupon"' in refused.text) == (409, True)
    assert count(database) == (0, 0)


def test_nobody_but_staff_sees_customers(app: Flask, database: Database) -> None:
    who = contact(database)
    for name in ("mia", "oda"):
        assert doors.logged_in(app, name).get(f"/pos/customers/{who}").status_code == 403
    stranger = doors.browser(app).get(f"/pos/customers/{who}")
    assert (stranger.status_code, "/login" in stranger.location) == (302, True)
