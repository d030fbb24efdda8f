"""Campaigns as files: what differs is shown before it is done, and neither file nor console is lost silently."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commands import campaign_file
from commands.campaign_export import text_of
from core import campaigns, images
from core.audit import Doer
from core.campaigns import LANGUAGES, TRANSLATED, Changed, Spec
from core.campaigns.spec import tidied
from db.database import Database
from db.tables import AuditEntry, Campaign, Image
from tests import cast
from tests.commands.test_commands import CAMPAIGN, run, written
from tests.core.test_images import png
from tests.doors import House

TAIPEI = ZoneInfo("Asia/Taipei")
WHOLE = """
campaign: summer-tea
name: 夏日奶茶
instructions: |
  第一行
  第二行
sends from: 2026-01-01
sends until: 2030-12-31
expires: 90 seconds after redemption
shown until: 2031-01-31 18:00:00
redemption limit: 2
limit by: contact
total limit: 500
image: tea.jpg
barcode: code128
background color: "#FFFFFF"
button color: "#112233"
button text color: "#FFFFFF"
verify button: true
used in: store
product list: https://shop.example/tea?a=1&b=2
language: zh-TW
sold out text: 換完了
expired text: 過期了
in other languages:
  en: {name: Summer tea, instructions: Show it., sold out text: All gone, expired text: Too late}
  ja: {name: 夏のミルクティー}
published: false
"""


def tea(house: House) -> Campaign:
    with house.database.read() as session:
        found = campaigns.by_slug(session, "summer-tea")
    assert found is not None
    return found


def in_console(house: House, **values: Any) -> None:  # noqa: ANN401 (fields of a Spec)
    """Amy changes it in the console."""
    with house.database.write() as session:
        found = campaigns.by_slug(session, "summer-tea")
        assert found is not None
        spec = replace(campaigns.spec_of(found), **values)
        done = campaigns.change(
            session, "summer-tea", spec, found.revision, Doer(None, "amy"), "console", datetime.now(UTC)
        )
        assert isinstance(done, Changed), done


def apply(house: House, *words: str) -> Result:
    return run(house, "campaigns", "apply", *words)


def test_applying_a_campaign_file_twice_changes_nothing_the_second_time(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, CAMPAIGN)
    assert apply(house, file).output == "summer-tea: new\nsummer-tea: created\n"
    assert apply(house, file).output == "summer-tea: unchanged\n"
    changed = written(tmp_path, CAMPAIGN.replace("14 days", "7 days"))
    dry = apply(house, changed, "--dry-run").output
    assert dry == "summer-tea: differs\n  expires: 14 days after sending -> 7 days after sending\n"
    assert tea(house).revision == 1
    assert apply(house, changed).output == f"{dry}summer-tea: changed\n"
    shown = run(house, "campaigns", "show", "summer-tea").output
    assert "expires: 7 days after sending" in shown
    assert "sends from: 2026-01-01 00:00:00+08:00" in shown
    assert "sends until: 2030-12-31 23:59:59+08:00" in shown
    assert "status: running\nrevision: 2 (file)" in shown
    with house.database.read() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(one.action, one.actor) for one in entries] == [
        ("campaign.created", "flask"),
        ("campaign.changed", "flask"),
    ]


def test_pictures_of_files_are_drawn_while_nobody_waits(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody could redeem within a transaction that draws one."""
    within, redraw, drawn = 0, images.redrawn, list[tuple[str, int]]()

    @contextmanager
    def counted(self: Database) -> Iterator[Session]:
        nonlocal within
        within += 1
        with write(self) as session:
            yield session
        within -= 1

    def redrawn(content: bytes, name: str) -> images.Drawn:
        drawn.append((name, within))
        return redraw(content, name)

    write = Database.write
    monkeypatch.setattr(Database, "write", counted)
    monkeypatch.setattr(images, "redrawn", redrawn)
    for place, name in enumerate(("tea.jpg", "flow.jpg")):
        (tmp_path / name).write_bytes(png((64, 64 + place)))
    assert apply(house, written(tmp_path, CAMPAIGN + "image: tea.jpg\n")).exit_code == 0
    flow = "flow: hello\nlanguages: [en]\nstarts: [{words: hello}]\nsteps:\n  - say: {image: flow.jpg}\n"
    assert run(house, "flows", "publish", written(tmp_path, flow, "hello.yaml")).exit_code == 0
    assert drawn == [("tea.jpg", 0), ("flow.jpg", 0)]
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Image)) == 2


