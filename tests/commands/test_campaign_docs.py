"""docs/campaigns.md has what campaigns and their files have."""

import re
from pathlib import Path

import pytest

from commands import campaign_file
from commands import campaign_words as words
from core.campaigns import Status
from core.campaigns.effects import REFUSALS, RULES
from tests.commands import test_campaigns
from tests.commands.test_commands import CAMPAIGN
from tests.core.campaigns import test_checks

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "campaigns.md").read_text(encoding="utf-8")
SAYING = (
    "core/campaigns/checks.py",
    "core/campaigns/stores.py",
    "commands/campaign_file.py",
    "commands/campaign_values.py",
)


def first_column(heading: str) -> set[str]:
    """The words of the first column of the table that follows."""
    rows = PAGE.split(f"\n{heading}")[1].split("\n| --- ")[1].split("\n\n")[0].splitlines()[1:]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_field_of_a_file_is_on_the_page_and_no_other() -> None:
    assert first_column("## Every field") == {*words.ORDER, words.REVISION}


def test_every_status_is_on_the_page() -> None:
    assert first_column("## From an idea to the archive") == set(Status)


def test_every_consequence_is_on_the_page() -> None:
    assert first_column("What a change means") == {rule.code for rule in (*REFUSALS, *RULES)} | {"page_shows_it"}


def test_every_mistake_is_on_the_page_and_no_other(tmp_path: Path) -> None:
    found = {one[2] for one in test_checks.WRONG} | {"sending_period_backwards", "shown_until_too_early"}
    file = tmp_path / "campaign.yaml"
    wrong = [CAMPAIGN.replace(old, new) for old, new, *_ in test_campaigns.WRONG]
    for text in (*wrong, *test_campaigns.NO_FILES, "x" * (campaign_file.LARGEST + 1)):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(campaign_file.FileError) as said:
            campaign_file.read(file, test_campaigns.TAIPEI, ["Xinyi"])
        found |= {one.message.code for one in said.value.mistakes}
    assert first_column("## Mistakes") == found
    source = "".join((ROOT / name).read_text(encoding="utf-8") for name in SAYING)
    assert [code for code in found if f'"{code}"' not in source] == []
