"""The `flask` commands, as a person types them."""

from dataclasses import replace
from pathlib import Path

from click.testing import Result
from sqlalchemy import func, select

from db.database import Database
from db.tables import FlowVersion, Pack, Serial, User
from settings import Settings
from tests import cast, doors
from tests.deeds import deeds
from tests.doors import House

CAMPAIGN = """
campaign: summer-tea
name: 夏日奶茶
instructions: Show it.
sends from: 2026-01-01
sends until: 2030-12-31
expires: 14 days after sending
barcode: code128
"""


def run(house: House, *words: str) -> Result:
    return house.app.test_cli_runner().invoke(args=list(words))


def written(tmp_path: Path, text: str, name: str = "campaign.yaml") -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_packs_are_imported_and_bad_rows_named(house: House, tmp_path: Path) -> None:
    run(house, "campaigns", "apply", written(tmp_path, CAMPAIGN))
    assert (
        "Added 2 serials"
        in run(house, "packs", "import", "summer-tea", written(tmp_path, "serial\nA1\nA2\n", "a.csv")).output
    )
    asked = run(house, "packs", "import", "summer-tea", written(tmp_path, "s\nA3\n", "b.csv"))
    assert asked.exit_code == 1
    assert "is the first row, 's', a serial (--no-header)" in asked.output
    table = run(house, "packs", "import", "summer-tea", written(tmp_path, "PK\3\4", "c.csv"))
    assert "Excel file" in table.output and "(file_is_spreadsheet)" in table.output
    mixed = written(tmp_path, "s\nA3\nA1\n", "b.csv")
    bad = run(house, "packs", "import", "summer-tea", mixed, "--header")
    assert bad.exit_code == 1
    assert "1 of 2 rows cannot be used; nothing was imported." in bad.output
    assert "row 3: 'A1' is already in an earlier pack (serial_duplicate)" in bad.output
    assert "Added 1,000,000 serials" in run(house, "packs", "fixed", "summer-tea", "FNA@5841", "1000000").output
    unknown = run(house, "packs", "fixed", "summer-te", "FNA@5841", "1")
    assert "There is no campaign 'summer-te'. There are: summer-tea." in unknown.output
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Serial)) == 2
        assert session.scalars(select(Pack.size).order_by(Pack.id)).all() == [2, 1_000_000]
    assert "1000002" in run(house, "campaigns", "list").output
    assert "Added 1 serials" in run(house, "packs", "import", "summer-tea", mixed, "--header", "--good").output
    made = run(house, "packs", "generate", "summer-tea", "30", "--pattern", "TEA-########", "--check")
    assert "Added 30 serials" in made.output
    guessed = run(house, "packs", "generate", "summer-tea", "30", "--pattern", "TEA-###")
    assert guessed.exit_code == 1 and "(pattern_guessable)" in guessed.output


def test_levels_of_stock_are_set_and_listed(house: House, tmp_path: Path) -> None:
    run(house, "campaigns", "apply", written(tmp_path, CAMPAIGN))
    run(house, "packs", "fixed", "summer-tea", "FREE", "5")
    assert "warned at 1,000, 10 left" in run(house, "packs", "warn", "summer-tea", "10", "1000").output
    assert "The marketer is warned at 1,000, 10 left." in run(house, "packs", "list", "summer-tea").output
    assert "such as 1000 100" in run(house, "packs", "warn", "summer-tea", "few").output
    assert "nobody is warned" in run(house, "packs", "warn", "summer-tea").output


def test_users_are_created_with_a_password_shown_once(house: House) -> None:
    result = run(house, "users", "create", "bob", "--role", "staff", "--store", "Main Street")
    assert "The password, shown only now: " in result.output and "Added the store Main Street" in result.output
    no_store = run(house, "users", "change", "bob", "--store", "Main Stret")
    assert no_store.exit_code == 1 and "There is no store 'Main Stret'. There are: Main Street." in no_store.output
    assert deeds(house.database, "store") == [("flask", "store.added", "Main Street")]
    assert "There is a user 'bob' already" in run(house, "users", "create", "bob", "--role", "marketer").output
    assert "Staff need a store" in run(house, "users", "create", "eve", "--role", "staff").output
    assert "at least 10" in run(house, "users", "create", "eve", "--role", "marketer", "--password", "short").output
    with house.database.read() as session:
        users = session.scalars(select(User)).all()
    assert [user.username for user in users] == ["bob"]
    assert result.output.split()[-1] not in users[0].password_hash


def test_flows_are_all_published_or_none(house: House, tmp_path: Path) -> None:
    good = written(tmp_path, "flow: tea\nstarts: [follow]\nsteps:\n  - say: hi\n", "good.yaml")
    bad = written(tmp_path, "flow: gift\nstarts: [follow]\nsteps:\n  - go: nowhere\n", "bad.yaml")
    failed = run(house, "flows", "publish", good, bad)
    assert failed.exit_code == 1
    assert f"{bad}:4:" in failed.output
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(FlowVersion)) == 0
    assert "Published tea, version 1." in run(house, "flows", "publish", good).output
    assert "tea is published already (1)." in run(house, "flows", "publish", good).output
    checked = run(house, "flows", "check", good)
    assert (checked.exit_code, checked.stdout) == (0, "1 flow checked, 0 with errors.\n")
    assert run(house, "flows", "check", bad).exit_code == 1


def test_records_are_safe_for_a_spreadsheet(house: House) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 (beside its use)

    now = datetime.now(UTC)
    with house.database.write() as session:
        cast.campaign(session, now)
        cast.contact(session, cast.MEI, now).name = '=HYPERLINK("https://evil.example")'
        token = cast.sent(session, cast.MEI, now)
    cast.redeem(house.database, token, now)
    output = run(house, "records", "summer-tea", "--csv").output
    assert '"\'=HYPERLINK(""https://evil.example"")"' in output
    assert "TEA-0001" in output
    assert output.splitlines()[0].startswith("reference,status,channel,contact,flow,sent_by,sent_at,opened_at,")


def test_the_database_is_upgraded_and_says_so(house: House) -> None:
    assert "The database is up to date" in run(house, "db", "upgrade").output


def test_health_says_what_is_missing(house: House) -> None:
    answer = house.client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["database"] == "ok"
    assert "Redis" in answer.json["queue"]


def test_doctor_and_health_warn_of_a_graph_version_that_has_ended(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    def old(given: Settings) -> Settings:
        return replace(given, messenger_page_token="token", messenger_api_version="v20.0")

    house = doors.make(database, database_url, tmp_path, old)
    words = "the Graph API's v20.0 ended on 2026-09-24; set MESSENGER_API_VERSION to v26.0"
    result = run(house, "doctor")
    assert result.output.startswith(f"warning {words}\n")
    assert result.exit_code == 0  # a warning is nothing broken
    answer = house.client().get("/healthz")
    assert answer.json is not None
    assert answer.json["channels"] == words
    house.app.extensions["tessera"].database.dispose()


def test_without_anything_to_warn_of_health_says_ok(house: House) -> None:
    answer = house.client().get("/healthz")
    assert answer.json is not None
    assert answer.json["channels"] == "ok"
    assert "warning" not in run(house, "doctor").output