def test_a_file_says_all_that_a_campaign_is(house: House, tmp_path: Path) -> None:
    (tmp_path / "tea.jpg").write_bytes((Path(__file__).parents[2] / "demo" / "summer-tea.jpg").read_bytes())
    assert apply(house, written(tmp_path, WHOLE)).output == "summer-tea: new\nsummer-tea: created\n"
    found = campaigns.spec_of(tea(house))
    assert found.image_id is not None
    assert found == Spec(
        slug="summer-tea",
        name="夏日奶茶",
        instructions="第一行\n第二行",
        sends_from=datetime(2026, 1, 1, tzinfo=TAIPEI),
        sends_until=datetime(2030, 12, 31, 23, 59, 59, 999999, tzinfo=TAIPEI),
        expires_from="redemption",
        expires_after_seconds=90,
        shown_until=datetime(2031, 1, 31, 18, tzinfo=TAIPEI),
        redemption_limit=2,
        limit_by="contact",
        total_limit=500,
        image_id=found.image_id,
        barcode="code128",
        background_color="#FFFFFF",
        button_color="#112233",
        button_text_color="#FFFFFF",
        has_verify_button=True,
        used_in="store",
        products_url="https://shop.example/tea?a=1&b=2",
        sold_out_text="換完了",
        expired_text="過期了",
        translations={
            "en": {
                "name": "Summer tea",
                "instructions": "Show it.",
                "sold_out_text": "All gone",
                "expired_text": "Too late",
            },
            "ja": {"name": "夏のミルクティー"},
        },
        is_published=False,
    )
    folder = tmp_path / "out" / "campaigns"
    exported = run(house, "campaigns", "export", "--to", str(folder)).output.split()
    assert exported == [str(folder / "summer-tea.yaml"), str(folder / "summer-tea.jpg")]
    assert apply(house, exported[0]).output == "summer-tea: unchanged\n"
    assert "revision: 1" in Path(exported[0]).read_text(encoding="utf-8")
    with house.database.read() as session:
        assert session.scalars(select(Image.id)).all() == [found.image_id]


WRONG = [
    ("expires:", "expire:", 7, 1, "'expire' is not a field of a campaign; did you mean 'expires'?"),
    ("14 days after sending", "two weeks", 7, 10, "expected such as `7 days after sending`"),
    ("code128", "ean13", 8, 10, "expected one of qr, code39, code128"),
    ("summer-tea", "Summer Tea", 2, 11, "expected up to 64 of a-z"),
    ("name: 夏日奶茶", "name: 12", 3, 7, "'name' is 12; expected a text (put it in quotes)"),
    ("2030-12-31", "2020-12-31", 6, 14, "ends before it begins"),
    ("2026-01-01", "soon", 5, 13, "expected a date or time"),
    ("2026-01-01", "2026-13-45", 5, 13, "expected a date or time"),
    ("2026-01-01", "!!timestamp x", 5, 13, "expected a date or time"),
    ("name: 夏日奶茶", "name: [", 5, 11, "is not readable YAML"),
    ("name: 夏日奶茶", "name:", 2, 1, "'name' is missing"),
    ("name: 夏日奶茶", "name: a\nname: b", 4, 1, "'name' is there twice"),
    ("instructions: Show it.", "image: nothere.png", 4, 8, "'nothere.png' cannot be read"),
    ("instructions: Show it.", "image: campaign.yaml", 4, 8, "JPEG"),
    ("instructions: Show it.", "total limit: many", 4, 14, "expected a whole number"),
    ("instructions: Show it.", "total limit: 0", 4, 14, "expected 1 or more"),
    ("instructions: Show it.", "verify button: maybe", 4, 16, "expected true or false"),
    ("instructions: Show it.", "published: 1", 4, 12, "expected true or false"),
    ("instructions: Show it.", "product list: shop", 4, 15, "begins with https://"),
    ("instructions: Show it.", "in other languages: en", 4, 21, "expected such as `en: {name: Iced tea}`"),
    ("instructions: Show it.", "in other languages:\n  fr: {name: Thé}", 5, 7, "expected one of zh-TW, en, ja, th"),
    ("instructions: Show it.", "in other languages:\n  en: {nam: Tea}", 5, 8, "did you mean 'name'?"),
    ("instructions: Show it.", "in other languages:\n  en: {name: 1}", 5, 14, "expected a text"),
    ("instructions: Show it.", "shown until: 2029-01-01", 4, 14, "before the sending period's end"),
    ("instructions: Show it.", "revision: first", 4, 11, "expected a whole number"),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "words"), WRONG, ids=[one[1] for one in WRONG])
