"""docs/channels.md says the numbers that the code holds to, and the reasons it gives."""

from pathlib import Path

from bot.channels import CHANNELS
from bot.channels.messenger import errors

PAGE = (Path(__file__).parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
UNITS = {"utf16": " UTF-16", "graphemes": " graphemes", "items": ""}


def test_every_limit_is_in_the_docs_with_its_number() -> None:
    rows = {row.split("`")[1]: row.split("|")[1:4] for row in PAGE.splitlines() if row.startswith("| `")}
    for column, channel in enumerate(CHANNELS.values(), start=1):
        for name, limit in channel.LIMITS.items():
            assert rows[name][column].strip().startswith(f"{limit.size:,}{UNITS[limit.unit]}"), name


def test_every_code_of_messengers_errors_is_in_the_docs() -> None:
    table = PAGE.split("### Messenger")[1].split("### Profiles")[0]
    missing = [code for code in (*errors.SUBCODES, *errors.CODES) if str(code) not in table]
    assert missing == []
