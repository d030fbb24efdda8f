"""Every environment variable that Tessera reads: type, default and help. The only module that looks at the environment.

A value that cannot be right stops the start with a sentence that names the variable. A secret may come from a file:
`NAME_FILE=/run/secrets/name` stands for `NAME`.
"""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

TAIPEI = ZoneInfo("Asia/Taipei")
VAR = Path("var")
FLOW_TURNS_DAYS = range(31, 36_501)  # the console counts the last 30, up to the minute; a calendar ends somewhere
SERIALS_FILE_MB = range(1, 1_001)
BEARER = re.compile(r"[A-Za-z0-9._~+/-]{16,}=*")  # RFC 6750, and long enough that nobody guesses it
SLOWEST_API_RATE = 10  # requests a minute; with fewer no counter gets through a queue
SLOWEST_RATE = 3  # requests a second; slower ones would wait longer than anybody holds a message on its way
LONGEST_SOCKET_PATH = 100  # bytes; Linux takes 107, macOS 103


class SettingsError(ValueError):
    """A setting that cannot be right; the message names it, what was found and what is expected."""


def _setting(default: Any, help_text: str, *, is_secret: bool = False) -> Any:  # noqa: ANN401 (a dataclass field)
    return field(default=default, metadata={"help": help_text, "secret": is_secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says, checked. Field names are the variables' names in lower case."""

    database_url: str = _setting("", "PostgreSQL URL; empty: SQLite in VAR_DIR", is_secret=True)
    postgres_bin: str = _setting("", "the folder of pg_dump and pg_restore; empty: they are found on PATH")
    redis_url: str = _setting(
        "", "Redis or Valkey URL; empty: the socket of the server that `flask demo` starts in VAR_DIR", is_secret=True
    )
    secret_key: str = _setting("", "signs sessions; empty: made once and kept in VAR_DIR/secret_key", is_secret=True)
    public_url: str = _setting(
        "", "where customers reach this server, https in production; empty: http://localhost:PORT"
    )
    port: int = _setting(8000, "the port the web server listens on")
    var_dir: Path = _setting(VAR, "data of a single machine: SQLite, Valkey, logs")
    shop_name: str = _setting("Tessera", "the shop's name, as customers know it")
    shop_timezone: ZoneInfo = _setting(TAIPEI, "the shop's time zone, an IANA name")
    trusted_proxies: int = _setting(0, "how many reverse proxies in front set X-Forwarded-* headers")
    lc_all: str = _setting("", "the language of what commands say of flows: zh_TW.UTF-8 Chinese, else English")
    lang: str = _setting("", "the same where LC_ALL is empty")
    log_format: str = _setting("json", "json (one object a line) or console (for people)")
    flow_turns_days: int = _setting(
        90, "for how many days it is kept which steps of flows ran, 31 or more; the console counts those of the last 30"
    )
    session_idle_hours: int = _setting(12, "hours without a request after which people log in again")
    session_longest_hours: int = _setting(168, "hours after which they do so in any case")
    smtp_url: str = _setting(
        "", "the mail server, smtp://USER:PASSWORD@HOST:587 or smtps://...:465; empty: no mail is sent", is_secret=True
    )
    mail_from: str = _setting("", "the address that mails come from; needed with SMTP_URL")
    serials_file_mb: int = _setting(
        10, "a file of serials uploaded or imported must be smaller, in megabytes; a million codes are 11 to 20"
    )
    api_rate: int = _setting(1200, "requests a minute that are taken of one key of a POS machine")
    webhooks_inside: bool = _setting(
        False, "1 lets outgoing webhooks go to private addresses, by http as well; for a receiver in the shop's network"
    )
    metrics_token: str = _setting(
        "", "opens /metrics to `Authorization: Bearer` with this; empty: there is no such page", is_secret=True
    )
    simulator: bool = _setting(False, "1 mounts the phone simulator and the platform stand-ins; never in production")
    line_channel_secret: str = _setting("", "signs LINE's webhooks", is_secret=True)
    line_channel_access_token: str = _setting("", "lets the bot send in LINE", is_secret=True)
    line_api_url: str = _setting("https://api.line.me", "where LINE's API is; tests and the demo point it elsewhere")
    line_rate: int = _setting(2000, "requests a second to LINE: replies, and the same number of pushes")
    messenger_app_secret: str = _setting("", "signs Messenger's webhooks and our calls", is_secret=True)
    messenger_page_token: str = _setting("", "lets the bot send as the Facebook Page", is_secret=True)
    messenger_page_id: str = _setting("", "the Facebook Page's id; what happens on other Pages of the app is left out")
    messenger_verify_token: str = _setting("", "the word agreed for Messenger's webhook handshake", is_secret=True)
    messenger_api_url: str = _setting(
        "https://graph.facebook.com", "where the Graph API is; tests and the demo point it elsewhere"
    )
    messenger_api_version: str = _setting("v25.0", "the Graph API version; v25.0 lives until 2028-07-29")
    messenger_rate: int = _setting(300, "requests a second to Messenger, but for videos")
    messenger_video_rate: int = _setting(10, "videos a second to Messenger")

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL in SQLAlchemy's form: psycopg 3 for PostgreSQL, else SQLite in `var_dir`."""
        if not self.database_url:
            return f"sqlite:///{self.var_dir.absolute() / 'tessera.sqlite3'}"
        return self.database_url.replace("postgres://", "postgresql://", 1).replace(
            "postgresql://", "postgresql+psycopg://", 1
        )

    @property
    def language(self) -> str:
        """'zh' or 'en': what a command's reader understands, by the environment."""
        return "zh" if (self.lc_all or self.lang).lower().startswith("zh") else "en"

    @property
    def valkey_socket(self) -> Path:
        """The socket of the demo's own Valkey: in `var_dir`, unless its path were too long for a socket."""
        path = self.var_dir.absolute() / "valkey.sock"
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return path
        return Path(tempfile.gettempdir()) / f"tessera-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}.sock"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (the process's own where none is given).

    Raises:
        SettingsError: naming the first variable that cannot be right.
    """
    source = dict(os.environ if environ is None else environ)  # noqa: TID251 (the one place)
    given: dict[str, Any] = {
        f.name: _read(source, f.name.upper(), f.default) for f in fields(Settings) if _is_given(source, f.name.upper())
    }
    settings = Settings(**given)
    _check(settings)
    given.setdefault("public_url", f"http://localhost:{settings.port}")
    given["public_url"] = given["public_url"].rstrip("/")
    given["redis_url"] = given.get("redis_url") or f"unix://{settings.valkey_socket}"
    given["secret_key"] = given.get("secret_key") or _kept_secret(settings.var_dir)
    return Settings(**given)


def _is_given(source: Mapping[str, str], name: str) -> bool:
    return bool(source.get(name)) or bool(source.get(name + "_FILE"))


def _read(source: Mapping[str, str], name: str, default: object) -> object:
    raw = source.get(name) or _from_file(name, source[name + "_FILE"])
    try:
        return _convert(raw.strip(), default)
    except (ValueError, ZoneInfoNotFoundError) as error:
        expected = {bool: "1 or 0", int: "a whole number", ZoneInfo: "an IANA time zone such as Asia/Taipei"}[
            type(default)
        ]
        raise SettingsError(f"{name} is {raw!r}; it must be {expected}.") from error


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{name}_FILE names {path}, which cannot be read: {error.strerror}.") from error


def _convert(raw: str, default: object) -> object:
    if isinstance(default, bool):
        if raw.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise ValueError(raw)
        return raw.lower() in {"1", "true", "yes"}
    if isinstance(default, int):
        return int(raw)
    if isinstance(default, Path):
        return Path(raw)
    return ZoneInfo(raw) if isinstance(default, ZoneInfo) else raw


def _check(settings: Settings) -> None:
    _check_numbers(settings)
    _check_addresses(settings)
    if settings.log_format not in {"json", "console"}:
        raise SettingsError(f"LOG_FORMAT is {settings.log_format!r}; it must be json or console.")
    if settings.metrics_token and not BEARER.fullmatch(settings.metrics_token):
        raise SettingsError(
            "METRICS_TOKEN must be 16 or more of A-Z, a-z, 0-9 and - . _ ~ + /, as openssl rand -hex makes."
        )


def _check_numbers(settings: Settings) -> None:
    if not 1 <= settings.port <= 65535:  # noqa: PLR2004 (the range of TCP ports)
        raise SettingsError(f"PORT is {settings.port}; it must be between 1 and 65535.")
    if settings.trusted_proxies < 0:
        raise SettingsError(f"TRUSTED_PROXIES is {settings.trusted_proxies}; it must be 0 or more.")
    if settings.flow_turns_days not in FLOW_TURNS_DAYS:
        raise SettingsError(f"FLOW_TURNS_DAYS is {settings.flow_turns_days}; it must be between 31 and 36500.")
    if not 1 <= settings.session_idle_hours <= settings.session_longest_hours:
        raise SettingsError(
            f"SESSION_IDLE_HOURS is {settings.session_idle_hours} and SESSION_LONGEST_HOURS is"
            f" {settings.session_longest_hours}; the first must be 1 or more, and the second not less."
        )
    if settings.serials_file_mb not in SERIALS_FILE_MB:
        raise SettingsError(f"SERIALS_FILE_MB is {settings.serials_file_mb}; it must be between 1 and 1000.")
    if settings.api_rate < SLOWEST_API_RATE:
        raise SettingsError(f"API_RATE is {settings.api_rate}; it must be {SLOWEST_API_RATE} or more.")
    for name in ("line_rate", "messenger_rate", "messenger_video_rate"):
        if (rate := getattr(settings, name)) < SLOWEST_RATE:
            raise SettingsError(f"{name.upper()} is {rate}; it must be {SLOWEST_RATE} or more.")


def _check_addresses(settings: Settings) -> None:
    for name in ("public_url", "line_api_url", "messenger_api_url"):
        url = getattr(settings, name)
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc):
            raise SettingsError(f"{name.upper()} is {url!r}; it must be a whole http or https address.")
    scheme = urlsplit(settings.sqlalchemy_url).scheme
    if scheme not in {"sqlite", "postgresql+psycopg"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// (or be empty, for SQLite in VAR_DIR).")
    if settings.smtp_url and (
        urlsplit(settings.smtp_url).scheme not in {"smtp", "smtps"} or not urlsplit(settings.smtp_url).hostname
    ):
        raise SettingsError("SMTP_URL must begin with smtp:// or smtps:// and name a host.")
    if settings.smtp_url and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", settings.mail_from):
        raise SettingsError(f"MAIL_FROM is {settings.mail_from!r}; with SMTP_URL it must be an e-mail address.")
    if settings.redis_url and urlsplit(settings.redis_url).scheme not in {"redis", "rediss", "unix"}:
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://.")


def _kept_secret(var_dir: Path) -> str:
    """A key of this machine's own, made once: sessions outlive a restart without anybody setting a key.

    Written aside and linked into place, so that of several processes starting at once all read the same whole key.
    """
    path, draft = var_dir / "secret_key", var_dir / f"secret_key.{os.getpid()}"
    try:
        var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds customers' data
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48), encoding="utf-8")
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"SECRET_KEY is not set and none can be kept in {path}: {error.strerror}.") from error


def with_environment(changes: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `changes`, for a program that is started from it."""
    return {**os.environ, **changes}  # noqa: TID251 (the one place)