def test_a_mistake_in_a_campaign_file_is_named_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, column: int, words: str
) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text(CAMPAIGN.replace(old, new), encoding="utf-8")
    with pytest.raises(campaign_file.FileError) as wrong:
        campaign_file.read(file, TAIPEI)
    assert any(words in str(one) for one in wrong.value.mistakes)
    first = next(one for one in wrong.value.mistakes if words in str(one))
    assert (first.line, first.column) == (line, column)
    assert first.message.zh != first.message.en


NO_FILES = ["", "# nothing\n", "- a\n", "---\n---\n", "\x00", "a: &a [*a]\n"]


@pytest.mark.parametrize("text", NO_FILES)
def test_what_is_no_campaign_file_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "campaign.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(campaign_file.FileError):
        campaign_file.read(file, TAIPEI)


def test_all_mistakes_of_all_files_are_said_at_once_and_nothing_is_created(house: House, tmp_path: Path) -> None:
    good = written(tmp_path, CAMPAIGN.replace("summer-tea", "winter-tea"), "good.yaml")
    bad = written(tmp_path, f"{CAMPAIGN.replace('code128', 'ean13')}---\ncampaign: x\nname: ''\n", "bad.yaml")
    twice = written(tmp_path, CAMPAIGN.replace("summer-tea", "winter-tea"), "twice.yaml")
    result = apply(house, good, bad, twice, "--language", "en")
    assert result.exit_code == 1
    for words in (
        f"{bad}:8:10: error: barcode is",
        f"{bad}:10:1: error: 'expires' is missing",
        f"{bad}:11:7: error: there is no name yet",
    ):
        assert words in result.output
    assert "The campaign 'winter-tea' is there twice." in result.output
    assert "活動「winter-tea」出現了兩次。" in apply(house, good, bad, twice, "--language", "zh").output
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_what_was_changed_in_the_console_is_not_lost_silently(house: House, tmp_path: Path) -> None:
    file = written(tmp_path, CAMPAIGN)
    apply(house, file)
    in_console(house, name="Iced tea")
    kept = apply(house, file, "--language", "en")
    assert kept.exit_code == 1
    assert "  name: Iced tea -> 夏日奶茶" in kept.output
    assert "amy changed it in the console on" in kept.output
    assert f"flask campaigns apply {file} --overwrite" in kept.output
    assert "在後台改過" in apply(house, file, "--language", "zh").output
    assert (tea(house).name, tea(house).revision) == ("Iced tea", 2)
    exported = run(house, "campaigns", "export", "summer-tea", "--to", str(tmp_path)).output.split()[0]
    text = Path(exported).read_text(encoding="utf-8")
    newer = written(tmp_path, text.replace("name: Iced tea", "name: Hot tea"), "newer.yaml")
    assert apply(house, newer).output.endswith("summer-tea: changed\n")
    again = written(tmp_path, text.replace("name: Iced tea", "name: Hot tea!"), "newer.yaml")
    assert apply(house, again).exit_code == 0  # the file was written from revision 2, and only files came since
    assert apply(house, exported).exit_code == 0
    in_console(house, name="Jasmine tea")
    assert apply(house, again).exit_code == 1  # the console came since
    assert tea(house).name == "Jasmine tea"
    assert apply(house, again, "--overwrite").output.endswith("summer-tea: changed\n")
    assert (tea(house).name, tea(house).changed_in) == ("Hot tea!", "file")


