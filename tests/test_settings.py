from datetime import timedelta
from pathlib import Path

import pytest

import settings
from core import flow_figures
from settings import SettingsError


def load(tmp_path: Path, **given: str) -> settings.Settings:
    return settings.load({"VAR_DIR": str(tmp_path), **given})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found.public_url == "http://localhost:8000"
    assert found.sqlalchemy_url == f"sqlite:///{tmp_path}/tessera.sqlite3"
    assert found.redis_url == f"unix://{tmp_path}/valkey.sock"
    assert found.line_api_url == "https://api.line.me"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "80a", "PORT is '80a'; it must be a whole number."),
        ("PORT", "70000", "between 1 and 65535"),
        ("SHOP_TIMEZONE", "Taipei", "an IANA time zone such as Asia/Taipei"),
        ("SHOP_TIMEZONE", "../../etc/passwd", "an IANA time zone"),
        ("SIMULATOR", "maybe", "must be 1 or 0"),
        ("PUBLIC_URL", "shop.example", "whole http or https address"),
        ("DATABASE_URL", "mysql://x", "must begin with postgresql://"),
        ("REDIS_URL", "localhost:6379", "must begin with redis://"),
        ("LOG_FORMAT", "xml", "must be json or console"),
        ("METRICS_TOKEN", "short", "METRICS_TOKEN must be 16 or more of"),
        ("METRICS_TOKEN", "no header can=hold this", "METRICS_TOKEN must be 16 or more of"),
        ("TRUSTED_PROXIES", "-1", "must be 0 or more"),
        ("FLOW_TURNS_DAYS", "30", "FLOW_TURNS_DAYS is 30; it must be between 31 and 36500."),
        ("FLOW_TURNS_DAYS", "999999999", "must be between 31 and 36500"),
        ("SESSION_IDLE_HOURS", "0", "the first must be 1 or more"),
        (
            "SESSION_IDLE_HOURS",
            "200",
            "SESSION_LONGEST_HOURS is 168; the first must be 1 or more, and the second not less",
        ),
        ("SMTP_URL", "mail.example", "must begin with smtp:// or smtps://"),
        ("SMTP_URL", "smtp://", "and name a host"),
        ("SMTP_URL", "smtp://mail.example", "MAIL_FROM is ''; with SMTP_URL it must be an e-mail address."),
        ("LINE_RATE", "2", "LINE_RATE is 2; it must be 3 or more."),
        ("MESSENGER_VIDEO_RATE", "0", "it must be 3 or more"),
        ("LINE_CHANNEL_SECRET_FILE", "/nowhere", "LINE_CHANNEL_SECRET_FILE names /nowhere, which cannot be read"),
    ],
)
def test_a_value_that_cannot_be_right_stops_the_start_and_is_named(
    tmp_path: Path,
    name: str,
    value: str,
    words: str,
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, **{name: value})
    assert words in str(caught.value)


def test_what_the_console_counts_is_kept_until_it_is_counted() -> None:
    assert timedelta(days=min(settings.FLOW_TURNS_DAYS)) >= flow_figures.COUNTED


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n", encoding="utf-8")
    assert load(tmp_path, LINE_CHANNEL_SECRET_FILE=str(tmp_path / "secret")).line_channel_secret == "hush"


def test_the_machines_own_key_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) > 40
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_commands_speak_the_language_of_the_environment(tmp_path: Path, given: dict[str, str], language: str) -> None:
    assert load(tmp_path, **given).language == language


def test_a_folder_for_customers_data_is_its_owners_alone(tmp_path: Path) -> None:
    settings.load({"VAR_DIR": str(tmp_path / "var")})
    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("given", ["postgres://u:p@h/d", "postgresql://u:p@h/d"])
def test_both_spellings_of_postgresql_use_psycopg_3(tmp_path: Path, given: str) -> None:
    assert load(tmp_path, DATABASE_URL=given).sqlalchemy_url == "postgresql+psycopg://u:p@h/d"


def test_a_deep_folder_does_not_make_the_sockets_path_too_long(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(str(load(deep).valkey_socket)) <= 100
    assert load(deep).redis_url == f"unix://{load(deep).valkey_socket}"
