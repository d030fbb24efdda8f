"""What an operator puts right by command: undo, withdrawn packs, ended campaigns, merged persons; and the doctor."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from core import serials, users
from db.tables import AuditEntry, Coupon, Redemption, UndoneRedemption
from tests import cast
from tests.commands.test_commands import run
from tests.doors import House


@pytest.fixture
def reference(house: House) -> str:
    """The reference of Mei's redeemed coupon."""
    now = datetime.now(UTC)
    with house.database.write() as session:
        cast.campaign(session, now)
        token = cast.sent(session, cast.MEI, now)
        cast.sent(session, cast.ALEX, now)
        users.create(session, "mia", "long enough password", "marketer", None, now)
    cast.redeem(house.database, token, now)
    with house.database.read() as session:
        return session.scalars(select(Coupon.reference).where(Coupon.token == token)).one()


def test_an_undo_keeps_who_and_why(house: House, reference: str) -> None:
    spoken = f"{reference[:4]}-{reference[4:].lower()}"
    done = run(house, "undo", "redemption", spoken, "--reason", "wrong phone", "--by", "mia")
    assert done.exit_code == 0
    assert "its serial is the next one to be given out" in done.output
    with house.database.read() as session:
        kept = session.scalars(select(UndoneRedemption)).one()
        assert session.scalars(select(Redemption)).all() == []
        assert (kept.reason, kept.user_id) == ("wrong phone", users.id_of(session, "mia"))
    again = run(house, "undo", "redemption", reference, "--reason", "again")
    assert again.exit_code == 1
    assert "there is nothing to undo. (not_redeemed)" in again.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("redemption", "00000000", "--reason", "x"), "There is no coupon '00000000'."),
        (("verification", "REFERENCE", "--reason", "x"), "has not been verified"),
        (("redemption", "REFERENCE", "--reason", "  "), "needs a reason"),
        (("redemption", "REFERENCE", "--reason", "x", "--by", "nobody"), "There is no user 'nobody'."),
    ],
)
def test_what_cannot_be_undone_is_explained_and_nothing_changes(
    house: House, reference: str, words: tuple[str, ...], sentence: str
) -> None:
    refused = run(house, "undo", *[reference if word == "REFERENCE" else word for word in words])
    assert refused.exit_code == 1
    assert sentence in refused.output
    with house.database.read() as session:
        assert len(session.scalars(select(Redemption)).all()) == 1


def test_a_burnt_serial_is_given_to_nobody_and_the_deed_is_kept(house: House, reference: str) -> None:
    done = run(house, "undo", "redemption", reference, "--reason", "seen", "--burn", "--by", "mia")
    assert (done.exit_code, "nobody gets its serial any more" in done.output) == (0, True)
    with house.database.read() as session:
        assert serials.stock(session, 1) == 2
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action.like("%.undone"))).all()
        detail = {"campaign": "summer-tea", "reason": "seen", "serial": "burnt"}
        assert (entry.actor, entry.action, entry.subject, entry.detail) == (
            "mia",
            "redemption.undone",
            reference,
            detail,
        )
    assert "All" in run(house, "doctor").output
    assert "counts it anew" in run(house, "recount").output


def test_a_pack_is_withdrawn_and_given_out_again(house: House, reference: str) -> None:  # noqa: ARG001 (its shop)
    assert "0 serials left" in run(house, "packs", "withdraw", "1").output
    listed = run(house, "packs", "list", "summer-tea").output
    assert "(withdrawn)" in listed and "serial" in listed
    assert "2 serials left" in run(house, "packs", "restore", "1").output
    missing = run(house, "packs", "withdraw", "77")
    assert (missing.exit_code, "There is no pack 77." in missing.output) == (1, True)


def test_a_campaign_is_ended_and_resumed(house: House, reference: str) -> None:  # noqa: ARG001 (its shop)
    assert "has ended" in run(house, "campaigns", "end", "summer-tea").output
    client = house.client()
    with house.database.read() as session:
        token = session.scalars(select(Coupon.token).order_by(Coupon.id.desc()).limit(1)).one()
    page = client.get(f"/c/{token}")
    assert (page.status_code, "活動已經結束" in page.text) == (410, True)
    assert "goes on" in run(house, "campaigns", "resume", "summer-tea").output
    assert client.get(f"/c/{token}").status_code == 200
    assert "There is no campaign 'winter-tea'" in run(house, "campaigns", "end", "winter-tea").output


def test_two_accounts_become_one_person(house: House, reference: str) -> None:  # noqa: ARG001 (its shop)
    mei, alex = ":".join(cast.MEI), ":".join(cast.ALEX)
    assert "are one person now" in run(house, "persons", "merge", mei, alex, "--reason", "same number").output
    assert "one person already" in run(house, "persons", "merge", mei, alex, "--reason", "again").output
    for unknown in ("line:U0", "nonsense"):
        refused = run(house, "persons", "merge", mei, unknown, "--reason", "x")
        assert (refused.exit_code, f"There is no contact '{unknown}'" in refused.output) == (1, True)


def test_the_doctor_says_what_holds_and_what_does_not(house: House, reference: str) -> None:  # noqa: ARG001 (its shop)
    well = run(house, "doctor")
    assert (well.exit_code, "hold." in well.output) == (0, True)
    with house.database.write() as session:
        session.execute(text("UPDATE packs SET taken = 2"))
    ill = run(house, "doctor")
    assert ill.exit_code == 1
    assert "BROKEN  taken_is_given" in ill.output
