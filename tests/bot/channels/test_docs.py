"""docs/channels.md says the numbers that the code holds to, and the reasons it gives."""

from pathlib import Path

from bot.channels import CHANNELS, line, messenger
from bot.channels.line.errors import TOO_MANY
from bot.channels.line.limits import MENU_LIMITS
from bot.channels.messenger import errors, versions
from bot.channels.messenger.limits import PROFILE_LIMITS

PAGE = (Path(__file__).parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
UNITS = {
    "utf16": " UTF-16",
    "graphemes": " graphemes",
    "bytes": " bytes",
    "items": "",
    "requests a second": " a second",
}


def test_every_limit_is_in_the_docs_with_its_number() -> None:
    rows = {row.split("`")[1]: row.split("|")[1:4] for row in PAGE.splitlines() if row.startswith("| `")}
    for column, channel in enumerate(CHANNELS.values(), start=1):
        for name, limit in channel.LIMITS.items():
            assert rows[name][column].strip().startswith(f"{limit.size:,}{UNITS[limit.unit]}"), name


def test_every_rate_is_in_the_docs_with_its_source() -> None:
    rows = {row.split("`")[1]: row for row in PAGE.splitlines() if row.startswith("| `")}
    for channel, rates in {"LINE": line.RATES, "Messenger": messenger.RATES}.items():
        for name, limit in rates.items():
            _, _, size, source, _, _ = rows[f"{channel} {name}"].split("|")
            assert size.strip() == f"{limit.size:,}{UNITS[limit.unit]}", name
            assert f"<{limit.source}>, {limit.as_of}" in source, name


def test_every_limit_of_what_is_set_up_once_is_in_the_docs() -> None:
    rows = {row.split("`")[1]: row for row in PAGE.splitlines() if row.startswith("| `")}
    for channel, limits in {"LINE": MENU_LIMITS, "Messenger": PROFILE_LIMITS}.items():
        for name, limit in limits.items():
            _, _, size, source, _ = rows[f"{channel} {name}"].split("|")
            assert size.strip().startswith(f"{limit.size:,}{UNITS[limit.unit]}"), name
            assert str(limit.as_of) in source, name
            assert (f"<{limit.source}>" if limit.source else "no source") in source, name


def test_every_429_of_line_is_in_the_docs_with_its_source() -> None:
    rows = [row for row in PAGE.lower().splitlines() if row.startswith('| "')]
    for each in TOO_MANY:
        (row,) = [row for row in rows if each.words in row.split("|")[1]]
        assert each.source in row
        assert str(each.as_of) in row or "no longer" in row


def test_every_version_of_the_graph_api_is_in_the_docs_with_its_end() -> None:
    assert [version for version, end in versions.ENDS.items() if f"{version} {end}" not in PAGE] == []


def test_every_code_of_messengers_errors_is_in_the_docs() -> None:
    table = PAGE.split("### Messenger")[1].split("### Profiles")[0]
    missing = [code for code in (*errors.SUBCODES, *errors.CODES) if str(code) not in table]
    assert missing == []