def test_a_campaign_made_in_the_console_is_not_lost_either(house: House, tmp_path: Path) -> None:
    with house.database.write() as session:
        campaigns.create(session, cast.TEA, Doer(None, "amy"), "console", datetime.now(UTC))
    assert apply(house, written(tmp_path, CAMPAIGN)).exit_code == 1
    assert campaigns.spec_of(tea(house)) == cast.TEA


def test_what_stands_against_a_change_is_shown_and_all_stays(house: House, tmp_path: Path) -> None:
    other = CAMPAIGN.replace("summer-tea", "winter-tea")
    apply(house, written(tmp_path, f"{CAMPAIGN}---{other}"))
    run(house, "packs", "fixed", "summer-tea", "FNA5841", "5")
    with house.database.write() as session:
        cast.sent(session, cast.MEI, datetime.now(UTC))
    text = f"{CAMPAIGN.replace('code128', 'qr').replace('14 days', '7 days')}---{other.replace('14 days', '7 days')}"
    result = apply(house, written(tmp_path, text), "--language", "en")
    assert result.exit_code == 1
    assert "  refused: barcode cannot change once the campaign has serials" in result.output
    assert "  means: 1 coupons already sent keep their date" in result.output
    with house.database.read() as session:
        assert set(session.scalars(select(Campaign.expires_after_seconds))) == {14 * 86_400}
        assert set(session.scalars(select(Campaign.revision))) == {1}


@pytest.mark.parametrize(("answer", "name"), [("n", "夏日奶茶"), ("y", "Iced tea")])
def test_on_a_terminal_one_is_asked_first(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, name: str
) -> None:
    apply(house, written(tmp_path, CAMPAIGN))
    file = written(tmp_path, CAMPAIGN.replace("夏日奶茶", "Iced tea").replace("Show it.", "Show it.\\n"))
    monkeypatch.setattr("commands.campaigns.is_terminal", lambda: True)
    runner = house.app.test_cli_runner()
    asked = runner.invoke(args=["campaigns", "apply", file, "--language", "en"], input=f"{answer}\n")
    assert "Apply to 1 campaigns? [y/N]" in asked.output
    assert tea(house).name == name
    assert "[y/N]" not in apply(house, file, "--yes").output


def test_texts_of_several_lines_are_shown_line_by_line(house: House, tmp_path: Path) -> None:
    two = CAMPAIGN.replace("instructions: Show it.", "instructions: |\n  Show it.\n  Once.")
    apply(house, written(tmp_path, two))
    more = two.replace("Once.", "Twice.") + "in other languages: {en: {name: Tea}}\n"
    output = apply(house, written(tmp_path, more), "--dry-run").output
    assert "  instructions:\n    - Once.\n    + Twice.\n  en: name: - -> Tea\n" in output


def test_the_list_has_the_counted_figures_and_says_where_counting_is_behind(house: House, now: datetime) -> None:
    with house.database.write() as session:
        cast.campaign(session, now, replace(cast.TEA, total_limit=2), 9)
        token, _ = (cast.sent(session, who, now) for who in (cast.MEI, cast.ALEX))
    cast.redeem(house.database, token, now)
    assert "Counting has not come through for the first time" in run(house, "campaigns", "list").output
    cast.count(house.database, now)
    output = run(house, "campaigns", "list").output
    assert output.splitlines()[-1].split() == ["summer-tea", "running", "2", "1", "1", "0", "1"], output
    with house.database.write() as session:
        cast.sent(session, cast.EVE, now)
    assert "Counted up to" in run(house, "campaigns", "list").output


def test_campaigns_are_listed_ended_and_archived(house: House, tmp_path: Path) -> None:
    apply(house, written(tmp_path, CAMPAIGN))
    assert "End it first: flask campaigns end summer-tea" in run(house, "campaigns", "archive", "summer-tea").output
    for word, status in (("end", "ended"), ("archive", "archived"), ("unarchive", "ended"), ("resume", "running")):
        assert run(house, "campaigns", word, "summer-tea").exit_code == 0
        assert f"summer-tea               {status}" in run(house, "campaigns", "list").output
    run(house, "campaigns", "end", "summer-tea")
    run(house, "campaigns", "archive", "summer-tea")
    assert "Take it out first" in run(house, "campaigns", "resume", "summer-tea").output
    assert "There is no campaign 'none'. There are: summer-tea." in run(house, "campaigns", "archive", "none").output
    assert "There is no campaign 'none'" in run(house, "campaigns", "export", "none").output


PLAIN = some.text(
    some.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"], include_characters="\n"), max_size=40
)
LINE = PLAIN.map(lambda text: " ".join(text.split())).filter(bool)
MOMENT = some.none() | some.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=some.just(UTC))  # noqa: DTZ001
COLOR = some.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True)
TEXTS = some.fixed_dictionaries({}, optional={name: LINE if name == "name" else PLAIN for name in TRANSLATED})
SPECS = some.builds(
    Spec,
    slug=some.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True),
    name=LINE,
    instructions=PLAIN,
    sends_from=MOMENT,
    sends_until=MOMENT,
    expires_from=some.sampled_from(["sending", "redemption"]),
    expires_after_seconds=some.integers(1, 3_650 * 86_400),
    shown_until=MOMENT,
    redemption_limit=some.integers(1, 1_000),
    limit_by=some.sampled_from(["person", "contact"]),
    total_limit=some.none() | some.integers(1, 10**9),
    image_id=some.none(),
    barcode=some.sampled_from(campaigns.BARCODES),
    background_color=COLOR,
    button_color=COLOR,
    button_text_color=COLOR,
    has_verify_button=some.booleans(),
    used_in=some.sampled_from(["store", "online", "both"]),
    products_url=some.none() | some.just("https://shop.example/#a: b"),
    language=some.sampled_from([*LANGUAGES]),
    sold_out_text=PLAIN,
    expired_text=PLAIN,
    translations=some.dictionaries(some.sampled_from([*LANGUAGES]), TEXTS),
    is_published=some.booleans(),
).map(tidied)


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(spec=SPECS.filter(lambda spec: not campaigns.check_all(spec)))
def test_whatever_a_campaign_is_its_file_says_the_same(tmp_path_factory: pytest.TempPathFactory, spec: Spec) -> None:
    file = tmp_path_factory.getbasetemp() / "round.yaml"
    file.write_text(text_of(Campaign(**vars(spec), revision=7), None, TAIPEI), encoding="utf-8")
    (entry,) = campaign_file.read(file, TAIPEI)
    assert (entry.spec, entry.revision) == (spec, 7)


def test_a_picture_that_cannot_be_used_is_named_by_the_file(tmp_path: Path) -> None:
    (tmp_path / "tea.jpg").write_bytes(b"x" * images.MAX_BYTES)
    file = tmp_path / "campaign.yaml"
    file.write_text(f"{CAMPAIGN}image: tea.jpg\n", encoding="utf-8")
    with pytest.raises(campaign_file.FileError, match=r"campaign.yaml:9:8: error: tea.jpg has 1,000,000 bytes"):
        campaign_file.read(file, TAIPEI)
